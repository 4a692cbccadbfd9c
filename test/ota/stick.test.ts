// A stick as it is put into a pole: a real file system, really mounted, by the script that the service runs (systemd/stick.sh). Needs root and loop devices.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readState } from '../../ota/root.ts';
import { shelf } from '../../ota/shelf.ts';
import { plantTrust } from '../../ota/trust/store.ts';
import { found, releaseSmall } from './makers.ts';

const test = suite('ota/stick');
const base = mkdtempSync(join(tmpdir(), 'matlang-stick-'));
test.after(() => rmSync(base, { recursive: true }));
const script = fileURLToPath(new URL('../../systemd/stick.sh', import.meta.url));
const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const [root, run, at] = [join(base, 'opt'), join(base, 'run'), join(base, 'at')];
for (const folder of [root, run, at]) mkdirSync(folder);
const content = join(base, 'content');
const repo = join(content, 'matlang-releases');
const image = join(base, 'stick.img');
const program = join(base, 'matlang');
writeFileSync(
  program,
  `#!/bin/sh\ngrep " ${at} " /proc/self/mounts > ${base}/mounts\nexec ${process.execPath} ${cli} "$@" --root ${root} --config ${base}/node.yaml\n`,
);
chmodSync(program, 0o755);

/** Puts a stick with this content in; what the script said. */
function putIn() {
  rmSync(image, { force: true });
  rmSync(join(base, 'mounts'), { force: true });
  const made = spawnSync('mkfs.ext4', ['-q', '-d', content, image, '16M'], { encoding: 'utf8' });
  assert.is(made.status, 0, made.stderr);
  const env = { ...process.env, MATLANG_STICK_AT: at, MATLANG_PROGRAM: program, MATLANG_RUN_DIR: run };
  return spawnSync('unshare', ['-m', 'sh', script, image], { encoding: 'utf8', env });
}
const told = () => JSON.parse(readFileSync(join(run, 'update.json'), 'utf8'));

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  mkdirSync(join(base, 'try'));
  writeFileSync(join(base, 'try/x'), '');
  const tried = join(base, 'try.img');
  if (spawnSync('mkfs.ext4', ['-q', '-d', join(base, 'try'), tried, '4M']).status !== 0) return false;
  return spawnSync('unshare', ['-m', 'mount', '-t', 'ext4', '-o', 'ro,noload', tried, at]).status === 0;
}
const mounts = canMount();
if (!mounts) console.log('SKIP a stick is mounted by its script: needs root, mkfs.ext4 and loop devices');
const sticks = mounts ? test : test.skip;

sticks('somebody else’s stick is left alone', () => {
  mkdirSync(content);
  writeFileSync(join(content, 'holiday.txt'), 'x');
  const ran = putIn();
  assert.is(ran.status, 0, ran.stderr);
  assert.is(existsSync(join(run, 'update.json')), false);
});

sticks('a node without a root of trust takes nothing from a stick', async () => {
  const first = found(repo, Date.now());
  await releaseSmall(repo, join(base, 'made'), '1.0.0', 'exit 0', undefined, Date.now());
  assert.is(putIn().status, 1);
  assert.equal([told().is, told().why], ['refused', 'no-trust']);
  assert.ok(plantTrust(shelf, root, first).ok);
});

sticks('a good stick is read without a write, a program, a device or a set-uid bit, and its release runs', () => {
  const ran = putIn();
  assert.is(ran.status, 0, ran.stderr + ran.stdout);
  const [, , , options = ''] = readFileSync(join(base, 'mounts'), 'utf8').split(' ');
  for (const option of ['ro', 'nosuid', 'nodev', 'noexec']) assert.ok(options.split(',').includes(option), options);
  assert.is(told().is, 'done');
  assert.is(Reflect.get(readState(root), 'release'), '1.0.0');
});

sticks('a stick with a damaged file is refused, the lamp is told why, and what runs runs on', async () => {
  await releaseSmall(repo, join(base, 'made-2'), '1.1.0', 'exit 0', undefined, Date.now());
  const known = new Set<string>();
  for (const name of readdirSync(join(repo, 'files'), { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.gz')) known.add(name);
  for (const name of known) writeFileSync(join(repo, 'files', name), 'rubbish');
  assert.is(putIn().status, 1);
  assert.equal([told().is, told().why], ['refused', 'damaged']);
  assert.is(Reflect.get(readState(root), 'release'), '1.0.0');
});

test.run();
