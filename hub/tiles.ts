// Low-rate pictures for the wall: a node is asked for one every few seconds for as long as somebody looks, once for all who look. Kept in memory,
// the newest of each node.
import type { Live } from './live.ts';

export interface Tile {
  readonly jpeg: Uint8Array;
  /** When it came, by the hub's clock. */
  readonly atMs: number;
}

export interface Tiles {
  /** Somebody looks at this node now. */
  want(node: string): void;
  /** Undefined while none has come of late. */
  latest(node: string): Tile | undefined;
}

/** A page asks every five seconds; one that is silent for so long looks no more. */
const wantedMsMax = 20_000;
/** An older one is no better than a still. */
const freshMsMax = 30_000;
/** A node that refused (it may be of an older release) is left alone for so long. */
const restMs = 60_000;

interface Watched {
  wantedMs: number;
  isRunning: boolean;
  restUntilMs: number;
  tile: Tile | undefined;
}

export function openTiles(live: Pick<Live, 'start'>, wallMs: () => number): Tiles {
  const watched = new Map<string, Watched>();

  const run = async (node: string, at: Watched): Promise<void> => {
    const started = await live.start(node, 'low');
    if (!started.ok) {
      at.restUntilMs = wallMs() + restMs;
      return;
    }
    for await (const piece of started.live.pieces) {
      if (wallMs() - at.wantedMs > wantedMsMax) break;
      if (isJpeg(piece)) at.tile = { jpeg: piece, atMs: wallMs() };
    }
    await started.live.stop();
  };

  return {
    want: (node) => {
      const at = watched.get(node) ?? { wantedMs: 0, isRunning: false, restUntilMs: 0, tile: undefined };
      watched.set(node, at);
      at.wantedMs = wallMs();
      if (at.isRunning || at.wantedMs < at.restUntilMs) return;
      at.isRunning = true;
      void run(node, at).finally(() => {
        at.isRunning = false;
        if (wallMs() - at.wantedMs > wantedMsMax) watched.delete(node);
      });
    },
    latest: (node) => {
      const tile = watched.get(node)?.tile;
      return tile !== undefined && wallMs() - tile.atMs < freshMsMax ? tile : undefined;
    },
  };
}

/** SOI, ISO/IEC 10918-1, table B.1. */
const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;
