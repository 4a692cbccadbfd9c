// A thin plastic shopping bag, blown about: a crumpled hull of points that turns and works, with its two handles.
import { ball, hullOf, limb, type Solid } from './figure.ts';
import type { Point } from './lens.ts';
import { dice, noise } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export interface BagLook {
  readonly seed: number;
  readonly sheet: Colour;
  readonly radiusM: number;
}

/** Where the bag's middle is and how it has turned, in radians about x and about z; `swell` 0 lies flat, 1 full of wind. */
export interface BagState {
  readonly at: Point;
  readonly rollRad: number;
  readonly yawRad: number;
  readonly swell: number;
}

export function bagLook(seed: number): BagLook {
  const chance = dice(seed, 78);
  return {
    seed,
    sheet: colour(chance.pick(['#eeeeea', '#eeeeea', '#d94a3f', '#6f9fd0', '#e9a8b8', '#2b2b2e'] as const)),
    radiusM: chance.from(0.15, 0.22),
  };
}

const rings = [
  { up: -0.85, wide: 0.6, count: 5 },
  { up: -0.2, wide: 1, count: 7 },
  { up: 0.5, wide: 0.85, count: 7 },
] as const;

export function bag({ at, rollRad, yawRad, swell }: BagState, { seed, sheet, radiusM }: BagLook): Solid[] {
  const [sr, cr, sy, cy] = [Math.sin(rollRad), Math.cos(rollRad), Math.sin(yawRad), Math.cos(yawRad)];
  const flat = 0.45 + 0.55 * swell;
  const turned = (x: number, y: number, z: number): Point => {
    const rolled = [x * cr + z * sr, y, z * cr - x * sr] as const;
    const height = at[2] + rolled[2] * flat * radiusM;
    return [
      at[0] + (rolled[0] * cy - rolled[1] * sy) * radiusM,
      at[1] + (rolled[0] * sy + rolled[1] * cy) * radiusM,
      Math.max(0.01, height),
    ];
  };
  const crumple = (index: number) => 0.72 + 0.5 * noise(index * 3.7 + rollRad * 0.4, seed * 0.17 + swell);
  const points: Point[] = [];
  for (const [row, { up, wide, count }] of rings.entries())
    for (let step = 0; step < count; step++) {
      const turn = (step / count) * Math.PI * 2 + row;
      const out = wide * crumple(points.length);
      points.push(turned(Math.cos(turn) * out, Math.sin(turn) * out * 0.7, up));
    }
  const [front, back] = [points.slice(0, 12), points.slice(7)];
  const handle = (side: number) => {
    const top = turned(0.1 * side, side * 0.25, 1.35);
    return [
      limb(turned(0.45, side * 0.3, 0.45), top, 0.022, 0.014, sheet, 0.01),
      limb(turned(-0.45, side * 0.3, 0.45), top, 0.022, 0.014, sheet, 0.01),
    ];
  };
  return [
    // Casts the shadow.
    ball(turned(0, 0, 0), radiusM * 0.6 * flat, scaled(sheet, 0.9), -0.05),
    hullOf(back, scaled(sheet, 0.93)),
    hullOf(front, sheet, 0.03),
    ...handle(-1),
    ...handle(1),
  ];
}
