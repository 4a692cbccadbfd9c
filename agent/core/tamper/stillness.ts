// A picture that stands still: equal to the one before it, again and again. A sensor has noise; only a stuck camera, or a picture of a picture, has none.
import { decay } from '../motion/exact.ts';

export interface Stillness {
  /** `difference` to the picture before, mean grey levels; NaN where there is nothing to compare. */
  add(difference: number, monoMs: number): void;
  /** Since when pictures are equal; undefined while they are not. */
  since(): number | undefined;
  /** Equal for longer than this camera's pictures ever are by themselves. */
  isFrozen(): boolean;
  /** What `isFrozen` waits for. */
  neededMs(): number;
  forget(): void;
}

/** Key frames of cheap cameras come every 1 to 10 s; between them a still night may be repeated unchanged. */
const frozenMsMin = 12_000;
const frozenMsMax = 120_000;
/** A camera that repeats itself for so long by night may do so for twice as long. */
const patience = 2;
/** Long repetitions are believed in for some days. */
const trustMs = 48 * 3_600_000;
/** Not quite equal, but far less than this camera's noise ever was: a picture that was encoded again. */
const nearlyEqual = 0.02;
const nearlyEqualMax = 0.05;
/** Time constant of what a living picture's difference usually is. */
const usualMs = 60_000;

export function createStillness(): Stillness {
  const known = { usual: 0, longestMs: 0, longestAtMs: 0, sinceMs: Number.NaN, lastMs: Number.NaN };

  function neededMs(): number {
    const fading = decay((known.lastMs - known.longestAtMs) / trustMs);
    return Math.min(frozenMsMax, Math.max(frozenMsMin, patience * known.longestMs * (fading > 0 ? fading : 1)));
  }
  const isFrozen = () => known.lastMs - known.sinceMs >= neededMs();

  function end(monoMs: number): void {
    const ran = known.lastMs - known.sinceMs;
    if (ran > known.longestMs && !isFrozen()) {
      known.longestMs = ran;
      known.longestAtMs = monoMs;
    }
    known.sinceMs = Number.NaN;
  }

  return {
    add: (difference, monoMs) => {
      const still = difference <= Math.min(nearlyEqualMax, nearlyEqual * known.usual);
      if (still && Number.isNaN(known.sinceMs)) known.sinceMs = Number.isNaN(known.lastMs) ? monoMs : known.lastMs;
      if (!still) {
        end(monoMs);
        const part = Math.min(1, (monoMs - known.lastMs) / usualMs);
        if (difference > 0) known.usual += (Number.isNaN(part) ? 1 : part) * (difference - known.usual);
      }
      known.lastMs = monoMs;
    },
    since: () => (Number.isNaN(known.sinceMs) ? undefined : known.sinceMs),
    isFrozen,
    neededMs,
    forget: () => {
      known.sinceMs = Number.NaN;
      known.lastMs = Number.NaN;
    },
  };
}
