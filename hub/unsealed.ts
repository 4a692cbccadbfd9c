// Segments that a player is reading, kept unsealed in memory for its next range request. Never on disk.
import { limits } from './limits.ts';

export type Unsealed = (key: string, make: () => Promise<Uint8Array>) => Promise<Uint8Array>;

export function openUnsealed(bytesMax: number = limits.unsealedBytes): Unsealed {
  const kept = new Map<string, { made: Promise<Uint8Array>; bytes: number }>();
  const makeRoom = () => {
    let sum = [...kept.values()].reduce((total, { bytes }) => total + bytes, 0);
    for (const [key, { bytes }] of kept) {
      if (sum <= bytesMax) return;
      kept.delete(key);
      sum -= bytes;
    }
  };
  return async (key, make) => {
    const entry = kept.get(key) ?? { made: make(), bytes: 0 };
    // Set anew, so that the one not asked for longest stands first.
    kept.delete(key);
    kept.set(key, entry);
    try {
      entry.bytes = (await entry.made).length;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
    makeRoom();
    return await entry.made;
  };
}
