// When to try again. Pure: `chance` is a random number, 0 ≤ chance < 1.

/** A session that lived longer than this was a good one (so is one in which the hub took something): what ended it is more likely the link than us. */
export const goodSessionMs = 10_000;
const jitterMs = 1000;
const firstMs = 1000;
const mostMs = 30_000;

/**
 * How long to wait before connecting again. `failures` counts the sessions since the last good one, 0 right after it: then at once, spread over a
 * second (35 nodes get their power back in the same one); later with exponential back-off and full jitter, at most 30 s.
 */
export function reconnectAfterMs(failures: number, chance: number): number {
  if (failures <= 0) return chance * jitterMs;
  return chance * Math.min(mostMs, firstMs * 2 ** Math.min(failures, 10));
}

const answerMs = 10_000;
const answerMsMost = 300_000;

/** How long the hub may take to answer the `tries`-th announcement (from 1) once the broker has it. */
export function answerWithinMs(tries: number): number {
  return Math.min(answerMsMost, answerMs * 2 ** Math.min(Math.max(tries - 1, 0), 10));
}
