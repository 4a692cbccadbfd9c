// When a segment ends, and how much footage a node with a small card keeps in memory only.

/** Whether footage is wanted: an event goes on, it is over and its post-roll runs, or nothing happens. */
export type Wanted = 'now' | 'after' | 'not';

/**
 * What a power cut may cost is one segment and the fragment that is being made, so while an event goes on each fragment is a segment of its own. Every
 * segment costs the card some 60 KB beside its bytes (two commits of ext4's journal), and sealing and signing: otherwise they are longer.
 */
const segmentMs: Readonly<Record<Wanted, number>> = { now: 1000, after: 6000, not: 10_000 };
/** Fragments are not exactly a second long; a segment that is this close to its length is full. */
const toleranceMs = 250;

export function cutDue(durationMs: number, wanted: Wanted): boolean {
  return durationMs >= segmentMs[wanted] - toleranceMs;
}

/** A fragment that is in memory only (profile `events`, nothing happening). */
export interface Loose {
  readonly bytes: Uint8Array;
  readonly monoMs: number;
  readonly durationMs: number;
}

/** Footage in memory is bounded by time and, for a camera with a runaway bit rate, by size. */
export const looseBytesMax = 16 * 1024 * 1024;

/** The newest of `loose` that cover `keepMs`: what an event beginning now would want as its pre-roll. */
export function keptLoose(loose: readonly Loose[], keepMs: number): readonly Loose[] {
  const newest = loose.at(-1);
  if (newest === undefined) return loose;
  const fromMonoMs = newest.monoMs + newest.durationMs - keepMs;
  let first = loose.findIndex((each) => each.monoMs + each.durationMs > fromMonoMs);
  let bytes = loose.slice(first).reduce((sum, each) => sum + each.bytes.length, 0);
  while (bytes > looseBytesMax && first < loose.length - 1) {
    bytes -= loose[first]?.bytes.length ?? 0;
    first += 1;
  }
  return loose.slice(first);
}
