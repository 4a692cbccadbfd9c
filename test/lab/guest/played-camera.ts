// A camera that shows again what the product's own media child once made of a drawn junction: fragments, grey pictures and stills, at their own pace.
import { setTimeout as pause } from 'node:timers/promises';
import type { Camera, CameraSight } from '../../../hal/ports.ts';

export function playedCamera(sights: readonly CameraSight[], monoMs: () => number): Camera {
  return {
    async *run(signal) {
      while (!signal.aborted) {
        const beganMs = monoMs();
        const firstMs = sights.reduce(
          (least, sight) => Math.min(least, momentOf(sight) ?? least),
          Number.POSITIVE_INFINITY,
        );
        for (const sight of sights) {
          const dueMs = beganMs + (readyMs(sight) ?? firstMs) - firstMs;
          const waitMs = dueMs - monoMs();
          if (waitMs > 1) await pause(waitMs, undefined, { signal }).catch(() => undefined);
          if (signal.aborted) return;
          yield moved(sight, beganMs - firstMs);
        }
      }
    },
    inventory: () => ({ driver: 'played', recipe: 'scene', left: [], restarts: 0, pids: [] }),
    pace: () => undefined,
    caption: () => undefined,
  };
}

function momentOf(sight: CameraSight): number | undefined {
  if (sight.is === 'grey') return sight.frame.monoMs;
  return sight.is === 'fragment' || sight.is === 'jpeg' ? sight.monoMs : undefined;
}

/** A fragment is there when its last picture is. */
function readyMs(sight: CameraSight): number | undefined {
  return sight.is === 'fragment' ? sight.monoMs + sight.durationMs : momentOf(sight);
}

function moved(sight: CameraSight, byMs: number): CameraSight {
  if (sight.is === 'grey')
    return {
      ...sight,
      frame: { ...sight.frame, pixels: Uint8Array.from(sight.frame.pixels), monoMs: sight.frame.monoMs + byMs },
    };
  return sight.is === 'fragment' || sight.is === 'jpeg' ? { ...sight, monoMs: sight.monoMs + byMs } : sight;
}
