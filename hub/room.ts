// Is there room on the disk? A hub that is nearly full stores nothing more and so gives no receipts: the nodes keep what they have.
import type { Disk } from '../hal/ports.ts';
import { limits } from './limits.ts';

export interface Room {
  isEnough(): Promise<boolean>;
}

/** `told` is called when the room becomes too little, and again when there is enough. */
export function openRoom(
  disk: Disk,
  folder: string,
  keepFreeBytes: number,
  monoMs: () => number,
  told: (isEnough: boolean, freeBytes: number) => void,
): Room {
  const seen = { isEnough: true, monoMs: Number.NEGATIVE_INFINITY };
  return {
    isEnough: async () => {
      if (monoMs() - seen.monoMs < limits.roomEveryMs) return seen.isEnough;
      seen.monoMs = monoMs();
      const { freeBytes } = await disk.space(folder);
      const isEnough = freeBytes >= keepFreeBytes;
      if (isEnough !== seen.isEnough) told(isEnough, freeBytes);
      seen.isEnough = isEnough;
      return isEnough;
    },
  };
}
