// Where the sun does not come: two maps on the ground, drawn once. A point above the ground looks up the place where its sun ray would land.
import type { Layout } from './layout.ts';
import type { Point } from './lens.ts';
import { dice } from './random.ts';
import { createPad, hull, sweep } from './sweep.ts';

export interface Shade {
  /** 1 in full sun, 0 in full shade, between at soft edges. Houses shade the ground only: a wall must not shade itself. */
  sunShare(x: number, y: number, z: number, onGround: boolean): number;
}

const cellM = 0.09;
const left = -26;
const near = 2;
const columns = Math.round(52 / cellM);
const rows = Math.round(48 / cellM);

export function createShade(layout: Layout): Shade {
  const houses = new Float32Array(columns * rows);
  const slender = new Float32Array(columns * rows);
  castHouses(layout, houses);
  castTrees(layout, slender);
  const wall = soften(houses, 3);
  const leaf = soften(slender, 2);
  const [sx, sy, sz] = layout.sun;
  return {
    sunShare: (x, y, z, onGround) => {
      const gx = x - (sx / sz) * z;
      const gy = y - (sy / sz) * z;
      const dappled = 1 - at(leaf, gx, gy);
      return onGround ? Math.min(dappled, 1 - at(wall, gx, gy)) : dappled;
    },
  };
}

function at(map: Float32Array, x: number, y: number): number {
  const u = (x - left) / cellM;
  const v = (y - near) / cellM;
  const column = Math.floor(u);
  const row = Math.floor(v);
  if (column < 0 || row < 0 || column >= columns - 1 || row >= rows - 1) return 0;
  const index = row * columns + column;
  const fx = u - column;
  const top = mixed(map[index], map[index + 1], fx);
  const bottom = mixed(map[index + columns], map[index + columns + 1], fx);
  return top + (bottom - top) * (v - row);
}

function mixed(a = 0, b = 0, share = 0): number {
  return a + (b - a) * share;
}

/** Every body is the hull of its corners cast along the sun's rays onto the ground. */
function cast(map: Float32Array, layout: Layout, body: readonly Point[], dark: number): void {
  const [sx, sy, sz] = layout.sun;
  const flat = body.flatMap(([x, y, z]) => [(x - (sx / sz) * z - left) / cellM, (y - (sy / sz) * z - near) / cellM]);
  sweep(createPad(), hull(flat), { x: 0, y: 0, w: columns, h: rows }, (x, y, share) => {
    const index = y * columns + x;
    const old = map[index] ?? 0;
    map[index] = old + (1 - old) * share * dark;
  });
}

function castHouses(layout: Layout, map: Float32Array): void {
  for (const house of layout.houses) {
    const height = house.storeyM.reduce((sum, storey) => sum + storey, 0) + 0.5;
    const [x0, x1, y0, y1] = footprint(house);
    const body: Point[] = [];
    for (const x of [x0, x1]) for (const y of [y0, y1]) for (const z of [0, height]) body.push([x, y, z]);
    cast(map, layout, body, 1);
  }
}

/** Ground taken by a house: least and greatest x, least and greatest y. */
export function footprint(house: Layout['houses'][number]): readonly [number, number, number, number] {
  const { x, y, widthM, depthM } = house;
  if (house.facing === 'south') return [x, x + widthM, y, y + depthM];
  if (house.facing === 'east') return [x - depthM, x, y, y + widthM];
  return [x, x + depthM, y - widthM, y];
}

function castTrees(layout: Layout, map: Float32Array): void {
  const { banyan } = layout;
  const chance = dice(layout.seed, 40);
  for (let leaf = 0; leaf < 420; leaf++) {
    const turn = chance.from(0, Math.PI * 2);
    const out = Math.sqrt(chance.part()) * banyan.spreadM;
    const centre: Point = [
      banyan.x + Math.cos(turn) * out,
      banyan.y + Math.sin(turn) * out,
      banyan.heightM * chance.from(0.55, 0.9),
    ];
    cast(map, layout, disc(centre, chance.from(0.18, 0.42)), 0.62);
  }
  cast(map, layout, [...disc([banyan.x, banyan.y, 0], 0.55), ...disc([banyan.x, banyan.y, 4], 0.4)], 1);
  // A tree beside the camera, seen only by its shadow over the near pavement.
  const side = Math.sign(layout.sun[0]);
  for (let leaf = 0; leaf < 260; leaf++) {
    const turn = chance.from(0, Math.PI * 2);
    const out = Math.sqrt(chance.part());
    const centre: Point = [
      side * 14.6 + Math.cos(turn) * out * 4.4,
      5.6 + Math.sin(turn) * out * 2.6,
      chance.from(5.5, 8),
    ];
    cast(map, layout, disc(centre, chance.from(0.2, 0.5)), 0.6);
  }
  for (const palm of layout.palms) {
    cast(map, layout, [...disc([palm.x, palm.y, 0], 0.11), ...disc([palm.x, palm.y, palm.heightM], 0.09)], 0.9);
    for (let frond = 0; frond < 9; frond++) {
      const turn = (frond / 9) * Math.PI * 2;
      const tip: Point = [palm.x + Math.cos(turn) * 1.5, palm.y + Math.sin(turn) * 1.5, palm.heightM - 0.3];
      cast(map, layout, [...disc([palm.x, palm.y, palm.heightM + 0.3], 0.1), ...disc(tip, 0.2)], 0.6);
    }
  }
  for (const pole of layout.poles)
    cast(map, layout, [...disc([pole.x, pole.y, 0], 0.13), ...disc([pole.x, pole.y, 8], 0.1)], 0.9);
}

function disc([x, y, z]: Point, radius: number): Point[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((step) => {
    const turn = (step / 8) * Math.PI * 2;
    return [x + Math.cos(turn) * radius, y + Math.sin(turn) * radius, z];
  });
}

/** Box blur in both directions. */
function soften(map: Float32Array, radius: number): Float32Array {
  const once = new Float32Array(map.length);
  const twice = new Float32Array(map.length);
  blurLines(map, once, rows, columns, columns, 1, radius);
  blurLines(once, twice, columns, rows, 1, columns, radius);
  return twice;
}

function blurLines(
  from: Float32Array,
  to: Float32Array,
  lines: number,
  length: number,
  lineStep: number,
  step: number,
  radius: number,
): void {
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    let sum = 0;
    for (let index = -radius; index < length + radius; index++) {
      if (index + radius < length) sum += from[start + (index + radius) * step] ?? 0;
      if (index - radius - 1 >= 0) sum -= from[start + (index - radius - 1) * step] ?? 0;
      if (index >= 0 && index < length) to[start + index * step] = sum / (2 * radius + 1);
    }
  }
}
