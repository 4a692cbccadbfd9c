// What is written beside the code: no notes to self, no private addresses, links that lead somewhere, both languages.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = join(import.meta.dirname, '../..');
const files = spawnSync('git', ['-c', `safe.directory=${root}`, 'ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .stdout.split('\0')
  .filter((name) => name !== '' && existsSync(join(root, name)));
const text = (name: string): string => readFileSync(join(root, name), 'utf8');
const plain = files.filter((name) => !/\.(png|jpg|mp4|ico|svg|woff2?)$/.test(name));

/** `name:line text` for each line that matches. */
function lines(names: readonly string[], pattern: RegExp): string[] {
  return names.flatMap((name) =>
    text(name)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${name}:${index + 1} ${line.trim().slice(0, 120)}`] : [])),
  );
}

// Put together here, so that this file does not find itself.
const notes = new RegExp(`\\b(${['TO', 'FIX', 'X'].map((head, i) => head + ['DO', 'ME', 'XX'][i]).join('|')})\\b`);
const places = new RegExp(
  ['/wo' + 'rk/', 'local' + 'host:4873', 'registry' + '\\.(?!npmjs\\.org)', 'art' + 'ifactory'].join('|'),
);

test('there are no notes to self', () => {
  assert.ok(files.length > 50);
  assert.equal(
    lines(
      plain.filter((name) => name !== 'LICENSE'),
      notes,
    ),
    [],
  );
});

test('nothing names the place where it was written: no private registries, no paths', () => {
  assert.equal(lines(plain, places), []);
  assert.equal(lines(['package-lock.json'], /"resolved": "http/), []);
});

test('links in the documents lead to files that exist', () => {
  const broken = files
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) =>
      [...text(name).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
        .filter((to) => to !== '' && !/^[a-z]+:/.test(to) && !existsSync(join(root, dirname(name), to)))
        .map((to) => `${name}: ${to}`),
    );
  assert.equal(broken, []);
});

test('every fault of the technician’s page has words on the desk in both languages, and the other way round', () => {
  const table = text('docs/guide/kiem-tra.md').split('# Mã lỗi')[1] ?? '';
  const told = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) =>
    [...(row[1] ?? '').matchAll(/`([a-z-]+?)(?:-…)?`/g)].map((match) => match[1] ?? ''),
  );
  const words: Record<string, { vi?: string; en?: string }> = JSON.parse(text('hub/page/faults.json'));
  assert.ok(told.length > 40);
  assert.equal(told.toSorted(), Object.keys(words).toSorted());
  assert.equal(
    Object.entries(words).filter(([, { vi = '', en = '' }]) => vi === '' || en === ''),
    [],
  );
});

test('the glossary has both languages in every row', () => {
  const rows = text('docs/glossary.md')
    .split('\n')
    .filter((line) => /^\|(?! ?-|-)/.test(line));
  assert.ok(rows.length > 15);
  assert.equal(
    rows.filter((row) =>
      row
        .split('|')
        .slice(1, 4)
        .some((cell) => cell.trim() === ''),
    ),
    [],
  );
});

test.run();
