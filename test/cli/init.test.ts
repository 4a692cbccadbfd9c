// `matlang init`: what it writes is read back without fault, explains every key in both languages, and never replaces a file.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';
import { configSchema } from '../../agent/core/config/schema.ts';
import { alternative, keysOf, schemaBelow } from '../../agent/core/config/wanted.ts';
import { words } from '../../agent/core/config/words.ts';
import { drivers } from '../../cli/commands/init.ts';

const test = suite<{ folder: string }>('');
test.before.each((at) => {
  at.folder = mkdtempSync(join(tmpdir(), 'init-'));
});
test.after.each((at) => rmSync(at.folder, { recursive: true }));

const matlang = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../cli/main.ts'), ...args], { encoding: 'utf8' });

/** Everything that is an example, taken at its word: the comment signs removed, the empty list above it dropped. */
function withExamples(text: string): string {
  const lines = text.split('\n');
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (!line.includes('# Ví dụ')) {
      kept.push(line);
      continue;
    }
    kept.pop();
    for (at += 1; /^ *# (\w+:$| )/.test(lines[at] ?? ''); at++) kept.push((lines[at] ?? '').replace('# ', ''));
    at -= 1;
  }
  return kept.join('\n');
}

for (const driver of drivers)
  test(`the file for driver ${driver} is read back without fault, with its examples too`, ({ folder }) => {
    const file = join(folder, 'node.yaml');
    const { status, stderr } = matlang('init', file, '--driver', driver, '--node', 'mat-07', '--lang', 'en');
    assert.is(status, 0, stderr);
    const text = readFileSync(file, 'utf8');
    for (const each of [text, withExamples(text)]) {
      const read = readNodeConfig(each, 'node.yaml');
      assert.equal(read.ok ? [] : read.faults.map((fault) => faultLine(fault)), []);
      if (read.ok) assert.is(read.config.camera.driver, driver);
    }
    assert.is(withExamples(text).includes('Ví dụ'), false);
    const examples = readNodeConfig(withExamples(text), 'node.yaml');
    if (examples.ok) assert.ok(examples.config.motion.watch.length === 1 && examples.config.pins.inputs.length === 1);
  });

test('every key of every driver, zone and pin has Vietnamese and English words of its own', () => {
  const without: string[] = [];
  const look = (schema: Parameters<typeof keysOf>[0], value: unknown, path: string): void => {
    for (const key of keysOf(schema, value)) {
      const field = schemaBelow(schema, key, value);
      assert.ok(field !== undefined);
      const said = words.get(field as Parameters<typeof words.get>[0]);
      if (!said?.vi || !said.en) without.push(`${path}${key}`);
      look(field, undefined, `${path}${key}.`);
      const entry = schemaBelow(field, 0, []);
      if (entry !== undefined) look(entry, undefined, `${path}${key}[].`);
    }
  };
  look(configSchema, {}, '');
  const camera = schemaBelow(configSchema, 'camera', {});
  assert.ok(camera !== undefined);
  for (const driver of drivers) {
    assert.ok(alternative(camera, { driver }) !== undefined);
    look(camera, { driver }, `camera(${driver}).`);
  }
  assert.equal(without, []);
});

test('each key stands under its own comments, Vietnamese first', ({ folder }) => {
  const file = join(folder, 'node.yaml');
  matlang('init', file, '--driver', 'scene');
  const text = readFileSync(file, 'utf8');
  assert.match(
    text,
    '# Mã xã: chữ thường không dấu, số và dấu gạch\n# Commune: lower-case letters, digits and dashes\ncommune:',
  );
  assert.match(
    text,
    '  # Số khung hình mỗi giây · từ 1 đến 30 · mặc định 15\n  # Frames per second · 1 to 30 · default 15\n  fps: 15\n',
  );
});

test('a file that exists is left as it is', ({ folder }) => {
  const file = join(folder, 'node.yaml');
  writeFileSync(file, 'mine');
  const { status, stderr } = matlang('init', file, '--lang', 'en');
  assert.is(status, 1);
  assert.match(stderr, 'exists and was left alone');
  assert.is(readFileSync(file, 'utf8'), 'mine');
});

test('only the owner can read the file', ({ folder }) => {
  const file = join(folder, 'node.yaml');
  matlang('init', file);
  assert.is(statSync(file).mode & 0o777, 0o600);
});

test('a bad name, a bad driver and a folder that is not there are one line each, and write nothing', ({ folder }) => {
  const file = join(folder, 'node.yaml');
  const name = matlang('init', file, '--node', 'Mắt 7', '--lang', 'en');
  assert.is(name.status, 1);
  assert.match(name.stderr, /^node: must be 1 to 32 of a-z, .* not "Mắt 7"\n$/);
  assert.is(matlang('init', file, '--driver', 'webcam').status, 2);
  const nowhere = matlang('init', join(folder, 'none', 'node.yaml'), '--lang', 'en');
  assert.is(nowhere.status, 1);
  assert.match(nowhere.stderr, /^matlang: cannot write .* \(ENOENT\)\n$/);
  assert.is(statSync(file, { throwIfNoEntry: false }), undefined);
});

test.run();
