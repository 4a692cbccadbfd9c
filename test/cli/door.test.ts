// The door: help in both languages, a near miss is named, one clear line for what went wrong.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../cli/run.ts';
import { commands } from '../../cli/table.ts';

const root = join(import.meta.dirname, '../..');
const { PATH, HOME, NODE_COMPILE_CACHE = '' } = process.env;
const env = { PATH, HOME, NODE_COMPILE_CACHE };
const matlang = (args: string[], more: Record<string, string> = {}) =>
  spawnSync(process.execPath, [join(root, 'cli/main.ts'), ...args], { encoding: 'utf8', env: { ...env, ...more } });
/** The same without a process of its own, of which each command would want two. */
async function within(...args: string[]): Promise<{ stdout: string; status: number | undefined }> {
  const said: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = (text: string | Uint8Array) => said.push(String(text)) > 0;
  try {
    return { status: await run(args, env, commands), stdout: said.join('') };
  } finally {
    process.stdout.write = write;
  }
}

test('--help lists every command, in the language asked for', () => {
  for (const language of ['vi', 'en'] as const) {
    const { stdout, status } = matlang(['--help', '--lang', language]);
    assert.is(status, 0);
    for (const [name, entry] of Object.entries(commands)) {
      assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
      assert.ok(stdout.replace(/\s+/g, ' ').includes(entry[language]), `${name}: ${entry[language]}`);
    }
    assert.match(stdout, language === 'vi' ? 'Cách dùng:' : 'Usage:');
    assert.is(matlang(['help', '--lang', language]).stdout, stdout);
  }
});

test('the language comes from --lang, else from the environment, else it is Vietnamese', () => {
  assert.match(matlang(['--help']).stdout, 'Lệnh:');
  assert.match(matlang(['--help'], { LANG: 'C.UTF-8' }).stdout, 'Lệnh:');
  assert.match(matlang(['--help'], { LANG: 'en_US.UTF-8' }).stdout, 'Commands:');
  assert.match(matlang(['--help', '--lang=vi'], { LANG: 'en_US.UTF-8' }).stdout, 'Lệnh:');
  assert.is(matlang(['--help', '--lang', 'fr']).status, 2);
});

test('each command loads, registers itself under its name and explains itself', async () => {
  for (const name of Object.keys(commands)) {
    const { stdout, status } = await within(name, '--help', '--lang', 'en');
    assert.is(status, 0);
    assert.match(stdout, `Usage: matlang ${name}`);
    // The library's own words, which are English only.
    assert.not.match(stdout, 'display help for command');
    assert.is((await within('help', name, '--lang', 'en')).stdout, stdout);
  }
});

test('an unknown command names its neighbour and exits 2', () => {
  const { stderr, status } = matlang(['int', '--lang', 'en']);
  assert.is(status, 2);
  assert.is(stderr, 'matlang: no command "int"; did you mean init?\nSee: matlang --help\n');
});

test('an unknown option names its neighbour and exits 2, in both languages', () => {
  const english = matlang(['init', 'x', '--drivr', 'pi', '--lang', 'en']);
  assert.is(english.status, 2);
  assert.match(english.stderr, "matlang: unknown option '--drivr' (Did you mean --driver?)\n");
  assert.match(matlang(['init', 'x', '--drivr', 'pi']).stderr, 'matlang: tùy chọn lạ: --drivr; có phải là --driver?\n');
});

test('a missing argument exits 2', () => {
  assert.is(matlang(['init']).status, 2);
});

test('--version tells the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.is(matlang(['--version']).stdout, `${version}\n`);
});

test('a command that is not named is not loaded', () => {
  // The cheapest view of what was loaded: Node's own trace of resolved modules.
  const { stderr } = matlang(['--version'], { NODE_DEBUG: 'esm' });
  assert.not.match(stderr, 'cli/commands/');
  assert.match(matlang(['init', '--help'], { NODE_DEBUG: 'esm' }).stderr, 'cli/commands/init.ts');
});

test.run();
