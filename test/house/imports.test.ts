// The house's floors: imports point up only, hal is reached by type, nothing goes in circles. The rules first prove themselves on bad examples.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cycles, importsOf, wrongWays } from './imports.ts';

const root = join(import.meta.dirname, '../..');
const files = ['protocol', 'hal', 'agent', 'ota', 'hub', 'cli', 'test'].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    // The examples below are no imports.
    .filter((name) => `${room}/${name}` !== 'test/house/imports.test.ts')
    .map((name) => `${room}/${name}`),
);
const all = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));

test('imports point up the house', () => {
  assert.ok(all.length > 100);
  assert.equal(wrongWays(all), []);
});

test('there are no cycles', () => {
  assert.equal(cycles(all), []);
});

test('every import of a file of ours names a file that exists', () => {
  const known = new Set(files);
  const missing = all.filter(({ to }) => to.endsWith('.ts') && to.includes('/') && !known.has(to));
  assert.equal(
    missing.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

const bad: [name: string, file: string, source: string][] = [
  ['hal knowing the protocol', 'hal/disk.ts', "import type { Boot } from '../protocol/identity.ts';"],
  ['the protocol knowing the agent', 'protocol/a.ts', "import { x } from '../agent/spool.ts';"],
  ['the core opening the disk', 'agent/core/a.ts', "import { disk } from '../../hal/disk.ts';"],
  ['the core knowing a driver by type', 'agent/core/a.ts', "import type { X } from '../../hal/disk.ts';"],
  ['the core reading files', 'agent/core/a.ts', "import { readFile } from 'node:fs/promises';"],
  ['the recorder knowing the uplink', 'agent/recorder/a.ts', "import type { X } from '../uplink/link.ts';"],
  ['the uplink knowing the recorder', 'agent/uplink/a.ts', "export { x } from '../recorder/recorder.ts';"],
  ['the shared room knowing the recorder', 'agent/spool.ts', "import { x } from './recorder/recorder.ts';"],
  ['the hub knowing ota', 'hub/a.ts', "const x = await import('../ota/apply.ts');"],
  ['ota knowing the hub', 'ota/a.ts', "import '../hub/archive.ts';"],
  ['hal opened outside a main', 'agent/recorder/recorder.ts', "import {\n  disk,\n} from '../../hal/disk.ts';"],
  ['a value among types', 'agent/spool.ts', "import { type A, disk } from '../hal/disk.ts';"],
  ['the hub using cli', 'hub/a.ts', "import { x } from '../cli/run.ts';"],
];
for (const [name, file, source] of bad)
  test(`the rules see ${name}`, () => assert.is(wrongWays(importsOf(file, source)).length, 1));

const allowed: [name: string, file: string, source: string][] = [
  ['types of hal in the core', 'agent/core/a.ts', "import type { GreyFrame } from '../../hal/ports.ts';"],
  ['inline types of hal', 'agent/spool.ts', "import { type Disk, type DiskFile } from '../hal/ports.ts';"],
  ['hal in a main', 'agent/recorder/main.ts', "import { disk } from '../../hal/disk.ts';"],
  ['all in cli', 'cli/commands/a.ts', "import { x } from '../../agent/recorder/recorder.ts';"],
  ['an import in a comment', 'protocol/a.ts', "// import { x } from '../agent/spool.ts';"],
];
for (const [name, file, source] of allowed)
  test(`the rules allow ${name}`, () => assert.equal(wrongWays(importsOf(file, source)), []));

test('a cycle of three is seen once', () => {
  const imports = [
    ...importsOf('hal/a.ts', "import './b.ts';"),
    ...importsOf('hal/b.ts', "import './c.ts';"),
    ...importsOf('hal/c.ts', "import './a.ts';"),
  ];
  assert.equal(cycles(imports), [['hal/a.ts', 'hal/b.ts', 'hal/c.ts']]);
});

test.run();
