import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { holdLock } from '../../agent/lock.ts';
import { makeTestNode } from '../support/node-identity.ts';
import { until } from '../support/until.ts';

const root = resolve(import.meta.dirname, '../..');
const test = suite<{ dir: string }>('lock');
test.before.each(async (context) => {
  context.dir = await mkdtemp(join(tmpdir(), 'matlang-lock-'));
});
test.after.each(({ dir }) => rm(dir, { recursive: true }));

/** A process of its own that holds the lock until it is killed. */
async function holder(path: string) {
  const code = `import { holdLock } from '${root}/agent/lock.ts'; console.log(holdLock(process.argv[1]).is); setInterval(() => 0, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code, path], { stdio: 'pipe' });
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said).trim() };
}

test('a lock is held by one process, and free again when that is released or killed', async ({ dir }) => {
  const path = join(dir, 'x.lock');
  const { child, said } = await holder(path);
  assert.is(said, 'held');
  assert.is(holdLock(path).is, 'taken');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const mine = holdLock(path);
  assert.is(mine.is, 'held');
  const other = await holder(path);
  assert.is(other.said, 'taken');
  other.child.kill('SIGKILL');
  await once(other.child, 'exit');
  if (mine.is === 'held') mine.release();
  const again = holdLock(path);
  assert.is(again.is, 'held');
  if (again.is === 'held') again.release();
});

test('where no lock can be made it says so, and is not called taken', ({ dir }) => {
  assert.is(holdLock(join(dir, 'none', 'x.lock')).is, 'impossible');
});

test('a second recorder on the same data folder leaves the first alone and says why it ends', async ({ dir }) => {
  const node = await makeTestNode();
  const config = join(dir, 'node.yaml');
  await writeFile(
    config,
    `commune: xa-thu\nnode: mat-01\ntitle: Thử\ndataDir: ${node.dataDir}\nidentityDir: ${node.identityDir}\ncamera:\n  driver: film\n  path: none.mp4\nuplink:\n  broker: mqtt://127.0.0.1:1\n`,
  );
  const start = () => {
    const env = { ...process.env, MATLANG_RUN_DIR: dir };
    const child = spawn(process.execPath, [join(root, 'agent/recorder/main.ts'), '--config', config], {
      env,
      stdio: 'pipe',
    });
    const said: string[] = [];
    child.stderr.on('data', (bytes) => said.push(String(bytes)));
    return { child, ended: once(child, 'exit'), said };
  };
  const first = start();
  try {
    await until('the lock', () => {
      const probe = holdLock(join(node.dataDir, 'recorder.lock'));
      if (probe.is === 'held') probe.release();
      assert.is(first.child.exitCode, null, first.said.join(''));
      return probe.is === 'taken';
    });
    const second = start();
    assert.equal((await second.ended).slice(0, 1), [1], second.said.join(''));
    assert.match(second.said.join(''), 'another recorder is working here');
    assert.is(first.child.exitCode, null, first.said.join(''));
  } finally {
    first.child.kill('SIGTERM');
    await first.ended;
    await node.remove();
  }
});

test.run();
