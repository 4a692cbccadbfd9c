// A running node goes on with its last good configuration; only the recorder keeps it.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigRefused, loadConfig } from '../../agent/config-file.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { sha256 } from '../../protocol/sign.ts';

const good = 'commune: xa\nnode: mat-07\ntitle: Cổng làng\ncamera: {driver: scene}\n';
const better = good.replace('mat-07', 'mat-08');
const bad = `${good}clok: auto\n`;

const test = suite<{ folder: string; file: string; kept: string }>('');
test.before.each((at) => {
  at.folder = mkdtempSync(join(tmpdir(), 'config-'));
  at.file = join(at.folder, 'node.yaml');
  at.kept = join(at.folder, 'identity', 'config.good.yaml');
});
test.after.each((at) => rmSync(at.folder, { recursive: true }));

test('a good file is used and kept, its folders counted from where it stands', async ({ folder, file, kept }) => {
  writeFileSync(file, good);
  const loaded = await loadConfig(disk, file, 'keep-good');
  assert.is(loaded.from, 'file');
  assert.is(loaded.sha256, sha256(good));
  assert.is(loaded.dataDir, join(folder, 'data'));
  assert.is(loaded.identityDir, join(folder, 'identity'));
  assert.equal(loaded.faults, []);
  assert.is(readFileSync(kept, 'utf8'), good);
  assert.equal(readdirSync(join(folder, 'identity')), ['config.good.yaml']);
});

test('a bad file leaves the last good one in use, and its faults are told', async ({ file, kept }) => {
  writeFileSync(file, good);
  await loadConfig(disk, file, 'keep-good');
  for (const text of [bad, '', '\tx', 'identityDir: [', '\0']) {
    writeFileSync(file, text);
    const loaded = await loadConfig(disk, file, 'keep-good');
    assert.is(loaded.from, 'last-good');
    assert.is(loaded.config.node, 'mat-07');
    assert.is(loaded.sha256, sha256(good));
    assert.ok(loaded.faults.length > 0);
    assert.is(readFileSync(kept, 'utf8'), good);
  }
  writeFileSync(file, bad);
  const { faults } = await loadConfig(disk, file, 'keep-good');
  assert.equal(faults, ['node.yaml:5:1 clok: unknown key; did you mean clock?']);
});

test('a file that has gone leaves the last good one in use', async ({ file }) => {
  writeFileSync(file, good);
  await loadConfig(disk, file, 'keep-good');
  rmSync(file);
  const loaded = await loadConfig(disk, file, 'keep-good');
  assert.is(loaded.from, 'last-good');
  assert.equal(loaded.faults, ['node.yaml:1:1 file cannot be read (ENOENT)']);
});

test('the good copy is found where a bad file says the identity is', async ({ folder, file }) => {
  const elsewhere = join(folder, 'keys');
  writeFileSync(file, `${good}identityDir: "${elsewhere}"\n`);
  await loadConfig(disk, file, 'keep-good');
  writeFileSync(file, `${bad}identityDir: "${elsewhere}"\n`);
  const loaded = await loadConfig(disk, file, 'read-only');
  assert.is(loaded.from, 'last-good');
  assert.is(loaded.identityDir, elsewhere);
});

test('a better file replaces the kept one', async ({ file, kept }) => {
  writeFileSync(file, good);
  await loadConfig(disk, file, 'keep-good');
  writeFileSync(file, better);
  assert.is((await loadConfig(disk, file, 'keep-good')).config.node, 'mat-08');
  assert.is(readFileSync(kept, 'utf8'), better);
});

test('the same file is not written again', async ({ file }) => {
  writeFileSync(file, good);
  await loadConfig(disk, file, 'keep-good');
  const made: string[] = [];
  const watched: Disk = {
    ...disk,
    create: (path) => {
      made.push(path);
      return disk.create(path);
    },
  };
  await loadConfig(watched, file, 'keep-good');
  assert.equal(made, []);
});

test('read-only keeps nothing', async ({ folder, file }) => {
  writeFileSync(file, good);
  await loadConfig(disk, file, 'read-only');
  assert.equal(readdirSync(folder), ['node.yaml']);
});

test('with nothing good at all it is refused, one line a fault', async ({ file }) => {
  writeFileSync(file, `${bad}vitalsEveryS: 1\n`);
  const error = await loadConfig(disk, file, 'keep-good').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, ConfigRefused);
  assert.is(
    error instanceof Error && error.message,
    'node.yaml:5:1 clok: unknown key; did you mean clock?\nnode.yaml:6:15 vitalsEveryS: must be 5 to 3600, not 1',
  );
});

test('a good file is used even where it cannot be kept', async ({ folder, file }) => {
  writeFileSync(file, good);
  // A file where the folder should be: refused for root too.
  writeFileSync(join(folder, 'identity'), '');
  const loaded = await loadConfig(disk, file, 'keep-good');
  assert.is(loaded.from, 'file');
  assert.match(loaded.notKept ?? '', /EEXIST|ENOTDIR/);
});

test('a huge file is refused without being read whole', async ({ folder, file }) => {
  mkdirSync(join(folder, 'identity'));
  chmodSync(join(folder, 'identity'), 0o700);
  writeFileSync(file, `${good}#${'x'.repeat(50_000_000)}`);
  const asked: number[] = [];
  const watched: Disk = {
    ...disk,
    readRange: (path, start, length) => {
      asked.push(length);
      return disk.readRange(path, start, length);
    },
  };
  const error = await loadConfig(watched, file, 'keep-good').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.match(error instanceof Error ? error.message : '', 'file must be at most 64 KiB');
  assert.ok(asked.every((length) => length <= 65_537));
});

test.run();
