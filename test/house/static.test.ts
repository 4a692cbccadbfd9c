// Types, style and dead code, as three tests.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = join(import.meta.dirname, '../..');
function clean(tool: string, ...args: string[]): void {
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(tool, args, { cwd: root, encoding: 'utf8', env });
  assert.is(status, 0, `${tool} ${args.join(' ')}\n${stdout}${stderr}`);
}

test('types hold (tsc)', () => clean('tsc', '--noEmit'));
test('style holds (biome)', () => clean('biome', 'check', '--error-on-warnings', '.'));
test('nothing is dead (knip)', () => clean('knip', '--no-progress'));

test.run();
