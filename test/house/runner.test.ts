// The runner that judges all others: each way in which a test file can lie is counted as a failure.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { longestFirst, longFiles } from '../runner/order.ts';
import { until } from '../support/until.ts';

const runner = join(import.meta.dirname, '../run.ts');
const example = (name: string) => join(import.meta.dirname, 'runner-examples', `${name}.example.ts`);
const env = { ...process.env, MATLANG_TEST_LIMIT_S: '3' };

function run(...names: string[]) {
  const { stdout, status } = spawnSync(process.execPath, [runner, ...names.map(example)], { encoding: 'utf8', env });
  return { stdout, status, last: stdout.trimEnd().split('\n').at(-1) };
}

test('counts what passed and what was skipped with its reason, and exits 0', () => {
  const { stdout, status, last } = run('good');
  assert.is(last, '1 passed, 0 failed, 1 skipped');
  assert.is(status, 0);
  assert.match(stdout, 'skipped sees: no camera here');
});

test('counts a failed test, shows its output, and exits 1', () => {
  const { stdout, status, last } = run('fails');
  assert.is(last, '1 passed, 1 failed, 0 skipped');
  assert.is(status, 1);
  assert.match(stdout, 'does not hold');
});

const liars: [name: string, last: string, why: RegExp][] = [
  ['hook-throws', '0 passed, 2 failed, 0 skipped', /a hook threw/],
  ['never-run', '0 passed, 1 failed, 0 skipped', /ran no test/],
  ['hangs', '0 passed, 1 failed, 0 skipped', /did not end within 3 s/],
  ['exits-early', '0 passed, 1 failed, 0 skipped', /ended before its tests did/],
  ['leaves-child', '1 passed, 1 failed, 0 skipped', /left behind: \d+ sleep 987654/],
  ['skips-silently', '1 passed, 1 failed, 1 skipped', /1 skipped, 0 with a reason/],
  ['only', '1 passed, 1 failed, 1 skipped', /1 skipped, 0 with a reason/],
];
for (const [name, expected, why] of liars)
  test(`is not fooled by a file that is "${name}"`, () => {
    const { stdout, status, last } = run(name);
    assert.is(last, expected);
    assert.is(status, 1);
    assert.match(stdout, why);
  });

test('kills what a file left behind', () => {
  run('leaves-child');
  assert.equal(running('sleep\x00987654'), []);
});

test('a name that is no test is told, and nothing is run', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [runner, 'house/texts', 'no/where'], {
    encoding: 'utf8',
    env,
  });
  assert.is(status, 2);
  assert.is(stderr, 'no such test room or file: no/where\n');
  assert.is(stdout, '');
});

test('adds up several files', () => {
  assert.is(run('good', 'fails').last, '2 passed, 1 failed, 1 skipped');
});

test('the longest files go first, the rest by name, and each that is called long is there', () => {
  assert.equal(longestFirst(['core/a.test.ts', 'uplink/crash.test.ts', 'agent/b.test.ts', 'hub/sizes.test.ts']), [
    'hub/sizes.test.ts',
    'uplink/crash.test.ts',
    'agent/b.test.ts',
    'core/a.test.ts',
  ]);
  for (const name of longFiles) assert.ok(existsSync(join(import.meta.dirname, '..', name)), `there is no ${name}`);
});

test('stops at SIGINT and leaves no child', async () => {
  const child = spawn(process.execPath, [runner, example('hangs')], { env: { ...env, MATLANG_TEST_LIMIT_S: '60' } });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await until('the example to start', () => running('hangs.example.ts').length === 2);
  child.kill('SIGINT');
  assert.is(await ended, 1);
  assert.equal(running('hangs.example.ts'), []);
});

/** Process ids whose command line holds `text`. */
function running(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false; // It has ended meanwhile.
      }
    });
}

test.run();
