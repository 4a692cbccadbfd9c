// Runs test files, one process each: `node test/run.ts [room or file …]`, as `hub` or `ota/trust`. The last line is `N passed, N failed, N skipped`; exit 0 only when none failed.
//   NODE_COMPILE_CACHE     what was compiled of the sources is kept here (a folder of this run, removed with it): hundreds of processes load the same ones.
//   MATLANG_TEST_LIMIT_S   seconds of an idle machine that a file may take (120)
//   MATLANG_TEST_JOBS      files at a time (3; four were no faster on two processors). Those that others on the machine would make fail come at the end: virtual machines (`lab/`) one by one, `*.alone.test.ts` two at a time.
// The longest files begin first (runner/order.ts).
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { longestFirst } from './runner/order.ts';
import { runFile } from './runner/run-file.ts';
import { type FileResult, judge } from './runner/summary.ts';

const root = resolve(import.meta.dirname, '..');

interface Sum {
  passed: number;
  failed: number;
  skipped: number;
}

/** Folders and files as named, relative to `test/` or to where we are; all rooms where none is named. */
function filesOf(names: readonly string[]): string[] {
  const from = names.length === 0 ? [import.meta.dirname] : names.flatMap((name) => find(name) ?? []);
  const files = from.flatMap((path) => (statSync(path).isDirectory() ? testsBelow(path) : [path]));
  const below = files.map((path) => relative(import.meta.dirname, path));
  return longestFirst([...new Set(below)]).map((name) => join(import.meta.dirname, name));
}

function testsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}

/** `ota/trust` is `test/ota/trust.test.ts`. */
const endings = ['', '.test.ts', '.alone.test.ts', '.ts'];

function find(name: string): string | undefined {
  return [join(import.meta.dirname, name), resolve(name)]
    .flatMap((path) => endings.map((ending) => path + ending))
    .find((path) => statSync(path, { throwIfNoEntry: false }));
}

function kindOf(file: string): 'together' | 'machine' | 'alone' {
  if (relative(import.meta.dirname, file).startsWith('lab/')) return 'machine';
  return file.endsWith('.alone.test.ts') ? 'alone' : 'together';
}

function report(file: string, result: FileResult, output: string, tookMs: number): void {
  const name = relative(root, file);
  const counts = `${result.passed} passed${result.failed > 0 ? `, ${result.failed} failed` : ''}${result.skipped > 0 ? `, ${result.skipped} skipped` : ''}`;
  if (result.failed > 0) process.stdout.write(`\n──── ${name}\n${output.trimEnd()}\n`);
  process.stdout.write(`${result.failed > 0 ? 'FAIL' : 'ok  '} ${name}  ${counts}  ${(tookMs / 1000).toFixed(1)} s\n`);
  for (const fault of result.faults) process.stdout.write(`     ${name}: ${fault}\n`);
  for (const skip of result.skips) process.stdout.write(`     skipped ${skip}\n`);
}

async function runAll(files: readonly string[], jobs: number, limitS: number, stop: AbortSignal): Promise<Sum> {
  const sum: Sum = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...files];
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined && !stop.aborted; file = waiting.shift()) {
      const run = await runFile(file, limitS, stop);
      const result = judge(run, limitS);
      report(file, result, run.output, run.tookMs);
      sum.passed += result.passed;
      sum.failed += result.failed;
      sum.skipped += result.skipped;
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return sum;
}

async function main(names: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const unknown = names.filter((name) => find(name) === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`no such test room or file: ${unknown.join(', ')}\n`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const limitS = Number(env.MATLANG_TEST_LIMIT_S ?? (env.MATLANG_LONG ? 3600 : 120));
  const jobs = Math.max(1, Number(env.MATLANG_TEST_JOBS ?? 3));
  const files = filesOf(names);
  const cache = env.NODE_COMPILE_CACHE === undefined ? mkdtempSync(join(tmpdir(), 'mt-compiled-')) : undefined;
  if (cache !== undefined) env.NODE_COMPILE_CACHE = cache;
  const sum: Sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { is, atOnce } of [
    { is: 'together', atOnce: jobs },
    { is: 'machine', atOnce: 1 },
    { is: 'alone', atOnce: Math.min(jobs, 2) },
  ]) {
    const now = files.filter((file) => kindOf(file) === is);
    const { passed, failed, skipped } = await runAll(now, atOnce, limitS, stop.signal);
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  if (cache !== undefined) rmSync(cache, { recursive: true, force: true });
  const nothing = files.length === 0 || stop.signal.aborted ? 1 : 0;
  if (nothing > 0) process.stdout.write(stop.signal.aborted ? 'interrupted\n' : 'no test file found\n');
  const failed = sum.failed + nothing;
  process.stdout.write(`\n${sum.passed} passed, ${failed} failed, ${sum.skipped} skipped\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2), process.env);
