// The first two seconds: the median of a few pictures is the place without its passers-by.

/** Median of up to nine pictures: what stood in fewer than half of them leaves no ghost. */
const picturesMax = 9;
const picturesMin = 3;
/** Learned in this time, or as soon as nine pictures are there. */
const warmUpMs = 1800;
const gapMs = 190;

export interface WarmUp {
  /** Takes a picture; returns true when there are enough of them. */
  gather(now: Uint8Array, monoMs: number): boolean;
  /** The median of what was gathered becomes the mean, half the mean deviation from it the fluctuation. */
  settle(mean: Float32Array, fluctuation: Float32Array): void;
  isEmpty(): boolean;
  reset(): void;
}

export function createWarmUp(pixels: number): WarmUp {
  const stack = new Uint8Array(picturesMax * pixels);
  const sorted = new Uint8Array(picturesMax);
  const state = { gathered: 0, startedMs: 0, gatheredMs: 0 };

  function gather(now: Uint8Array, monoMs: number): boolean {
    if (state.gathered === 0) state.startedMs = monoMs;
    if (state.gathered === 0 || monoMs - state.gatheredMs >= gapMs) {
      stack.set(now, (state.gathered % picturesMax) * pixels);
      state.gathered++;
      state.gatheredMs = monoMs;
    }
    return state.gathered >= picturesMax || (state.gathered >= picturesMin && monoMs - state.startedMs >= warmUpMs);
  }

  function settle(mean: Float32Array, fluctuation: Float32Array): void {
    const count = Math.min(state.gathered, picturesMax);
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let i = 0; i < count; i++) sortIn(sorted, i, stack[i * pixels + pixel] ?? 0);
      const median = sorted[count >> 1] ?? 0;
      // The outer two are left out: a passer-by is not what this pixel does of itself.
      let sum = 0;
      for (let i = 1; i < count - 1; i++) sum += Math.abs((sorted[i] ?? 0) - median);
      mean[pixel] = median;
      fluctuation[pixel] = sum / Math.max(1, count - 2) / 2;
    }
  }

  return {
    gather,
    settle,
    isEmpty: () => state.gathered === 0,
    reset: () => {
      state.gathered = 0;
    },
  };
}

/** Insertion into the first `count` sorted values. */
function sortIn(sorted: Uint8Array, count: number, value: number): void {
  let at = count;
  while (at > 0 && (sorted[at - 1] ?? 0) > value) {
    sorted[at] = sorted[at - 1] ?? 0;
    at--;
  }
  sorted[at] = value;
}
