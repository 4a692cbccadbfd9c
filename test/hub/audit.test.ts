import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { disk } from '../../hal/disk.ts';
import { type Audit, openAudit } from '../../hub/audit.ts';
import { limits } from '../../hub/limits.ts';
import { type AuditEntry, auditLineSchema } from '../../protocol/audit.ts';
import { readSigningKey, readVerifyingKey, sha256, verify } from '../../protocol/sign.ts';

const pair = generateKeyPairSync('ed25519');
const key = await readSigningKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const publicKey = await readVerifyingKey(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
const test = suite<{ dataDir: string }>('audit');
const open = (dataDir: string): Promise<Audit> => openAudit({ disk, dataDir, commune: 'xa-thu', key, wallMs: () => 7 });
const looked: AuditEntry = { actor: 'officer:an', action: 'view', subject: 'event mat-01/e1' };

test.before.each((at) => {
  at.dataDir = mkdtempSync(join(tmpdir(), 'matlang-audit-'));
});
test.after.each(({ dataDir }) => rmSync(dataDir, { recursive: true, force: true }));

const files = (dataDir: string) => readdirSync(join(dataDir, 'audit')).filter((name) => name.endsWith('.log'));
const text = (dataDir: string, name: string) => readFileSync(join(dataDir, 'audit', name), 'utf8');

/** Every whole line, in order, its signature checked. */
async function linesOf(dataDir: string) {
  const lines = files(dataDir).flatMap((name) => text(dataDir, name).split('\n').slice(0, -1));
  return await Promise.all(
    lines.map(async (jws) => {
      const checked = await verify(jws, 'matlang-audit', publicKey);
      assert.ok(checked.ok);
      return { hash: sha256(jws), line: auditLineSchema.parse(checked.payload) };
    }),
  );
}
async function isChained(dataDir: string, count: number): Promise<void> {
  const lines = await linesOf(dataDir);
  assert.equal(
    lines.map(({ line }) => line.n),
    Array.from({ length: count }, (_, n) => n),
  );
  assert.equal(
    lines.map(({ line }) => line.prev),
    [null, ...lines.slice(0, -1).map(({ hash }) => hash)],
  );
}

test('each entry is a line signed by the hub that names the hash of the one before, over a restart too', async ({
  dataDir,
}) => {
  const first = await open(dataDir);
  assert.is(await first.head(), undefined);
  await first.append(looked);
  await first.append({ ...looked, action: 'export', reason: 'Công an xã yêu cầu', details: { case: '12/2026' } });
  const second = await open(dataDir);
  const mark = await second.append({ ...looked, action: 'release' });
  assert.equal(await first.head(), mark);
  await isChained(dataDir, 3);
  assert.equal(
    (await second.newest(2)).map(({ action }) => action),
    ['release', 'export'],
  );
  assert.equal(
    (await second.newest(2, mark.n)).map(({ n }) => n),
    [mark.n - 1, mark.n - 2],
  );
});

test('lines of one action are found among others that quote its name', async ({ dataDir }) => {
  const audit = await open(dataDir);
  await audit.append({ ...looked, reason: '"action":"export"' });
  await audit.append({ ...looked, action: 'export', subject: 'event mat-01/e2' });
  await audit.append({ ...looked, action: 'export', subject: 'event mat-01/e3' });
  const found = async (action?: 'export') =>
    (await audit.about({ ...(action && { action }), is: ({ subject }) => subject !== 'event mat-01/e3' }, 9)).map(
      ({ line }) => line.subject,
    );
  assert.equal(await found('export'), ['event mat-01/e2']);
  assert.equal(await found(), ['event mat-01/e1', 'event mat-01/e2']);
});

test('entries of two processes at once stand in one chain', async ({ dataDir }) => {
  const both = await Promise.all([open(dataDir), open(dataDir)]);
  await Promise.all(Array.from({ length: 40 }, (_, n) => both[n % 2]?.append(looked)));
  await isChained(dataDir, 40);
});

test('a line that a power cut tore stays, and the next entry follows the last whole one in a new file', async ({
  dataDir,
}) => {
  await (await open(dataDir)).append(looked);
  appendFileSync(join(dataDir, 'audit/000001.log'), 'eyJhbGciOi');
  const before = text(dataDir, '000001.log');
  const again = await open(dataDir);
  await again.append(looked);
  await again.append(looked);
  assert.equal(files(dataDir), ['000001.log', '000002.log']);
  assert.is(text(dataDir, '000001.log'), before);
  await isChained(dataDir, 3);
});

test('a file that is all torn is stepped over, and one that is full is followed by another', async ({ dataDir }) => {
  await (await open(dataDir)).append(looked);
  appendFileSync(join(dataDir, 'audit/000002.log'), 'eyJ');
  await (await open(dataDir)).append(looked);
  appendFileSync(join(dataDir, 'audit/000003.log'), `${'x'.repeat(limits.auditFileBytes)}\n`);
  const mark = await (await open(dataDir)).append(looked);
  assert.equal(files(dataDir), ['000001.log', '000002.log', '000003.log', '000004.log']);
  assert.is(mark.n, 3);
});

test('an entry that is too long is refused, and those after it are not', async ({ dataDir }) => {
  const audit = await open(dataDir);
  await audit.append({ ...looked, reason: 'x'.repeat(1001) }).then(
    () => assert.unreachable(),
    () => undefined,
  );
  await audit.append(looked);
  await isChained(dataDir, 1);
});

test.run();
