// A track's whole life, gathered from the pictures it was in.
import { type CellRange, cellPixels } from './cells.ts';
import { needsNever, type PictureSight, type SightedTrack, type TraceRule, traceRules } from './sight.ts';

export interface Life {
  readonly bornMs: number;
  readonly firstMs: number;
  lastMs: number;
  pictures: number;
  /** Pictures in which it counted at the sensitivity that is set. */
  counted: number;
  /** Lowest sensitivity at which it counted in any picture; 11: never. */
  needs: number;
  why: SightedTrack['why'];
  zoneBits: number;
  peakArea: number;
  /** When it was largest. */
  contrast: number;
  /** Sums of its centres, pixels. */
  sumX: number;
  sumY: number;
  /** Pictures by the rule that held it back, in the order of `traceRules`. */
  readonly held: Uint32Array;
  readonly way: Way;
}

/** Where it was: left, top, right, bottom in pixels. Thinned out in time, so that its size is bounded. */
export interface Way {
  readonly points: { readonly monoMs: number; readonly box: readonly [number, number, number, number] }[];
  /** Each point stands for so many pictures. */
  every: number;
}

const wayPointsMax = 24;

export interface Lives {
  see(sight: PictureSight): void;
  /** All lives end here. */
  flush(): void;
}

/** `done` is called once for each track, when its place in the tracker is taken by another or at `flush`. */
export function createLives(done: (life: Life) => void): Lives {
  const bySlot = new Map<number, Life>();

  function one(track: SightedTrack, monoMs: number): void {
    const before = bySlot.get(track.slot);
    if (before !== undefined && before.bornMs !== track.bornMs) done(before);
    const life = before?.bornMs === track.bornMs ? before : born(track, monoMs);
    if (life !== before) bySlot.set(track.slot, life);
    live(life, track, monoMs);
  }

  return {
    see: (sight) => {
      for (let i = 0; i < sight.count; i++) {
        const track = sight.tracks[i];
        if (track !== undefined) one(track, sight.monoMs);
      }
    },
    flush: () => {
      for (const life of bySlot.values()) done(life);
      bySlot.clear();
    },
  };
}

const born = (track: SightedTrack, monoMs: number): Life => ({
  bornMs: track.bornMs,
  firstMs: monoMs,
  lastMs: monoMs,
  pictures: 0,
  counted: 0,
  needs: needsNever,
  why: undefined,
  zoneBits: 0,
  peakArea: 0,
  contrast: 0,
  sumX: 0,
  sumY: 0,
  held: new Uint32Array(traceRules.length),
  way: { points: [], every: 1 },
});

function live(life: Life, track: SightedTrack, monoMs: number): void {
  life.lastMs = monoMs;
  if (track.rule === 'none') life.counted++;
  const rule = traceRules.indexOf(track.rule);
  life.held[rule] = (life.held[rule] ?? 0) + 1;
  life.needs = Math.min(life.needs, track.needs);
  life.why = track.why ?? life.why;
  life.zoneBits |= track.zoneBits;
  life.sumX += (track.left + track.right) / 2;
  life.sumY += (track.top + track.bottom) / 2;
  if (track.area > life.peakArea) {
    life.peakArea = track.area;
    life.contrast = track.contrast;
  }
  if (life.pictures % life.way.every === 0) addPoint(life.way, track, monoMs);
  life.pictures++;
}

function addPoint(way: Way, { left, top, right, bottom }: SightedTrack, monoMs: number): void {
  if (way.points.length >= wayPointsMax) {
    // Every second one goes, the first stays; from here on half as many come.
    for (let i = 1; 2 * i < way.points.length; i++) {
      const kept = way.points[2 * i];
      if (kept !== undefined) way.points[i] = kept;
    }
    way.points.length = Math.ceil(way.points.length / 2);
    way.every *= 2;
  }
  way.points.push({ monoMs, box: [left, top, right, bottom] });
}

/** The cell around which it spent its life. */
export function homeOf({ sumX, sumY, pictures }: Life): CellRange {
  const column = Math.floor(sumX / pictures / cellPixels);
  const row = Math.floor(sumY / pictures / cellPixels);
  return { left: column, top: row, right: column, bottom: row };
}

/** The rule that held it back in most pictures. */
export function mainRule({ held }: Life): TraceRule {
  let best = 1;
  for (let rule = 2; rule < held.length; rule++) if ((held[rule] ?? 0) > (held[best] ?? 0)) best = rule;
  return traceRules[best] ?? 'none';
}
