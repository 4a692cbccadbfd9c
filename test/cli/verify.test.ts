// `matlang verify` as somebody types it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type MadeCase, makeCase } from '../../cli/bench/tamper/make.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-verify-'));
const test = suite<{ made: MadeCase }>('verify', {} as { made: MadeCase });
test.before(async (at) => {
  at.made = await makeCase(dir, 1, 4);
});
test.after(() => rmSync(dir, { recursive: true, force: true }));

const main = join(import.meta.dirname, '../../cli/main.ts');
const verify = (...args: string[]) =>
  spawnSync(process.execPath, [main, 'verify', ...args], {
    encoding: 'utf8',
    cwd: dir,
    env: { PATH: process.env.PATH },
  });

test('an export is right, in Vietnamese, with times, fingerprints and what cannot be known', ({ made }) => {
  const run = verify(made.path);
  assert.is(run.status, 0, run.stderr);
  for (const words of [
    'ĐÚNG',
    'Bản trích xuất: 4 bản ghi, 2 phân đoạn, 1 đoạn video của mat-01',
    '± 8 ms',
    'Không thể biết',
    made.keys[0]?.fingerprint ?? '?',
  ])
    assert.ok(run.stdout.includes(words), `${words}\n${run.stdout}`);
});

test('an export with another byte in a still is wrong: the still is named, exit 1, also for machines', ({ made }) => {
  const zip = readFileSync(made.path);
  // Stills are stored as they are.
  const at = zip.indexOf(Buffer.from('stills/001'));
  zip[at + 5000] = (zip[at + 5000] ?? 0) ^ 1;
  const touched = join(dir, 'touched.zip');
  writeFileSync(touched, zip);
  const run = verify(touched, '--json', '--lang', 'en');
  assert.is(run.status, 1);
  const verdict = JSON.parse(run.stdout);
  assert.is(verdict.ok, false);
  assert.ok(verdict.wrong.some(({ place }: { place: string }) => place.startsWith('stills/001')));
  assert.match(verify(touched, '--lang', 'en').stdout, /WRONG: 2 places\.[\s\S]*stills\/001.*altered/);
});

test("the hub's folder is right with its keys, and a record's key that is not the node's is not believed", ({
  made,
}) => {
  assert.is(verify(made.dataDir).status, 0);
  const other = join(dir, 'other');
  spawnSync('sh', [
    '-c',
    `mkdir ${other} && openssl genpkey -algorithm ed25519 | openssl pkey -pubout > ${other}/mat-01.pub`,
  ]);
  const run = verify(made.dataDir, '--keys', other, '--json');
  assert.is(run.status, 1);
  assert.ok(JSON.parse(run.stdout).wrong.length >= 7);
});

test('what is no set of records is said to be none: a missing path, an empty folder, a broken ZIP', ({ made }) => {
  assert.match(verify(join(dir, 'nowhere')).stderr, 'ENOENT');
  const empty = mkdtempSync(join(dir, 'empty-'));
  assert.match(verify(empty).stderr, 'không có bản ghi nào');
  const broken = join(dir, 'broken.zip');
  writeFileSync(broken, readFileSync(made.path).subarray(0, 50_000));
  const run = verify(broken, '--lang', 'en');
  assert.is(run.status, 1);
  assert.match(run.stderr, /^matlang: .+/);
});

test.run();
