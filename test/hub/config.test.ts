import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { faultLine } from '../../agent/core/config/read.ts';
import { readHubConfig } from '../../hub/config.ts';
import { makeHubKeys } from '../../hub/keys.ts';
import { readIdentity } from '../../hub/unseal-key.ts';
import { sealer } from '../../protocol/seal.ts';
import { readSigningKey, readVerifyingKey, sign, verify } from '../../protocol/sign.ts';

const run = promisify(execFile);
const test = suite<{ dir: string }>('hub configuration and keys');
test.before.each(async (context) => {
  context.dir = await mkdtemp(join(tmpdir(), 'matlang-hub-'));
});
test.after.each(({ dir }) => rm(dir, { recursive: true, force: true }));

test('paths begin at the file; the embedded broker is spoken to in 3.1.1, another in 5 unless told otherwise', () => {
  const read = readHubConfig('commune: xa-thu\n', '/etc/matlang/hub.yaml');
  if (!read.ok) throw new Error('refused');
  assert.equal(
    [read.config.dataDir, read.config.keysDir, read.config.mqtt],
    ['/etc/matlang/data', '/etc/matlang/keys', 4],
  );
  const other = readHubConfig('commune: xa-thu\nbroker: mqtt://10.0.0.5:1883\ndataDir: /srv/hub\n', 'hub.yaml');
  if (!other.ok) throw new Error('refused');
  assert.equal([other.config.dataDir, other.config.mqtt], ['/srv/hub', 5]);
});

test('every fault is told at once, with its place and its rule', () => {
  const text = 'commune: Xã Thử\nlisten:\n  host: 0.0.0.0\n  port: 99999\nbroker: http://x\nbrokr: embedded\n';
  const read = readHubConfig(text, 'hub.yaml');
  assert.equal(read.ok ? [] : read.faults.map((fault) => faultLine(fault)), [
    'hub.yaml:1:10 commune: must be 1 to 32 of a-z, 0-9 and -, beginning and ending with a letter or digit, not "Xã Thử"',
    'hub.yaml:3:9 listen.host: must be one of 127.0.0.1, ::1, localhost, not "0.0.0.0"',
    'hub.yaml:4:9 listen.port: must be 0 to 65535, not 99999',
    'hub.yaml:5:9 broker: must be embedded, or begin with mqtt:// or mqtts://, not "http://x"',
    'hub.yaml:6:1 brokr: unknown key; did you mean broker?',
  ]);
});

test('keys are made once, private ones for the owner alone, and work with age and openssl', async ({ dir }) => {
  const keys = await makeHubKeys(join(dir, 'hub'));
  for (const path of [keys.signingKey, keys.unsealKey]) assert.is((await stat(path)).mode & 0o777, 0o600, path);
  const error = await makeHubKeys(join(dir, 'hub')).catch((thrown: unknown) => thrown);
  assert.match(String(error), /EEXIST/);

  const recipients = (await readFile(keys.recipients, 'utf8')).trim().split('\n');
  assert.is(recipients.length, 2);
  const sealed = join(dir, 'sealed.age');
  await writeFile(sealed, sealer(recipients).seal(Buffer.from('chào')));
  const safe = join(dir, 'from-the-safe.txt');
  await writeFile(safe, keys.escrow);
  for (const key of [keys.unsealKey, safe]) {
    assert.is((await run('age', ['-d', '-i', key, sealed])).stdout, 'chào');
    assert.match(readIdentity(await readFile(key, 'utf8')) ?? '', /^AGE-SECRET-KEY-1/);
  }
  assert.match((await run('openssl', ['pkey', '-in', keys.signingKey, '-noout', '-text'])).stdout, /ED25519/);
  const jws = await sign(
    '{}',
    'matlang-receipt',
    'hub:x',
    await readSigningKey(await readFile(keys.signingKey, 'utf8')),
  );
  const checked = await verify(jws, 'matlang-receipt', await readVerifyingKey(await readFile(keys.publicKey, 'utf8')));
  assert.ok(checked.ok);
});

test('the example configuration is one', async () => {
  const text = await readFile(new URL('../../hub/hub.example.yaml', import.meta.url), 'utf8');
  assert.ok(readHubConfig(text, 'hub.yaml').ok);
});

test.run();
