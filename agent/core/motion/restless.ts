// Where the picture is restless of itself: a tree, a flag, a flickering lamp. There, and only there, the bar is raised.

import type { Blob, BlobFinder } from './blobs.ts';
import { decay } from './exact.ts';

/** Side of a cell in pixels: 1 << 3. */
export const restlessCell = 8;
/** Unproven foreground makes a cell restless in this time, and it calms down in that. */
const upMs = 4000;
const downMs = 90_000;

export interface Restless {
  /** Per cell of 8x8 pixels, row after row: 0 calm to 1. */
  readonly level: Float32Array;
  /** Cells of blobs that are no subjects grow restless, all others calm down. `counts` says which blobs those are. */
  stir(finder: BlobFinder, counts: (index: number) => boolean, sinceLastMs: number): void;
  reset(): void;
}

export function createRestless(width: number, height: number): Restless {
  const cellsWide = Math.ceil(width / restlessCell);
  const blobCellsWide = Math.ceil(width / 2);
  const level = new Float32Array(cellsWide * Math.ceil(height / restlessCell));
  const now = new Uint8Array(level.length);

  function mark(blob: Blob, index: number, { owner, lit }: BlobFinder): void {
    const { left, top, right, bottom } = blob;
    for (let y = top; y < bottom; y += 2) {
      for (let x = left; x < right; x += 2) {
        const cell = (y >> 1) * blobCellsWide + (x >> 1);
        if (owner[cell] === index && lit[cell] !== 0) now[(y >> 3) * cellsWide + (x >> 3)] = 1;
      }
    }
  }

  function stir(finder: BlobFinder, counts: (index: number) => boolean, sinceLastMs: number): void {
    now.fill(0);
    for (let i = 0; i < finder.found(); i++) {
      const blob = finder.blobs[i];
      if (blob !== undefined && counts(i)) mark(blob, i, finder);
    }
    const up = 1 - decay(sinceLastMs / upMs);
    const down = decay(sinceLastMs / downMs);
    for (let cell = 0; cell < level.length; cell++) {
      const was = level[cell] ?? 0;
      level[cell] = now[cell] === 1 ? was + up * (1 - was) : was * down;
    }
  }

  return {
    level,
    stir,
    reset: () => {
      level.fill(0);
    },
  };
}
