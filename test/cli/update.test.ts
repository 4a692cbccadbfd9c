// `matlang release build` and `matlang update apply|status` as a technician types them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { smallRelease } from '../ota/small-release.ts';

const test = suite('cli/update');
const base = mkdtempSync(join(tmpdir(), 'matlang-update-'));
test.after(() => rmSync(base, { recursive: true }));
const main = join(import.meta.dirname, '../../cli/main.ts');
const matlang = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: base });
const root = join(base, 'opt');

test('a release built from a program is applied, tested by itself with the configuration, and runs', () => {
  writeFileSync(
    join(base, 'main.ts'),
    "const want: string = '--config'; process.exitCode = process.argv[2] === want ? 0 : 1;\n",
  );
  const built = matlang(
    'release',
    'build',
    '--out',
    'stick',
    '--name',
    '1.0.0',
    '--entry',
    'recorder=main.ts',
    '--json',
  );
  assert.is(built.status, 0, built.stderr);
  assert.is(JSON.parse(built.stdout).release, '1.0.0');
  const applied = matlang('update', 'apply', '--from', 'stick', '--root', root, '--config', 'node.yaml', '--json');
  assert.is(applied.status, 0, applied.stdout + applied.stderr);
  assert.equal(JSON.parse(applied.stdout), { ok: true, release: '1.0.0', before: null, onTrial: false });
  assert.is(spawnSync(join(root, 'current/bin/matlang-recorder'), ['--config']).status, 0);
});

test('a release that fails is refused in the chosen language, and status tells why', async () => {
  await smallRelease(join(base, 'bad'), '2.0.0', 'echo "no camera" >&2; exit 1');
  const applied = matlang('update', 'apply', '--from', 'bad', '--root', root, '--lang', 'vi');
  assert.is(applied.status, 1);
  assert.match(applied.stderr, 'đã quay về bản cũ');
  const status = matlang('update', 'status', '--root', root, '--lang', 'en');
  assert.is(status.status, 0);
  assert.match(status.stdout, /Running: 1\.0\.0; before it: none/);
  assert.match(status.stdout, /2\.0\.0.*\n.*no camera/);
  assert.is(JSON.parse(matlang('update', 'status', '--root', root, '--json').stdout).back.release, '2.0.0');
});

test('a folder that is no release, and a root that is not there, are said', () => {
  const none = matlang('update', 'apply', '--from', '/tmp', '--root', root, '--json');
  assert.equal([none.status, JSON.parse(none.stdout).why], [1, 'no-list']);
  assert.is(matlang('update', 'status', '--root', join(base, 'nowhere')).status, 1);
  const unwritable = matlang('update', 'apply', '--from', 'stick', '--root', join(base, 'main.ts/x'), '--json');
  assert.equal([unwritable.status, JSON.parse(unwritable.stdout).why], [1, 'io']);
});

test('there is no force flag', () => {
  const help = matlang('update', 'apply', '--help', '--lang', 'en');
  assert.not.match(help.stdout, /force/i);
  assert.is(matlang('update', 'apply', '--from', 'stick', '--root', root, '--force').status, 2);
});

test('a ceremony, two signatures, a stick: the node takes what was signed, and nothing else once it trusts', async () => {
  const node = join(base, 'signed-node');
  const keys = ['a', 'b', 'c', 'x', 'y', 'hub'];
  assert.is(matlang('release', 'keys', ...keys, '--out', 'keys').status, 0);
  const pub = (...names: string[]) => names.map((name) => `keys/${name}.pub.pem`);
  const key = (...names: string[]) => names.flatMap((name) => ['--key', `keys/${name}.key.pem`]);
  const holders = [...['--root', ...pub('a', 'b', 'c')], ...['--targets', ...pub('x', 'y')]];
  const online = [...['--snapshot', ...pub('hub')], ...['--timestamp', ...pub('hub')]];
  const alone = matlang('release', 'init', '--repo', 'repo', ...holders, ...online, ...key('a'));
  assert.is(alone.status, 1, 'one root key of two');
  const begun = matlang('release', 'init', '--repo', 'repo', ...holders, ...online, ...key('a', 'b'));
  assert.is(begun.status, 0, begun.stderr);
  assert.is(matlang('update', 'trust', 'repo/metadata/1.root.json', '--root', node).status, 0);

  await smallRelease(join(base, 'signed'), '3.0.0');
  const first = matlang(
    'release',
    'sign',
    '--repo',
    'repo',
    '--release',
    'signed',
    '--note-vi',
    'Nhìn đêm rõ hơn',
    ...key('x'),
  );
  assert.is(first.status, 0, first.stderr);
  assert.is(matlang('release', 'publish', '--repo', 'repo', ...key('hub')).status, 1, 'one signature of two');
  assert.is(matlang('release', 'sign', '--repo', 'repo', ...key('y')).status, 0);
  assert.is(matlang('release', 'publish', '--repo', 'repo', ...key('hub')).status, 0);

  const seen = matlang('update', 'check', '--from', 'repo', '--root', node, '--lang', 'vi');
  assert.is(seen.status, 0, seen.stderr);
  assert.match(seen.stdout, /3\.0\.0\nNhìn đêm rõ hơn/);
  const plain = matlang('update', 'apply', '--from', 'signed', '--root', node, '--json');
  assert.equal([plain.status, JSON.parse(plain.stdout).why], [1, 'absent'], 'a plain folder is no repository');
  const applied = matlang('update', 'apply', '--from', 'repo', '--root', node, '--json');
  assert.equal(JSON.parse(applied.stdout), { ok: true, release: '3.0.0', before: null, onTrial: false });
  assert.is(matlang('update', 'trust', 'repo/metadata/1.root.json', '--root', node).status, 1);
});

test.run();
