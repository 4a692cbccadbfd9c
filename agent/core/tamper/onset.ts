// How a change came: all over the picture at once, as when the camera is turned, or bit by bit, as when something drives in front of it.
export interface Onset {
  /** How far the picture is from the view, cell by cell. */
  add(latest: Float32Array, view: Float32Array, monoMs: number): void;
  /** How long the change that now stands took to grow from a quarter to three quarters of what it is; infinite when it is older than what is remembered. */
  riseMs(): number;
  forget(): void;
}

/** Twelve seconds at 10 pictures a second: a change is judged some seconds after it came. */
const picturesMax = 128;
/** Grey levels by which a cell has changed. */
const offMin = 8;

export function createOnset(): Onset {
  const shares = new Float64Array(picturesMax);
  const times = new Float64Array(picturesMax);
  const ring = { next: 0, held: 0 };
  const before = (back: number) => (ring.next - 1 - back + 2 * picturesMax) % picturesMax;

  return {
    add: (latest, view, monoMs) => {
      let off = 0;
      for (let at = 0; at < latest.length; at++) {
        const by = (latest[at] as number) - (view[at] as number);
        if (by > offMin || by < -offMin) off++;
      }
      shares[ring.next] = off / latest.length;
      times[ring.next] = monoMs;
      ring.next = (ring.next + 1) % picturesMax;
      ring.held = Math.min(picturesMax, ring.held + 1);
    },
    riseMs: () => {
      const now = shares[before(0)] ?? 0;
      let high = 0;
      // Backwards: the earliest moment from which most of it stood without a break, then on to when little of it did.
      while (high + 1 < ring.held && (shares[before(high + 1)] ?? 0) >= 0.75 * now) high++;
      let low = high;
      while (low + 1 < ring.held && (shares[before(low)] ?? 0) > 0.25 * now) low++;
      if ((shares[before(low)] ?? 0) > 0.25 * now) return Number.POSITIVE_INFINITY;
      return (times[before(high)] ?? 0) - (times[before(low)] ?? 0);
    },
    forget: () => {
      ring.held = 0;
    },
  };
}
