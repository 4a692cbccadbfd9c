// A house front piece by piece: wall, roof, windows with shutters, shop, awning, sign, balcony, tank.
import { type Canvas, type Material, type Paint, plain, shining, strand, surface } from './canvas.ts';
import type { House } from './layout.ts';
import type { Point } from './lens.ts';
import { lettering } from './letters.ts';
import { cloudy, type Dice, dice, noise } from './random.ts';
import { footprint } from './shade.ts';
import { blended, type Colour, colour, scaled } from './tone.ts';

/** A front as one stands before it: u to the right, v up, w out of the wall. */
interface Face {
  readonly canvas: Canvas;
  readonly house: House;
  readonly chance: Dice;
  at(u: number, v: number, w?: number): Point;
  rect(u0: number, v0: number, u1: number, v1: number, material: Material, w?: number, paint?: Paint): void;
  /** u of a point of the village on this front. */
  along(x: number, y: number): number;
}

const dark = colour('#2a2622');
const concrete = colour('#b3aea2');
const terracotta = colour('#b4623f');
const glassDay = colour('#4b5a63');
const warm = scaled(colour('#ffcf86'), 0.85);

export function paintHouse(canvas: Canvas, house: House): void {
  const face = createFace(canvas, house);
  const height = house.storeyM.reduce((sum, storey) => sum + storey, 0);
  walls(face, height);
  if (house.roof === 'tiles') tiledRoof(face, height);
  else flatRoof(face, height);
  let floor = 0;
  for (const [index, storey] of house.storeyM.entries()) {
    if (index === 0) groundFloor(face, storey);
    else upperFloor(face, floor, storey);
    floor += storey;
  }
  if (house.sign !== undefined) sign(face, house.storeyM[0] ?? 3.4, house.sign);
}

function createFace(canvas: Canvas, house: House): Face {
  const { facing, x, y } = house;
  const at = (u: number, v: number, w = 0): Point => {
    if (facing === 'south') return [x + u, y - w, v];
    if (facing === 'east') return [x + w, y + u, v];
    return [x - w, y - u, v];
  };
  return {
    canvas,
    house,
    chance: dice(house.seed, 60),
    at,
    rect: (u0, v0, u1, v1, material, w = 0, paint = {}) =>
      surface(canvas, [at(u0, v0, w), at(u1, v0, w), at(u1, v1, w), at(u0, v1, w)], material, paint),
    along: (px, py) => (facing === 'south' ? px - x : facing === 'east' ? py - y : y - py),
  };
}

/** Painted plaster: damp at the foot, streaks from above, patches. */
function plaster(tint: Colour, height: number, seed: number): Material {
  return (x, y, z, _pixel, out) => {
    const patch = cloudy((x + y) * 0.7 + seed, z * 0.7, 2);
    const streak = noise((x + y) * 5 + seed, z * 0.35);
    const low = Math.max(0, 1 - z / 0.9);
    const foot = low * low * 0.3 * (0.5 + patch);
    const run = Math.max(0, streak - 0.55) * 0.6 * Math.min(1, Math.max(0, 1 - (height - z) / 2.6));
    const tone = (0.86 + 0.24 * patch) * (1 - foot) * (1 - run);
    out[0] = tint[0] * tone;
    out[1] = tint[1] * tone * (1 - 0.03 * foot);
    out[2] = tint[2] * tone * (1 - 0.12 * foot);
  };
}

function walls(face: Face, height: number): void {
  const { canvas, house } = face;
  const [x0, x1, y0, y1] = footprint(house);
  const side = plaster(blended(house.wall, concrete, 0.45), height, house.seed % 91);
  const sides: Point[][] =
    house.facing === 'south'
      ? [
          [
            [x0, y0, 0],
            [x0, y1, 0],
            [x0, y1, height],
            [x0, y0, height],
          ],
          [
            [x1, y0, 0],
            [x1, y1, 0],
            [x1, y1, height],
            [x1, y0, height],
          ],
        ]
      : [
          [
            [x0, y0, 0],
            [x1, y0, 0],
            [x1, y0, height],
            [x0, y0, height],
          ],
        ];
  for (const [index, wall] of sides.entries()) {
    // Only the side that looks towards the camera's x is seen.
    if (house.facing === 'south' && (index === 0 ? x0 < 0 : x1 > 0)) continue;
    surface(canvas, wall, side);
    sideWindows(face, wall, height);
  }
  const wide = house.widthM;
  face.rect(0, 0, wide, height, plaster(house.wall, height, house.seed % 53));
  face.rect(0, 0, wide, 0.35, plaster(scaled(concrete, 0.8), 9, 3), 0.02);
  // Pilasters at both edges and a band between storeys, each with its thin shadow.
  const edge = plaster(house.trim, height, 7);
  face.rect(0, 0, 0.16, height, edge, 0.04);
  face.rect(wide - 0.16, 0, wide, height, edge, 0.04);
  let floor = 0;
  for (const storey of house.storeyM) {
    floor += storey;
    face.rect(0, floor - 0.42, wide, floor - 0.18, plain(dark), 0.02, { cover: 0.22, thin: true });
    face.rect(-0.03, floor - 0.2, wide + 0.03, floor, edge, 0.1);
  }
}

function sideWindows(face: Face, wall: readonly Point[], height: number): void {
  const [a, b] = wall;
  if (a === undefined || b === undefined || face.house.facing !== 'south') return;
  for (let v = 1.1; v < height - 1.6; v += 3.1) {
    for (const part of [0.28, 0.66]) {
      const from: Point = [a[0], a[1] + (b[1] - a[1]) * part, v];
      const [x, y] = [from[0], from[1]];
      const corners: Point[] = [
        [x, y, v],
        [x, y + 0.9, v],
        [x, y + 0.9, v + 1.1],
        [x, y, v + 1.1],
      ];
      surface(face.canvas, corners, window(face.chance.chance(0.35)));
      const bars: Point[] = [
        [x, y - 0.06, v - 0.1],
        [x, y + 0.96, v - 0.1],
        [x, y + 0.96, v],
        [x, y - 0.06, v],
      ];
      surface(face.canvas, bars, plain(scaled(concrete, 1.15)));
    }
  }
}

function window(lit: boolean): Material {
  return shining(lit ? scaled(warm, 0.8) : [0.004, 0.005, 0.007], glassDay);
}

/** Rows of half-round tiles: light and dark along the slope and across it, fading with distance. */
function tiles(face: Face): Material {
  return (x, y, z, pixel, out) => {
    const u = face.along(x, y);
    const shown = Math.max(0, 1 - pixel * 9);
    const course = z * 5.2;
    const rib = u * 4.6;
    const own = noise(Math.floor(rib) * 3.3, Math.floor(course) * 7.1);
    const round = Math.abs((rib - Math.floor(rib)) * 2 - 1);
    const lip = course - Math.floor(course);
    const moss = Math.max(0, cloudy(u * 0.7 + 40, z * 2, 3) - 0.5) * 1.3;
    const tone = 0.8 + shown * (0.32 * own - 0.3 * round * round - 0.25 * Math.max(0, 0.3 - lip)) + 0.14 * (1 - shown);
    out[0] = (terracotta[0] * (1 - moss) + 0.1 * moss) * tone;
    out[1] = (terracotta[1] * (1 - moss) + 0.11 * moss) * tone;
    out[2] = (terracotta[2] * (1 - moss) + 0.07 * moss) * tone;
  };
}

function tiledRoof(face: Face, height: number): void {
  const { canvas, house } = face;
  const wide = house.widthM;
  const out = 0.55;
  const deep = house.depthM / 2;
  const ridge = height + 0.42 * (deep + out);
  const slope = [
    face.at(-0.15, height - 0.12, out),
    face.at(wide + 0.15, height - 0.12, out),
    face.at(wide + 0.15, ridge, -deep),
    face.at(-0.15, ridge, -deep),
  ];
  // Gable walls under the slope, so that no sky shows beside a neighbour's lower roof.
  for (const u of [0, wide])
    surface(
      canvas,
      [face.at(u, height, 0), face.at(u, height, -house.depthM), face.at(u, ridge - 0.1, -deep)],
      plaster(house.wall, height, 5),
    );
  face.rect(0, height - 0.75, wide, height, plain(dark), 0.03, { cover: 0.3, thin: true });
  surface(canvas, slope, tiles(face));
  surface(
    canvas,
    [
      face.at(-0.15, height - 0.24, out),
      face.at(wide + 0.15, height - 0.24, out),
      face.at(wide + 0.15, height - 0.1, out),
      face.at(-0.15, height - 0.1, out),
    ],
    plain(scaled(terracotta, 0.55)),
  );
  strand(
    canvas,
    [face.at(-0.2, ridge, -deep), face.at(wide + 0.2, ridge, -deep)],
    0.22,
    plain(scaled(terracotta, 0.8)),
  );
}

function flatRoof(face: Face, height: number): void {
  const { house } = face;
  const wide = house.widthM;
  const wall = plaster(house.wall, height, 21);
  face.rect(0, height, wide, height + 0.75, wall, 0.02);
  for (let u = 0.3; u < wide - 0.35; u += 0.55)
    face.rect(u, height + 0.16, u + 0.3, height + 0.56, plain(scaled(house.wall, 0.35)), 0.03);
  face.rect(-0.05, height + 0.72, wide + 0.05, height + 0.86, plaster(house.trim, height, 4), 0.12);
  if (house.tank) tank(face, height + 0.4);
}

/** The steel water tank every town roof carries. */
function tank(face: Face, foot: number): void {
  const from = face.house.widthM * 0.6;
  const steel: Material = (x, y, _z, _pixel, out) => {
    const part = (face.along(x, y) - from) / 1.15;
    const shine =
      0.28 + 0.75 * Math.exp(-(((part - 0.33) / 0.13) ** 2)) + 0.25 * Math.exp(-(((part - 0.8) / 0.1) ** 2));
    out[0] = shine * 0.72;
    out[1] = shine * 0.75;
    out[2] = shine * 0.78;
  };
  for (const u of [0.15, 0.9]) face.rect(from + u, foot, from + u + 0.08, foot + 0.55, plain(dark), -1.5);
  face.rect(from, foot + 0.5, from + 1.15, foot + 1.4, steel, -1.5);
  surface(
    face.canvas,
    [face.at(from, foot + 1.4, -1.5), face.at(from + 1.15, foot + 1.4, -1.5), face.at(from + 0.575, foot + 1.58, -1.5)],
    steel,
  );
}

function groundFloor(face: Face, storey: number): void {
  const { house } = face;
  const wide = house.widthM;
  const top = storey - 0.85;
  if (house.front === 'open-shop') openShop(face, 0.35, wide - 0.35, top);
  else if (house.front === 'shutter') rollShutter(face, 0.4, wide - 0.4, top);
  else frontDoor(face, top);
  if (house.awning !== undefined) awning(face, house.awning, top);
}

function rollShutter(face: Face, u0: number, u1: number, top: number): void {
  const tint = face.chance.pick([colour('#8fa3ad'), colour('#7e9a86'), colour('#9a9fa6'), colour('#88765f')] as const);
  face.rect(u0 - 0.08, 0, u1 + 0.08, top + 0.1, plain(scaled(concrete, 0.6)), 0.005);
  face.rect(
    u0,
    0.04,
    u1,
    top,
    (x, y, z, pixel, out) => {
      const shown = Math.max(0, 1 - pixel * 14);
      const rib = (z * 9) % 1;
      const tone =
        (0.82 + shown * 0.3 * (Math.abs(rib * 2 - 1) - 0.5)) * (0.85 + 0.25 * cloudy((x + y) * 1.4, z * 1.4, 3));
      for (let channel = 0; channel < 3; channel++) out[channel] = (tint[channel] ?? 0) * tone;
    },
    0.01,
  );
}

/** A room seen through its open front: back wall, shelves with goods, a lamp at night. */
function openShop(face: Face, u0: number, u1: number, top: number): void {
  const { canvas, house, chance } = face;
  const night = canvas.light.time === 'night';
  const glow = scaled(colour(house.seed % 2 === 0 ? '#ffe2b0' : '#dff0ff'), night ? 0.62 : 0.05);
  const deep = -2.2;
  const inside = (tint: Colour, tone: number): Material =>
    shining([tint[0] * glow[0] * tone, tint[1] * glow[1] * tone, tint[2] * glow[2] * tone], scaled(tint, 0.3 * tone));
  const room = colour('#c9bfa6');
  face.rect(u0, 0, u1, top, inside(room, 0.55));
  surface(
    canvas,
    [face.at(u0, 0.02), face.at(u1, 0.02), face.at(u1 - 0.5, 0.75, deep / 40), face.at(u0 + 0.5, 0.75, deep / 40)],
    inside(room, 0.75),
  );
  face.rect(u0 + 0.5, 0.75, u1 - 0.5, top - 0.35, inside(room, 0.95));
  const goods = ['#c8452f', '#e0a030', '#3a8a54', '#2f6fa8', '#e8dcc0', '#8a4a86', '#d97b4a'] as const;
  for (let shelf = 0; shelf < 3; shelf++) {
    const v = 0.85 + shelf * 0.48;
    face.rect(u0 + 0.55, v - 0.05, u1 - 0.55, v, inside(colour('#7a5a3a'), 0.8));
    for (let u = u0 + 0.6; u < u1 - 0.8; ) {
      const w = chance.from(0.1, 0.28);
      face.rect(
        u,
        v,
        Math.min(u + w, u1 - 0.6),
        v + chance.from(0.2, 0.38),
        inside(colour(chance.pick(goods)), chance.from(0.7, 1.05)),
      );
      u += w + chance.from(0.01, 0.08);
    }
  }
  // Crates before the counter and the deep shade under the lintel.
  for (let u = u0 + 0.25; u < u1 - 0.6; u += chance.from(0.55, 0.95))
    face.rect(u, 0, u + chance.from(0.38, 0.5), chance.from(0.3, 0.65), inside(colour(chance.pick(goods)), 0.85), 0.04);
  face.rect(u0, top - 0.4, u1, top, plain([0.01, 0.01, 0.01]), 0.01, { cover: night ? 0.25 : 0.55, thin: true });
  if (night)
    face.rect(
      (u0 + u1) / 2 - 0.6,
      top - 0.3,
      (u0 + u1) / 2 + 0.6,
      top - 0.24,
      shining([2.2, 2.2, 2.1], [0.9, 0.9, 0.9]),
      0.02,
    );
}

function frontDoor(face: Face, top: number): void {
  const { house, chance } = face;
  const wide = house.widthM;
  const wood = scaled(house.shutters, 0.9);
  const door = wide * 0.3;
  face.rect(door - 0.12, 0, door + 1.42, top - 0.05, plaster(house.trim, 9, 2), 0.03);
  face.rect(door, 0, door + 1.3, top - 0.15, louvres(wood), 0.035);
  for (const u of [door + 0.32, door + 0.65, door + 0.98])
    face.rect(u - 0.012, 0.05, u + 0.012, top - 0.2, plain(scaled(wood, 0.4)), 0.04);
  shuttered(face, door + 1.75, 0.95, Math.min(wide - 0.4, door + 2.85), top - 0.3);
  for (const u of [0.35, wide - 0.6]) pot(face, u + chance.from(0, 0.15), 0);
}

function louvres(tint: Colour): Material {
  return (_x, _y, z, pixel, out) => {
    const shown = Math.max(0, 1 - pixel * 16);
    const tone = 0.9 + 0.45 * shown * (((z * 12) % 1) - 0.5);
    out[0] = tint[0] * tone;
    out[1] = tint[1] * tone;
    out[2] = tint[2] * tone;
  };
}

/** A window with both shutters thrown open, or closed. */
function shuttered(face: Face, u0: number, v0: number, u1: number, v1: number): void {
  const { house, chance } = face;
  const wood = louvres(house.shutters);
  face.rect(u0 - 0.1, v0 - 0.1, u1 + 0.1, v1 + 0.12, plaster(house.trim, 99, 8), 0.02);
  if (chance.chance(0.3)) {
    face.rect(u0, v0, u1, v1, wood, 0.03);
    face.rect((u0 + u1) / 2 - 0.015, v0, (u0 + u1) / 2 + 0.015, v1, plain(scaled(house.shutters, 0.3)), 0.035);
    return;
  }
  face.rect(u0, v0, u1, v1, window(chance.chance(0.55)), 0.03);
  face.rect(u0, v1 - 0.22, u1, v1, plain(dark), 0.032, { cover: 0.5, thin: true });
  const half = (u1 - u0) / 2;
  face.rect(u0 + half - 0.02, v0, u0 + half + 0.02, v1, plain(house.shutters), 0.035);
  face.rect(u0 - half - 0.02, v0 - 0.02, u0 - 0.02, v1 + 0.02, wood, 0.06);
  face.rect(u1 + 0.02, v0 - 0.02, u1 + half + 0.02, v1 + 0.02, wood, 0.06);
  for (let bar = u0 + 0.12; bar < u1; bar += 0.16)
    face.rect(bar, v0, bar + 0.02, v1, plain(scaled(house.trim, 0.5)), 0.05, { cover: 0.7 });
}

function upperFloor(face: Face, floor: number, storey: number): void {
  const { house, chance } = face;
  const wide = house.widthM;
  if (!house.balcony) {
    for (const middle of wide > 4.6 ? [0.27, 0.73] : [0.5])
      shuttered(face, wide * middle - 0.5, floor + 0.95, wide * middle + 0.5, floor + storey - 0.65);
    if (chance.chance(0.6)) cooler(face, wide * 0.5 - 0.35, floor + 0.3);
    return;
  }
  const door = wide * 0.5 - 0.6;
  face.rect(door - 0.1, floor, door + 1.3, floor + storey - 0.6, plaster(house.trim, 99, 3), 0.02);
  face.rect(door, floor, door + 1.2, floor + storey - 0.7, window(chance.chance(0.5)), 0.03);
  face.rect(door + 0.58, floor, door + 0.62, floor + storey - 0.7, plain(house.shutters), 0.035);
  // The slab stands 0.9 m out: its shadow, its underside, its edge, then the railing before everything.
  face.rect(0.2, floor - 0.95, wide - 0.2, floor - 0.2, plain(dark), 0.05, { cover: 0.35, thin: true });
  const out = 0.9;
  surface(
    face.canvas,
    [
      face.at(0.15, floor - 0.14),
      face.at(wide - 0.15, floor - 0.14),
      face.at(wide - 0.15, floor - 0.14, out),
      face.at(0.15, floor - 0.14, out),
    ],
    plain(scaled(concrete, 0.75)),
  );
  face.rect(0.15, floor - 0.14, wide - 0.15, floor + 0.06, plaster(house.trim, 99, 6), out);
  if (chance.chance(0.5)) laundry(face, floor, wide);
  for (const u of [0.4, wide - 0.75]) if (chance.chance(0.7)) pot(face, u, floor + 0.06, 0.7);
  const rail = plain(scaled(house.shutters, 0.8));
  for (let u = 0.2; u < wide - 0.15; u += 0.14)
    face.rect(u, floor + 0.06, u + 0.03, floor + 0.9, rail, out, { cover: 0.9 });
  face.rect(0.13, floor + 0.88, wide - 0.13, floor + 0.96, rail, out + 0.02);
}

function laundry(face: Face, floor: number, wide: number): void {
  const { chance } = face;
  const line = floor + 1.75;
  face.rect(0.3, line, wide - 0.3, line + 0.02, plain(dark), 0.6);
  for (let u = 0.4; u < wide - 0.9; u += chance.from(0.5, 0.75)) {
    const cloth = colour(chance.pick(['#e9e3da', '#b8524a', '#5f86b5', '#e3c15c', '#7b9b78', '#d99bb0'] as const));
    face.rect(u, line - chance.from(0.45, 0.8), u + chance.from(0.35, 0.48), line, plain(cloth), 0.61);
  }
}

function cooler(face: Face, u: number, v: number): void {
  face.rect(u + 0.05, v - 0.14, u + 0.9, v, plain(dark), 0.02, { cover: 0.35, thin: true });
  face.rect(u, v, u + 0.85, v + 0.55, plain(colour('#d8d6cc')), 0.3);
  face.rect(u + 0.08, v + 0.07, u + 0.52, v + 0.48, plain(colour('#6d6f6d')), 0.31);
}

/** A glazed pot with leaves. */
function pot(face: Face, u: number, v: number, w = 0.35): void {
  const { chance } = face;
  const glaze = colour(chance.pick(['#8a4b32', '#39586e', '#a8a094'] as const));
  surface(
    face.canvas,
    [face.at(u + 0.05, v, w), face.at(u + 0.27, v, w), face.at(u + 0.34, v + 0.32, w), face.at(u - 0.02, v + 0.32, w)],
    plain(glaze),
  );
  for (let leaf = 0; leaf < 14; leaf++) {
    const tip = face.at(u + 0.16 + chance.from(-0.34, 0.34), v + chance.from(0.4, 0.95), w);
    const green = scaled(colour(chance.pick(['#4e7d3a', '#6c9a45', '#3d6a3a'] as const)), chance.from(0.7, 1.2));
    strand(face.canvas, [face.at(u + 0.16, v + 0.3, w), tip], 0.07, plain(green));
  }
}

/** Cloth on a frame, sloping out over the pavement, with a scalloped edge and the shadow it throws on the front. */
function awning(face: Face, [one, other]: readonly [Colour, Colour], top: number): void {
  const { canvas, house } = face;
  const wide = house.widthM;
  const high = top + 0.12;
  const low = top - 0.42;
  const out = 1.35;
  face.rect(0.1, top - 1.25, wide - 0.1, top, plain([0.01, 0.01, 0.012]), 0.05, { cover: 0.3, thin: true });
  face.rect(0.1, top - 0.75, wide - 0.1, top, plain([0.01, 0.01, 0.012]), 0.05, { cover: 0.3, thin: true });
  const cloth: Material = (x, y, z, pixel, material) => {
    const u = face.along(x, y);
    const band = stripe(u, 0.44, pixel);
    const tone = 0.85 + 0.2 * cloudy(u * 2, z * 5, 2);
    for (let channel = 0; channel < 3; channel++)
      material[channel] = ((one[channel] ?? 0) * band + (other[channel] ?? 0) * (1 - band)) * tone;
  };
  surface(
    canvas,
    [
      face.at(0.05, high, 0.02),
      face.at(wide - 0.05, high, 0.02),
      face.at(wide - 0.05, low, out),
      face.at(0.05, low, out),
    ],
    cloth,
  );
  const scallop: Point[] = [face.at(0.05, low, out), face.at(wide - 0.05, low, out)];
  const count = Math.round((wide - 0.1) / 0.22);
  for (let index = count * 4; index >= 0; index--) {
    const u = 0.05 + ((wide - 0.1) * index) / (count * 4);
    scallop.push(face.at(u, low - 0.13 - 0.07 * Math.abs(Math.sin((index / 4) * Math.PI)), out));
  }
  surface(canvas, scallop, cloth);
  for (const u of [0.12, wide - 0.12])
    strand(canvas, [face.at(u, 0, out - 0.05), face.at(u, low, out - 0.05)], 0.05, plain(colour('#7d7f80')));
}

function stripe(u: number, period: number, pixelM: number): number {
  const phase = u / period - Math.floor(u / period);
  const from = Math.min(phase, 1 - phase, Math.abs(phase - 0.5)) * period;
  const hard = phase < 0.5 ? 1 : 0;
  return hard + (0.5 - hard) * Math.max(0, 1 - from / Math.max(pixelM / 2, 1e-4));
}

function sign(face: Face, storey: number, { text, ground, letters }: NonNullable<House['sign']>): void {
  const { canvas, house } = face;
  const night = canvas.light.time === 'night';
  const wide = house.widthM;
  const v0 = storey - 0.68;
  const v1 = storey + 0.06;
  const w = 0.16;
  face.rect(0.25, v0 - 0.14, wide - 0.25, v0, plain(dark), 0.05, { cover: 0.35, thin: true });
  face.rect(0.22, v0 - 0.03, wide - 0.22, v1 + 0.03, plain(scaled(letters, 0.7)), w - 0.01);
  face.rect(0.26, v0, wide - 0.26, v1, shining(night ? scaled(ground, 0.35) : [0, 0, 0], ground), w);
  const { strokes, width } = lettering(text);
  const size = Math.min(0.4, (wide - 0.9) / width);
  const left = (wide - width * size) / 2;
  const foot = (v0 + v1) / 2 - size * 0.56;
  const ink = shining(night ? scaled(letters, 0.8) : [0, 0, 0], letters);
  for (const stroke of strokes) {
    const points: Point[] = [];
    for (let at = 0; at < stroke.length; at += 2)
      points.push(face.at(left + (stroke[at] ?? 0) * size, foot + (stroke[at + 1] ?? 0) * size, w + 0.01));
    strand(canvas, points, size * 0.19, ink, { normal: [0, -1, 0] });
  }
}
