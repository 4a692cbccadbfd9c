// A file system that has gone read-only stays so until somebody unmounts it, checks it and mounts it again, and a card that answers nothing may answer after
// that. Only root can, and not while we work on it: the wish is laid into the run folder, where matlang-care.path waits for it, stops both halves of the node,
// heals the card and starts them. What is in memory stays there meanwhile. The price is a camera that rests for a few seconds; the gain is footage again.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CardTrouble } from '../card-trouble.ts';

export interface CardCare {
  /** Once a second, with what the card says now. */
  tick(trouble: CardTrouble | undefined): Promise<void>;
}

export const careNames = { wish: 'card-wants-care', done: 'card-cared' } as const;
/** A reader that was jolted, or a cable, may be back by itself. */
const afterMs = 60_000;
/** A card that no care helps must not stop the camera every minute. */
const againMs = 3_600_000;

/** Milliseconds since the machine began, the same for every process. */
const sinceBootMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

export function openCardCare(runDir: string, upMs: () => number = sinceBootMs): CardCare {
  const state = { sinceMs: undefined as number | undefined, wished: false };
  const lastMs = async (): Promise<number> => {
    try {
      return Number(await readFile(join(runDir, careNames.done), 'utf8'));
    } catch {
      // Not since the machine began: the run folder is memory.
      return Number.NEGATIVE_INFINITY;
    }
  };
  return {
    tick: async (trouble) => {
      const nowMs = upMs();
      // A full one is not ill.
      if (trouble === undefined || trouble === 'card-full') state.sinceMs = undefined;
      else state.sinceMs ??= nowMs;
      if (state.sinceMs === undefined || state.wished || nowMs - state.sinceMs < afterMs) return;
      state.wished = true;
      const isDue = nowMs - (await lastMs()) >= againMs;
      if (isDue) await writeFile(join(runDir, careNames.wish), `${nowMs}\n`).catch(() => undefined);
      // Asked or not, the answer is the same for a minute.
      else Object.assign(state, { wished: false, sinceMs: nowMs });
    },
  };
}
