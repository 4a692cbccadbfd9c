// Light from the sky that changes: by day the shadows of clouds pass over, slowly or fast; by night lightning.
import type { Backdrop } from './backdrop.ts';
import { type Effect, relightPair, relit, relitTable, smooth, wander } from './effect.ts';
import type { Layout } from './layout.ts';
import { dice } from './random.ts';
import { onSky, surveyOf } from './survey.ts';

const tileCells = 128;
const tileM = 170;

const gainsPerOne = 256;
const gainSteps = 512;

/** `relit` for gains from 0 to 2, since every pixel of every picture has its own here. */
function gainTable(): Uint8Array {
  return Uint8Array.from({ length: gainSteps * 256 }, (_, at) => relit(at & 255, ((at >> 8) + 0.5) / gainsPerOne));
}

/** How much of the sun one point of the ground has at a second. */
type Sun = (x: number, y: number, second: number) => number;

export function createClouds({ lens, depth, layout }: Backdrop, strength: number): Effect {
  const sun = sunOf(layout, strength);
  const survey = surveyOf({ lens, depth });
  const [sx, sy, sz] = layout.sun;
  // Where a ray of the sun that meets this pixel would meet the ground.
  const gx = survey.x.map((x, at) => x - (sx / sz) * (survey.z[at] ?? 0));
  const gy = survey.y.map((y, at) => y - (sy / sz) * (survey.z[at] ?? 0));
  const table = gainTable();
  return (planes, { second, colour }) => {
    const day =
      1 -
      0.4 * strength * wander(layout.seed + 121, second, 80) -
      0.12 * strength * wander(layout.seed + 122, second, 7);
    const gain = day * exposure(sun, second);
    for (let at = 0; at < planes.y.length; at++) {
      const lit = survey.on[at] === onSky ? 1 : sun(gx[at] ?? 0, gy[at] ?? 0, second);
      const old = planes.y[at] ?? 0;
      planes.y[at] = table[Math.min(gainSteps - 1, (gain * lit * gainsPerOne) | 0) * 256 + old] ?? 0;
      if (colour) relightPair(planes, at, (planes.y[at] ?? 0) / Math.max(1, old));
    }
  };
}

/** Opens half as far as the picture has grown darker, a second later. */
function exposure(sun: Sun, second: number): number {
  let sum = 0;
  for (const lateS of [0.4, 0.8, 1.2, 1.6])
    for (const x of [-7, 0, 7]) for (const y of [12, 17]) sum += sun(x, y, second - lateS);
  return (sum / 24) ** -0.5;
}

function sunOf(layout: Layout, strength: number): Sun {
  const chance = dice(layout.seed, 120);
  const speedMs = chance.from(4, 12);
  const turn = chance.from(0, Math.PI * 2);
  const vx = Math.cos(turn) * speedMs;
  const vy = Math.sin(turn) * speedMs;
  const edge = chance.from(0.03, 0.12);
  const tile = cloudTile(layout.seed).map((cloud) => 1 - 0.68 * strength * smooth(0.5 - edge, 0.5 + edge, cloud));
  const scale = tileCells / tileM;
  return (x, y, second) => {
    const u = (x - vx * second) * scale;
    const v = (y - vy * second) * scale;
    const column = Math.floor(u);
    const row = Math.floor(v);
    const fx = u - column;
    const fy = v - row;
    const left = column & (tileCells - 1);
    const right = (column + 1) & (tileCells - 1);
    const top = (row & (tileCells - 1)) * tileCells;
    const below = ((row + 1) & (tileCells - 1)) * tileCells;
    const a = (tile[top + left] ?? 0) * (1 - fx) + (tile[top + right] ?? 0) * fx;
    const b = (tile[below + left] ?? 0) * (1 - fx) + (tile[below + right] ?? 0) * fx;
    return a + (b - a) * fy;
  };
}

/** Clouds that repeat without a seam, 0 to 1. */
function cloudTile(seed: number): Float32Array {
  const tile = new Float32Array(tileCells * tileCells);
  for (const [octave, cells] of [4, 8, 16, 32].entries()) {
    const chance = dice(seed, 123, octave);
    const knots = Float32Array.from({ length: cells * cells }, () => chance.part());
    const knot = (x: number, y: number) => knots[(y % cells) * cells + (x % cells)] ?? 0;
    for (let at = 0; at < tile.length; at++) {
      const x = ((at % tileCells) / tileCells) * cells;
      const y = (Math.floor(at / tileCells) / tileCells) * cells;
      const [cx, cy] = [Math.floor(x), Math.floor(y)];
      const fx = smooth(0, 1, x - cx);
      const fy = smooth(0, 1, y - cy);
      const top = knot(cx, cy) + (knot(cx + 1, cy) - knot(cx, cy)) * fx;
      const below = knot(cx, cy + 1) + (knot(cx + 1, cy + 1) - knot(cx, cy + 1)) * fx;
      tile[at] = (tile[at] ?? 0) + ((top + (below - top) * fy) * 0.5 ** octave) / 1.875;
    }
  }
  return tile;
}

const stormSlotS = 11;

interface Storm {
  readonly flashes: readonly { readonly from: number; readonly frames: number; readonly light: number }[];
  readonly stops: number;
  readonly endS: number;
}

/** The strokes of one slot: two to five flashes of one to three frames within a second and a half. */
function stormIn(seed: number, slot: number, fps: number, strength: number): Storm | undefined {
  const chance = dice(seed, 130, slot);
  if (!chance.chance(0.3 + 0.6 * strength)) return undefined;
  const fromS = (slot + chance.from(0, 0.8)) * stormSlotS;
  const flashes = Array.from({ length: chance.whole(2, 5) }, (_, index) => ({
    from: Math.round((fromS + (index === 0 ? 0 : chance.from(0.1, 1.4))) * fps),
    frames: chance.whole(1, 3),
    light: strength * chance.from(0.25, 1.1),
  }));
  const last = Math.max(...flashes.map((flash) => flash.from + flash.frames));
  return { flashes, stops: strength * chance.from(0.6, 1.8), endS: last / fps };
}

export function createLightning({ layout }: Backdrop, albedo: Float32Array, strength: number): Effect {
  return (planes, { frame, second, fps }) => {
    const slot = Math.floor(second / stormSlotS);
    for (const storm of [stormIn(layout.seed, slot - 1, fps, strength), stormIn(layout.seed, slot, fps, strength)]) {
      if (storm === undefined) continue;
      let light = 0;
      for (const flash of storm.flashes)
        if (frame >= flash.from && frame < flash.from + flash.frames) light += flash.light;
      if (light > 0)
        for (let at = 0; at < planes.y.length; at++)
          planes.y[at] = relit(planes.y[at] ?? 0, 1, light * (albedo[at] ?? 0));
      else if (second >= storm.endS && second < storm.endS + 3) {
        // The exposure had closed for the flash and opens again.
        const table = relitTable(2 ** (-storm.stops * Math.exp((storm.endS - second) / 0.6)));
        for (let at = 0; at < planes.y.length; at++) planes.y[at] = table[planes.y[at] ?? 0] ?? 0;
      }
    }
  };
}
