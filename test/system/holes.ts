// Where a node's film has a hole between two starts, by what lies in its ring.
import { findAll } from './outsider.ts';

export interface Hole {
  readonly ms: number;
  readonly afterBoot: string;
}

/** In the order of time. */
export function holesIn(ring: string): Hole[] {
  const pieces = findAll(ring)
    .map(({ manifest }) => manifest as { boot: string; wallMs: number; durationMs: number })
    .sort((a, b) => a.wallMs - b.wallMs);
  return pieces.flatMap((piece, index) => {
    const before = pieces[index - 1];
    if (before === undefined || before.boot === piece.boot) return [];
    return [{ ms: Math.round(piece.wallMs - before.wallMs - before.durationMs), afterBoot: before.boot }];
  });
}
