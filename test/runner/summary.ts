// What a test file said about itself, and whether to believe it.

export interface FileRun {
  readonly file: string;
  readonly output: string;
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly timedOut: boolean;
  /** Processes still alive after the file had ended, as `pid command`; what could not be removed of its folder. */
  readonly leftovers: readonly string[];
  readonly tookMs: number;
}
export interface FileResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skips: readonly string[];
  /** Why the file as a whole is not to be believed; each adds one failure. */
  readonly faults: readonly string[];
}

/** uvu alone exits 0 when a hook throws or `.run()` is missing: only a summary that adds up is a pass. */
export function judge(run: FileRun, limitS: number): FileResult {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the escape character
  const text = run.output.replace(/\x1b\[[0-9;]*m/g, '');
  const counted = /^ {2}Total: {5}(\d+)\n {2}Passed: {4}(\d+)\n {2}Skipped: {3}(\d+)$/gm;
  const last = [...text.matchAll(counted)].at(-1);
  const [total, passed, skipped] = last === undefined ? [0, 0, 0] : [Number(last[1]), Number(last[2]), Number(last[3])];
  const skips = [...text.matchAll(/^SKIP (.+: .+)$/gm)].map((match) => match[1] ?? '');

  const faults: string[] = [];
  if (run.timedOut) faults.push(`did not end within ${limitS} s`);
  else if (last === undefined && run.code === 0) faults.push('ran no test; is .run() missing?');
  else if (last === undefined) faults.push(`ended before its tests did (exit ${run.code ?? 'by signal'})`);
  else if (total + skipped === 0) faults.push('ran no test');
  // uvu's total leaves out what is skipped.
  else if (passed < total && run.code === 0) faults.push('a hook threw; its tests were not run');
  else if (passed === total && run.code !== 0)
    faults.push(`all tests passed, yet it ended with ${run.code ?? 'a signal'}`);
  if (skipped !== skips.length) faults.push(`${skipped} skipped, ${skips.length} with a reason`);
  if (run.leftovers.length > 0) faults.push(`left behind: ${run.leftovers.join(', ')}`);
  return { passed, failed: total - passed + faults.length, skipped, skips, faults };
}
