// Ranges of blocks that the hub lacks: [from, to), in the order of the body.

export type Ranges = readonly (readonly [from: number, to: number])[];

/** Clipped to a body of `blocks` blocks, sorted, joined, without empty ones: whatever a hub may have asked, no block is named twice. */
export function tidy(ranges: Ranges, blocks: number): Ranges {
  const clipped = ranges
    .map(([from, to]) => [Math.max(0, from), Math.min(blocks, to)] as const)
    .filter(([from, to]) => from < to)
    .sort(([one], [other]) => one - other);
  return clipped.reduce<(readonly [number, number])[]>((joined, [from, to]) => {
    const last = joined.at(-1);
    if (last === undefined || from > last[1]) joined.push([from, to]);
    else joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    return joined;
  }, []);
}

/** The first piece of at most `blocksMax` blocks, and what is left after it. Undefined when there is nothing. */
export function firstPiece(
  ranges: Ranges,
  blocksMax: number,
): { piece: readonly [from: number, to: number]; rest: Ranges } | undefined {
  const [first, ...others] = ranges;
  if (first === undefined) return undefined;
  const [from, to] = first;
  const end = Math.min(to, from + blocksMax);
  return { piece: [from, end], rest: end < to ? [[end, to], ...others] : others };
}
