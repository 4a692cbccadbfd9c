import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('ota/launcher-alone');

/** Every file a program loads, and every module it takes from elsewhere. */
function reach(file: string, files = new Set<string>(), modules = new Set<string>()) {
  files.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    if (!name.startsWith('.')) modules.add(name);
    else if (!files.has(join(dirname(file), name))) reach(join(dirname(file), name), files, modules);
  }
  return { files: [...files], modules: [...modules] };
}

test('the launcher loads nothing but node: and its neighbours in ota/', () => {
  const ota = fileURLToPath(new URL('../../ota/', import.meta.url));
  const { files, modules } = reach(join(ota, 'launcher-main.ts'));
  assert.ok(files.length >= 5, files.join(' '));
  assert.equal(
    files.filter((file) => dirname(file) !== dirname(join(ota, 'x'))),
    [],
  );
  assert.equal(
    modules.filter((name) => !name.startsWith('node:')),
    [],
  );
});

test.run();
