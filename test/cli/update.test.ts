// `matlang release build` and `matlang update apply|status` as a technician types them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { smallRelease } from '../ota/small-release.ts';
import { until } from '../support/until.ts';

const test = suite('cli/update');
const base = mkdtempSync(join(tmpdir(), 'matlang-update-'));
test.after(() => rmSync(base, { recursive: true }));
const main = join(import.meta.dirname, '../../cli/main.ts');
const matlang = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: base });
const root = join(base, 'opt');
const key = (...names: string[]) => names.flatMap((name) => ['--key', `keys/${name}.key.pem`]);

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
  const holders = [...['--root', ...pub('a', 'b', 'c')], ...['--targets', ...pub('x', 'y')]];
  const online = [...['--snapshot', ...pub('hub')], ...['--timestamp', ...pub('hub')]];
  const alone = matlang('release', 'init', '--repo', 'repo', ...holders, ...online, ...key('a'));
  assert.is(alone.status, 0, alone.stderr);
  assert.match(alone.stdout, 'còn chờ chữ ký', 'one root key of two');
  assert.is(matlang('release', 'sign', '--repo', 'repo', ...key('x')).status, 1, 'a key of another role');
  assert.not.ok(existsSync(join(base, 'repo/metadata/1.root.json')));
  const begun = matlang('release', 'sign', '--repo', 'repo', ...key('b'));
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

  // One of the three is lost: another takes its place, signed by two of the old and two of the new, each where the holder is.
  assert.is(matlang('release', 'keys', 'd', '--out', 'keys').status, 0);
  const rotate = matlang('release', 'rotate', '--repo', 'repo', '--root', ...pub('b', 'c', 'd'), ...key('d'));
  assert.is(rotate.status, 0, rotate.stderr);
  assert.match(
    matlang('release', 'sign', '--repo', 'repo', ...key('c')).stdout,
    'còn chờ chữ ký',
    'one old key of two',
  );
  assert.match(matlang('release', 'sign', '--repo', 'repo', ...key('b')).stdout, 'Đã ghi gốc tin cậy số 2');
  assert.is(matlang('update', 'check', '--from', 'repo', '--root', node).status, 0);
  const byOld = matlang('release', 'rotate', '--repo', 'repo', '--root', ...pub('a', 'b', 'c'), ...key('a', 'b'));
  assert.match(byOld.stdout, 'còn chờ chữ ký', 'the key that was taken away counts no more');
});

test('an update that finds another at work says so by its exit code; what the hub wished for is not called refused', async () => {
  const node = join(base, 'signed-node');
  await smallRelease(join(base, 'slow'), '4.0.0', `touch ${base}/trying; exec sleep 1000`);
  const signed = matlang('release', 'sign', '--repo', 'repo', '--release', 'slow', ...key('x', 'y'));
  assert.is(signed.status, 0, signed.stderr);
  assert.is(matlang('release', 'publish', '--repo', 'repo', ...key('hub')).status, 0);
  const apply = ['update', 'apply', '--from', 'repo', '--root', node];
  const slow = spawn(process.execPath, [main, ...apply], { cwd: base, stdio: 'ignore', detached: true });
  try {
    await until('the trial to begin', () => existsSync(join(base, 'trying')));
    mkdirSync(join(base, 'run'));
    for (const [by, told] of [
      ['hub', false],
      ['hand', true],
    ] as const) {
      const second = matlang(...apply, '--told', 'run', '--by', by, '--json');
      assert.equal([second.status, JSON.parse(second.stdout).why], [75, 'busy']);
      assert.is(existsSync(join(base, 'run/update.json')), told, by);
    }
  } finally {
    process.kill(-(slow.pid ?? 0), 'SIGKILL');
  }
});

test.run();
