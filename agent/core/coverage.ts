// Which minutes were recorded: ranges of footage, joined where they touch.
export interface Range {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
}

/** Fragments are cut at key frames and stamped at arrival, so neighbours may lie this far apart. */
const touchMs = 500;

/** `ranges` are in order of time, and so is `added`. */
export function withRange(ranges: readonly Range[], added: Range): Range[] {
  const last = ranges.at(-1);
  if (last === undefined || added.fromMonoMs - last.toMonoMs > touchMs) return [...ranges, added];
  return [...ranges.slice(0, -1), { fromMonoMs: last.fromMonoMs, toMonoMs: Math.max(last.toMonoMs, added.toMonoMs) }];
}
