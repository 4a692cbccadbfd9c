// `npm run lab [-- --keep]`: the whole lab. The pole's machine with all that happens to it, and beside it first Debian 13's libcamera, then an arm64 machine. Packages are
// made once, for all of them. Each part writes its own report below docs/ref/, and runs alone by a command of its own: `lab:pole`, `lab:libcamera`, `lab:arm64`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { missingTools } from './pole-image.ts';
import { openFolder, say } from './pole-notes.ts';
import { makePackages } from './pole-packages.ts';
import { missingBinfmt } from './translated-root.ts';
import { noQemu } from './vm.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const { values } = parseArgs({ options: { keep: { type: 'boolean' } } });
const absent = noQemu() ?? noQemu('arm64') ?? missingTools() ?? missingBinfmt();
if (absent !== undefined) {
  console.log(`SKIP: the lab did not run: ${absent}`);
  process.exit(0);
}

const startMs = performance.now();
const dir = openFolder('whole', values.keep === true);
say('packages …');
const packages = await makePackages(join(dir, 'packages'));
// Neither stands back: a translated machine that gets no processor for minutes looks like one that hangs.
const seen = (await Promise.all([inTurn(['pole']), inTurn(['libcamera', 'arm64'])])).flat();
const sum = (of: keyof Counts) => seen.reduce((all, counts) => all + counts[of], 0);
const minutes = Math.round((performance.now() - startMs) / 60_000);
say(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped, ${minutes} minutes`);
process.exitCode = sum('failed') === 0 ? 0 : 1;

async function inTurn(parts: readonly string[]): Promise<Counts[]> {
  const all: Counts[] = [];
  for (const part of parts) all.push(await run(part));
  return all;
}

/** What it says, with its name before each line. One that ends without its counts has failed. */
async function run(part: string): Promise<Counts> {
  const path = fileURLToPath(new URL(`${part}.ts`, import.meta.url));
  const more = values.keep === true ? ['--keep'] : [];
  const child = spawn(process.execPath, [path, '--packages', packages, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  let counts: Counts | undefined;
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      say(`${part.padEnd(9)} | ${line}`);
      const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed, (\d+) skipped/.exec(line) ?? [];
      if (passed !== undefined) counts = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
    });
  const [code] = await once(child, 'close');
  process.off('exit', end);
  if (counts === undefined) say(`FAIL ${part} ended with ${code} before its end`);
  return counts ?? { passed: 0, failed: 1, skipped: 0 };
}
