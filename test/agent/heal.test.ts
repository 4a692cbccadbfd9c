// The data partition before the recorder starts: with a partition that answers as it is told, and with real file systems on loop devices.
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { heal, leaveNote, readNote, throwNoteAway } from '../../agent/heal.ts';
import { disk } from '../../hal/disk.ts';
import { type Checked, mustNotBeMade, openPartition, type Partition, type Tried } from '../../hal/partition.ts';
import { skipWhen } from '../support/skip.ts';

const test = suite('heal');
const dir = mkdtempSync(join(tmpdir(), 'heal-'));
const cleanUp: (() => void)[] = [];
test.after(() => {
  for (const each of cleanUp.toReversed()) each();
  rmSync(dir, { recursive: true, force: true });
});

const well: Tried = { ok: true };
const bad = (text: string) => ({ ok: false, text }) as const;
const clean: Checked = { ok: true, mended: false, text: '' };

/** A partition that says what it is told, and what it was asked for. */
function scripted(
  says: Partial<{ [Key in keyof Partition]: ReturnType<Partition[Key]> extends Promise<infer T> ? T[] : never }>,
) {
  const asked: string[] = [];
  const answer = <T>(key: string, given: T[] | undefined, usual: T) => {
    asked.push(key);
    return Promise.resolve(given?.shift() ?? usual);
  };
  const partition: Partition = {
    isMounted: () => Promise.resolve(says.isMounted?.shift() ?? false),
    takesByte: () => answer('byte', says.takesByte, well),
    mount: () => answer('mount', says.mount, well),
    unmount: () => answer('unmount', says.unmount, well),
    check: (how) => answer(how, says.check, clean),
    makeAnew: () => answer('make', says.makeAnew, well),
  };
  return { partition, asked };
}

for (const [name, says, outcome, steps] of [
  ['a mounted one that takes a byte is left alone', { isMounted: [true] }, 'well', 'byte'],
  ['a clean one is checked and mounted', {}, 'well', 'quick mount byte'],
  [
    'one that was mended by the check says so',
    { check: [{ ok: true, mended: true, text: 'inode 5' }] },
    'mended',
    'quick mount byte',
  ],
  [
    'one that is not mounted after the quick check has a thorough one',
    { mount: [bad('no')] },
    'mended',
    'quick mount thorough mount byte',
  ],
  [
    'one that takes nothing is unmounted first',
    { isMounted: [true], takesByte: [bad('EROFS')] },
    'mended',
    'byte unmount quick mount byte',
  ],
  [
    'one whose superblock is torn is mended from a copy of it',
    { check: [bad('8'), bad('8')] },
    'mended',
    'quick thorough backup mount byte',
  ],
  [
    'one that no check helps is made anew',
    { check: [bad('4'), bad('8'), bad('8')] },
    'remade',
    'quick thorough backup make mount byte',
  ],
  [
    'one that cannot be made anew is beyond help',
    { check: [bad('4'), bad('8'), bad('8')], makeAnew: [bad('EIO')] },
    'beyond-help',
    'quick thorough backup make',
  ],
  [
    'one that is in use is never made anew',
    { isMounted: [true], takesByte: [bad('EROFS')], unmount: [bad('busy')] },
    'beyond-help',
    'byte unmount',
  ],
] as const)
  test(name, async () => {
    const { partition, asked } = scripted(structuredClone(says) as unknown as Parameters<typeof scripted>[0]);
    const healed = await heal(partition);
    assert.equal([healed.outcome, asked.join(' ')], [outcome, steps]);
    assert.is(healed.why === '', outcome === 'well');
  });

test('the note for the hub is there until it is thrown away, and a torn one still says that something was done', async () => {
  assert.is(await readNote(disk, dir), undefined);
  await leaveNote(disk, dir, { outcome: 'remade', why: 'x'.repeat(3000) });
  assert.equal(await readNote(disk, dir), { outcome: 'remade', why: 'x'.repeat(2000) });
  writeFileSync(join(dir, 'card-healed.json'), '{"outc');
  assert.is((await readNote(disk, dir))?.outcome, 'mended');
  await throwNoteAway(disk, dir);
  await throwNoteAway(disk, dir);
  assert.is(await readNote(disk, dir), undefined);
});

const run = (program: string, ...args: readonly string[]) => spawnSync(program, args, { encoding: 'utf8' });
const noLoops =
  process.getuid?.() !== 0
    ? 'needs root for loop devices'
    : run('losetup', '-f').status === 0
      ? undefined
      : 'no loop device is free';
const onLoops = skipWhen(noLoops)(test);

/** A block device of this size with ext4 on it. */
function loopDevice(name: string): { device: string; image: string } {
  const image = join(dir, name);
  writeFileSync(image, '');
  truncateSync(image, 24 * 1024 * 1024);
  run('mkfs.ext4', '-q', '-F', image);
  const { stdout } = run('losetup', '-f', '--show', image);
  const device = stdout.trim();
  cleanUp.push(() => run('losetup', '-d', device));
  return { device, image };
}

function overwrite(path: string, from: number, bytes: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  closeSync(file);
}

onLoops(
  'a real partition: well as it is, mended when its superblock is gone, made anew when its beginning is rubbish',
  async () => {
    const { device } = loopDevice('data');
    const at = join(dir, 'at');
    const partition = openPartition({ device, at, owner: { uid: 12, gid: 34 } });
    cleanUp.push(() => run('umount', at));
    assert.equal(await heal(partition), { outcome: 'well', why: '' });
    assert.is(await partition.isMounted(), true);
    writeFileSync(join(at, 'evidence'), 'here');
    assert.equal(await heal(partition), { outcome: 'well', why: '' });
    await partition.unmount();

    overwrite(device, 0, 4096);
    const mended = await heal(partition);
    assert.is(mended.outcome, 'mended', mended.why);
    assert.ok(existsSync(join(at, 'evidence')), 'what could be saved is saved');
    await partition.unmount();

    overwrite(device, 0, 20 * 1024 * 1024);
    const remade = await heal(partition);
    assert.is(remade.outcome, 'remade', remade.why);
    assert.equal(readdirSync(at), ['lost+found']);
    const { uid, gid } = statSync(at);
    assert.equal([uid, gid], [12, 34]);
  },
);

onLoops(
  'keys on a partition whose superblock was torn are there again, also without a journal, and it is never made anew',
  () => {
    const [keys, data] = [loopDevice('keys'), loopDevice('beside')];
    const [at, identity] = [join(dir, 'at-beside'), join(dir, 'at-keys')];
    cleanUp.push(() => run('umount', at, identity));
    const main = resolve(import.meta.dirname, '../../agent/heal-main.ts');
    const heal = () =>
      run(
        process.execPath,
        ...[main, '--device', data.device, '--at', at, '--identity', identity, '--identity-device', keys.device],
      );
    assert.is(heal().status, 0);
    writeFileSync(join(identity, 'signing.pem'), 'the key');
    run('umount', identity);

    // The second half of the superblock, as a cut between two sectors leaves it.
    overwrite(keys.device, 1536, 512);
    const torn = heal();
    assert.match(torn.stderr, /the identity partition is mended/);
    assert.is(readFileSync(join(identity, 'signing.pem'), 'utf8'), 'the key');
    run('umount', identity);

    assert.is(run('tune2fs', '-O', '^has_journal', keys.device).status, 0);
    assert.is(heal().status, 0);
    assert.is(readFileSync(join(identity, 'signing.pem'), 'utf8'), 'the key');
    run('umount', identity);

    overwrite(keys.device, 0, 20 * 1024 * 1024);
    assert.match(heal().stderr, /the identity partition is beyond-help/);
  },
);

onLoops(
  'partitions that somebody made by hand, and that are root’s, are given to the owner of the folder above',
  () => {
    const [keys, data] = [loopDevice('by-hand-keys'), loopDevice('by-hand-data')];
    const folder = join(dir, 'node');
    const [at, identity] = [join(folder, 'data'), join(folder, 'identity')];
    mkdirSync(folder);
    chownSync(folder, 12, 34);
    cleanUp.push(() => run('umount', at, identity));
    const main = resolve(import.meta.dirname, '../../agent/heal-main.ts');
    const devices = ['--device', data.device, '--at', at, '--identity', identity, '--identity-device', keys.device];
    assert.is(run(process.execPath, main, ...devices).status, 0);
    for (const place of [at, identity]) {
      const { uid, gid } = statSync(place);
      assert.equal([uid, gid], [12, 34], place);
    }
  },
);

onLoops('matlang-heal leaves a note beside the keys, and refuses a device that holds them', () => {
  const { device, image } = loopDevice('second');
  const [at, identity] = [join(dir, 'at-second'), join(dir, 'identity')];
  mkdirSync(identity);
  chownSync(identity, 12, 34);
  cleanUp.push(() => run('umount', at));
  overwrite(device, 0, 20 * 1024 * 1024);
  const main = resolve(import.meta.dirname, '../../agent/heal-main.ts');
  const asked = (...args: readonly string[]) => run(process.execPath, main, ...args);
  const healed = asked('--device', device, '--at', at, '--identity', identity);
  assert.is(healed.status, 0, healed.stderr);
  assert.match(healed.stderr, /the data partition is remade/);
  const { uid, gid } = statSync(join(identity, 'card-healed.json'));
  assert.equal([uid, gid], [12, 34], 'whoever owns the keys is to read it');
  const refused = asked('--device', device, '--at', at, '--identity', at);
  assert.is(refused.status, 2);
  assert.match(refused.stderr, new RegExp(`${device} holds ${at}`));
  assert.match(asked('--device', image, '--at', at, '--identity', identity).stderr, /must be a block device/);
  assert.match(asked('--device', device).stderr, /are required/);
  assert.match(mustNotBeMade('/dev/no-such', '/') ?? '', /there is no/);
});

test.run();
