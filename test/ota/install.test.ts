import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type InstallFailure, install } from '../../ota/install.ts';
import { isSafePath, type ReleaseList, readReleaseList } from '../../ota/release-list.ts';
import { shelf } from '../../ota/shelf.ts';
import { smallRelease } from './small-release.ts';

const test = suite('ota/install');
const base = await mkdtemp(join(tmpdir(), 'matlang-install-'));
test.after(() => rm(base, { recursive: true }));
const root = join(base, 'root');
await mkdir(join(root, 'releases'), { recursive: true });
let counter = 0;

/** A good release after someone has been at it, and what comes of it. */
async function spoilt(spoil: (folder: string, list: ReleaseList) => Promise<unknown>) {
  counter += 1;
  const folder = join(base, `stick-${counter}`);
  const list = await smallRelease(folder, '1.0.0');
  await spoil(folder, list);
  return install(shelf, folder, root, []);
}
const rewrite = (folder: string, list: object) => writeFile(join(folder, 'release.json'), JSON.stringify(list));
const withPath = (path: string) => (folder: string, list: ReleaseList) =>
  rewrite(folder, { ...list, files: list.files.map((file, index) => (index === 1 ? { ...file, path } : file)) });

test('a good release is installed byte by byte, and installing it again does nothing', async () => {
  const folder = join(base, 'good');
  const list = await smallRelease(folder, '0.5.0');
  assert.ok(install(shelf, folder, root, []).ok);
  for (const { path } of list.files) {
    assert.equal(await readFile(join(root, 'releases/0.5.0', path)), await readFile(join(folder, path)));
  }
  assert.ok(install(shelf, folder, root, ['0.5.0']).ok);
});

test('paths that lead out, or hide, or carry what a terminal acts on, are refused', async () => {
  for (const path of [
    '../../etc/cron.d/x',
    '/etc/x',
    'a/../../x',
    './x',
    'a//b',
    '',
    '.',
    '..',
    'a\\b',
    'a\u0000b',
    'a ',
    ' a',
    'a  b',
    'release.json',
    'bin/self-test',
  ]) {
    const result = await spoilt(withPath(path));
    assert.is(result.ok ? 'installed' : result.why, 'bad-path', JSON.stringify(path));
  }
});

const spoilers: readonly [string, InstallFailure, (folder: string, list: ReleaseList) => Promise<unknown>][] = [
  ['no list', 'no-list', (folder) => rm(join(folder, 'release.json'))],
  ['a list that is text', 'bad-list', (folder) => writeFile(join(folder, 'release.json'), 'hello')],
  ['a list of another version', 'bad-list', (folder, list) => rewrite(folder, { ...list, v: 2 })],
  ['a list without files', 'bad-list', (folder, list) => rewrite(folder, { ...list, files: [] })],
  ['a name that is a path', 'bad-list', (folder, list) => rewrite(folder, { ...list, release: '../x' })],
  ['a self-test outside the list', 'bad-list', (folder, list) => rewrite(folder, { ...list, selfTest: ['/bin/true'] })],
  [
    'a negative size',
    'bad-list',
    (folder, list) => rewrite(folder, { ...list, files: [{ ...list.files[0], bytes: -1 }] }),
  ],
  ['a list larger than any', 'bad-list', (folder) => writeFile(join(folder, 'release.json'), ' '.repeat(5e6))],
  ['another architecture', 'wrong-arch', (folder, list) => rewrite(folder, { ...list, arch: 'riscv64' })],
  ['a missing file', 'missing', (folder) => rm(join(folder, 'app/recorder.js'))],
  ['a missing folder', 'missing', (folder) => rm(join(folder, 'app'), { recursive: true })],
  ['one flipped bit', 'damaged', (folder) => writeFile(join(folder, 'app/recorder.js'), '// 1.0.1')],
  ['a file cut short', 'damaged', (folder) => writeFile(join(folder, 'app/recorder.js'), '// 1')],
  ['a file grown', 'damaged', (folder) => writeFile(join(folder, 'app/recorder.js'), '// 1.0.0 and more')],
  [
    'a link to a file outside',
    'not-a-file',
    async (folder) => {
      await rename(join(folder, 'app/recorder.js'), join(base, `outside-${counter}`));
      await symlink(join(base, `outside-${counter}`), join(folder, 'app/recorder.js'));
    },
  ],
  [
    'a link to a folder outside',
    'not-a-file',
    async (folder) => {
      await rename(join(folder, 'app'), join(base, `app-${counter}`));
      await symlink(join(base, `app-${counter}`), join(folder, 'app'));
    },
  ],
  [
    'a folder in place of a file',
    'not-a-file',
    async (folder) => {
      await rm(join(folder, 'app/recorder.js'));
      await mkdir(join(folder, 'app/recorder.js'));
    },
  ],
  [
    'a pipe that never ends',
    'not-a-file',
    async (folder) => {
      await rm(join(folder, 'app/recorder.js'));
      spawnSync('mkfifo', [join(folder, 'app/recorder.js')]);
    },
  ],
  [
    'a device',
    'not-a-file',
    async (folder) => {
      await rm(join(folder, 'app/recorder.js'));
      await symlink('/dev/zero', join(folder, 'app/recorder.js'));
    },
  ],
];
for (const [what, why, spoil] of spoilers) {
  test(`${what}: ${why}, and nothing is left behind`, async () => {
    const result = await spoilt(spoil);
    assert.is(result.ok ? 'installed' : result.why, why, result.ok ? '' : result.text);
    assert.equal(
      (await readdir(join(root, 'releases'))).filter((name) => name !== '0.5.0'),
      [],
    );
  });
}

test('a damaged folder of the same name is replaced, unless it is in use', async () => {
  const folder = join(base, 'twin');
  await smallRelease(folder, '1.0.0');
  assert.ok(install(shelf, folder, root, []).ok);
  await writeFile(join(root, 'releases/1.0.0/app/recorder.js'), 'flipped');
  const inUse = install(shelf, folder, root, ['1.0.0']);
  assert.is(inUse.ok ? 'installed' : inUse.why, 'name-taken');
  assert.ok(install(shelf, folder, root, []).ok);
  assert.is(await readFile(join(root, 'releases/1.0.0/app/recorder.js'), 'utf8'), '// 1.0.0');
});

test('a root that cannot be written is said, not thrown', async () => {
  const folder = join(base, 'ro');
  await smallRelease(folder, '1.1.0');
  const result = install(shelf, folder, '/proc', []);
  assert.is(result.ok, false);
});

test('no text makes the list reader throw, and no path it lets through leads out', () => {
  const seed = Date.now() & 0xffff;
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      assert.ok(!readReleaseList(text).ok, `seed ${seed}`);
    }),
    { seed },
  );
  const part = fc.constantFrom('a', '..', '.', '', 'b.js', '@img', '...', '/', '~', '\n');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const path = parts.join('/');
      if (isSafePath(path))
        assert.ok(join('/root', path).startsWith('/root/') && join('/root', path) === `/root/${path}`, `seed ${seed}`);
    }),
    { seed },
  );
});

test('a hundred mutated lists install nothing that the list does not say', async () => {
  const seed = Date.now() & 0xffff;
  const folder = join(base, 'mutant');
  const good = JSON.stringify(await smallRelease(folder, '2.0.0'));
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 32, max: 126 }), async (at, code) => {
      await writeFile(join(folder, 'release.json'), good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1));
      const result = install(shelf, folder, root, []);
      if (result.ok) await rm(join(root, 'releases', result.list.release), { recursive: true });
      const left = (await readdir(join(root, 'releases'))).filter((name) => !['0.5.0', '1.0.0'].includes(name));
      assert.equal(left, [], `seed ${seed}`);
    }),
    { seed },
  );
  assert.equal((await readdir(root)).sort(), ['releases'], 'nothing outside the slot');
});

test.run();
