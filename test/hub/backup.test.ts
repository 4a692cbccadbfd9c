// A hub is backed up while it works, lost, and brought back on a machine that has nothing of it: by the passphrase, and by the escrow key alone.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { openFolder } from '../../cli/verify/folder.ts';
import { disk } from '../../hal/disk.ts';
import { openAudit } from '../../hub/audit.ts';
import { backup } from '../../hub/backup/backup.ts';
import { restore, type Secret } from '../../hub/backup/restore.ts';
import { openCatalog } from '../../hub/catalog.ts';
import { readCatalog } from '../../hub/catalog-read.ts';
import { readHubConfig } from '../../hub/config.ts';
import { judge } from '../../hub/custody/custody.ts';
import { keyRing, readKey } from '../../hub/custody/keys.ts';
import { readIdentity } from '../../hub/unseal-key.ts';
import { opener } from '../../protocol/open.ts';
import { readSigningKey } from '../../protocol/sign.ts';
import { ageOpens, hasAge } from '../system/outsider.ts';
import { makeVillage, type Running, type TestSender, type Village } from './village.ts';

interface Setting {
  readonly village: Village;
  readonly running: Running;
  readonly node: TestSender;
  readonly to: string;
  readonly escrow: string;
}
const test = suite<Setting>('backup', {} as Setting);
const passphrase = 'ngã ba chợ lúc bảy giờ sáng';
const quiet = () => undefined;

test.before(async (at) => {
  const village = await makeVillage();
  const running = await village.start();
  const node = await village.node('mat-01');
  await node.join(running.hub.broker, 4);
  const { commune, dataDir, keysDir, signingKey } = village.config;
  writeFileSync(
    join(village.dir, 'hub.yaml'),
    stringify({
      commune,
      dataDir,
      keysDir,
      signingKey,
      listen: { port: 0 },
      brokerListen: { port: 0 },
      keepFreeMiB: 0,
    }),
  );
  for (const id of ['e1', 'e2']) await node.deliver(await node.event(id, 'new'));
  // Into the safe.
  const escrow = `${village.dir}-escrow.txt`;
  writeFileSync(escrow, village.keys.escrow);
  Object.assign(at, { village, running, node, to: `${village.dir}-backup`, escrow });
});
test.after(async ({ village, to, escrow }) => {
  await village.remove();
  for (const left of [to, escrow, `${village.dir}-one`, `${village.dir}-two`, `${village.dir}-three`])
    rmSync(left, { recursive: true, force: true });
});

test('it is made beside the running hub; the next one, from the command line, copies only what is new', async (at) => {
  const { village, to, node } = at;
  const config = join(village.dir, 'hub.yaml');
  const first = await backup({ configPath: config, config: village.config, to, passphrase, actor: 'cli:root' }, disk);
  assert.ok(first.files >= 4 && first.escrow && first.databases === 2, JSON.stringify(first));
  await node.deliver(await node.event('e3', 'new'));
  // The passphrase out of a file, never as an argument.
  const file = join(village.dir, 'pass.txt');
  writeFileSync(file, `${passphrase}\n`);
  const main = join(import.meta.dirname, '../../cli/main.ts');
  const args = ['hub', 'backup', '--config', config, '--to', to, '--passphrase-file', file, '--json'];
  const run = await promisify(execFile)(process.execPath, [main, ...args]);
  // The record, the hub's signatures of its boot, and the log.
  assert.is(JSON.parse(run.stdout).files, 3);
  rmSync(file);
});

test('no key, no configuration and no word of what was seen lies in it in clear', ({ to, village }) => {
  const kept = [village.keys.signingKey, village.keys.unsealKey].map((path) => readFileSync(path, 'utf8'));
  const secrets = [...kept, village.keys.escrow].map(
    (text) => text.split('\n').find((line) => line.length > 40 && !line.startsWith('#')) ?? '?',
  );
  for (const entry of readdirSync(to, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())) {
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    for (const words of [...secrets, 'PRIVATE KEY', 'Cổng làng', 'SQLite format'])
      assert.not(bytes.includes(words), `${entry.name}: ${words}`);
    assert.is(statSync(join(entry.parentPath, entry.name)).mode & 0o077, 0, entry.name);
  }
});

test('its parts open with Debian’s age, and the escrow key itself is in none of them', ({ to, escrow }) => {
  if (!hasAge) return;
  const secrets = ageOpens(readFileSync(join(to, 'secrets-escrow.age')), escrow).toString('utf8');
  assert.match(secrets, 'hub.key.pem');
  assert.not.match(secrets, '"escrow.txt"');
  assert.is(
    ageOpens(readFileSync(join(to, 'databases/0.age')), escrow)
      .subarray(0, 13)
      .toString(),
    'SQLite format',
  );
});

async function bringBack(at: Setting, into: string, secret: Secret) {
  return await restore({ from: at.to, into, secret, actor: 'cli:root' }, disk, quiet);
}

async function isWhole(into: string): Promise<void> {
  const read = readHubConfig(readFileSync(join(into, 'hub.yaml')), join(into, 'hub.yaml'));
  assert.ok(read.ok);
  const { config } = read;
  for (const path of [config.dataDir, config.keysDir, config.signingKey, config.unsealKey])
    assert.ok(path.startsWith(into), path);
  const { catalog } = openCatalog(join(config.dataDir, 'index.sqlite'));
  assert.equal(
    readCatalog(catalog.db)
      .events(undefined, 9)
      .events.map(({ id }) => id)
      .sort(),
    ['e1', 'e2', 'e3'],
  );
  catalog.close();
  const pem = readFileSync(join(config.keysDir, 'mat-01.pub'), 'utf8');
  const hubPem = readFileSync(join(into, 'hub.pub.pem'), 'utf8');
  const keys = [await readKey('mat-01', pem, '', false), await readKey('hub', hubPem, '', false)].filter(
    (key) => key !== undefined,
  );
  const { open } = opener(readIdentity(readFileSync(config.unsealKey, 'utf8')) ?? '');
  const verdict = await judge(await openFolder(config.dataDir), keyRing(keys), { open });
  assert.equal([verdict.ok, verdict.records, verdict.wrong], [true, 3, []]);
  const key = await readSigningKey(readFileSync(config.signingKey, 'utf8'));
  const audit = await openAudit({ disk, dataDir: config.dataDir, commune: config.commune, key, wallMs: Date.now });
  assert.equal(
    (await audit.newest(2)).map(({ action }) => action),
    ['restore', 'backup'],
  );
}

test('by the passphrase it comes back whole, paths and modes too, and says so in its log', async (at) => {
  const into = `${at.village.dir}-one`;
  const done = await bringBack(at, into, { passphrase });
  assert.is(done.bad, 0);
  await isWhole(into);
  assert.is(statSync(join(into, 'hub.key.pem')).mode & 0o777, 0o600);
  assert.not(existsSync(join(into, 'escrow.txt')));
});

test('by the escrow key alone it comes back as whole', async (at) => {
  const into = `${at.village.dir}-two`;
  await bringBack(at, into, { identity: readIdentity(readFileSync(at.escrow, 'utf8')) ?? '' });
  await isWhole(into);
});

test('a wrong passphrase, a short one, a damaged backup and a folder that is not empty are refused in words', async (at) => {
  const into = `${at.village.dir}-three`;
  const said = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing',
      (error: unknown) => String(error),
    );
  assert.match(await said(bringBack(at, into, { passphrase: `${passphrase}!` })), 'wrong passphrase or key');
  assert.match(await said(bringBack(at, `${at.village.dir}-one`, { passphrase })), 'is not empty');
  assert.match(
    await said(backup({ configPath: 'x', config: at.village.config, to: at.to, passphrase: 'ngắn', actor: 'x' }, disk)),
    'at least 12 characters',
  );
  const inside = {
    configPath: 'x',
    config: at.village.config,
    to: join(at.village.config.dataDir, 'x'),
    passphrase,
    actor: 'x',
  };
  assert.match(await said(backup(inside, disk)), 'own data folder');
});

test.run();
