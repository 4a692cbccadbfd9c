// Where subjects have stood, and since when. Who passes by one that stands is one blob with it for a moment, and may take its track along; what is there
// afterwards has not come just now, and its time as a subject goes on.
import type { Blob } from './blobs.ts';
import { lengthOf } from './exact.ts';
import { extentOf, type Track } from './track.ts';

export interface Stood {
  /** The track stands there no longer, or is gone. */
  remember(track: Track): void;
  /** Since when something of this size has stood here: now, if nobody has of late. */
  sinceMs(blob: Blob, monoMs: number): number;
}

/** Who stays within this part of his own size stands. */
export const standExtent = 0.5;
/** Shorter is no standing. */
const stoodMsMin = 5000;
/** The place is kept for so long. */
const keptMs = 10_000;
const places = 4;

export function createStood(): Stood {
  const all = Array.from({ length: places }, () => ({
    x: 0,
    y: 0,
    size: 0,
    sinceMs: 0,
    untilMs: Number.NEGATIVE_INFINITY,
  }));
  const running = { next: 0 };

  function remember({ standX, standY, standSize, standSinceMs, seenMs }: Track): void {
    if (seenMs - standSinceMs < stoodMsMin) return;
    const oldest = all[running.next];
    running.next = (running.next + 1) % places;
    if (oldest === undefined) return;
    oldest.x = standX;
    oldest.y = standY;
    oldest.size = standSize;
    oldest.sinceMs = standSinceMs;
    oldest.untilMs = seenMs;
  }

  function sinceMs(blob: Blob, monoMs: number): number {
    let since = monoMs;
    for (const { x, y, size, sinceMs, untilMs } of all) {
      if (monoMs - untilMs > keptMs) continue;
      const near = standExtent * Math.max(size, extentOf(blob));
      if (lengthOf(blob.x - x, blob.y - y) < near) since = Math.min(since, sinceMs);
    }
    return since;
  }

  return { remember, sinceMs };
}
