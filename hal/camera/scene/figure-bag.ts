// A thin plastic shopping bag, blown about: a crumpled sack of folds that turns and works, with its two handles.
import { ball, limb, plate, type Solid } from './figure.ts';
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

/** From the bottom to the neck, in parts of the radius; as many folds around. */
const rings = [
  { up: -0.9, wide: 0.55 },
  { up: -0.3, wide: 1 },
  { up: 0.3, wide: 0.95 },
  { up: 0.75, wide: 0.5 },
] as const;
const folds = 8;

export function bag(state: BagState, look: BagLook): Solid[] {
  const { seed, sheet, radiusM } = look;
  const { rollRad, swell } = state;
  const turned = turning(state, radiusM);
  // The folds work as the bag tumbles.
  const fold = (index: number) =>
    (index % 2 === 0 ? 1 : 0.78) * (0.75 + 0.5 * noise(index * 3.7 + rollRad * 0.4, seed * 0.17 + swell));
  const points = rings.flatMap(({ up, wide }, row) =>
    Array.from({ length: folds }, (_, step) => {
      const turn = ((step + row * 0.3) / folds) * Math.PI * 2;
      const out = wide * fold(row * folds + step);
      return turned(Math.cos(turn) * out, Math.sin(turn) * out * 0.75, up);
    }),
  );
  const shades = [sheet, scaled(sheet, 0.82), scaled(sheet, 0.92)] as const;
  const faces: Solid[] = [];
  for (let row = 0; row + 1 < rings.length; row++)
    for (let step = 0; step < folds; step++) {
      const next = (step + 1) % folds;
      const corners = [row * folds + step, row * folds + next, (row + 1) * folds + next, (row + 1) * folds + step];
      const places = corners.map((index) => points[index]).filter((point) => point !== undefined);
      faces.push(plate(places, shades[(row + step) % 3] ?? sheet));
    }
  const handle = (side: number) => {
    const top = turned(0.15 * side, side * 0.3, 1.5);
    return [-0.4, 0.4].map((x) => limb(turned(x, side * 0.25, 0.6), top, 0.026, 0.016, shades[1], 0.01));
  };
  // The ball inside casts the shadow and keeps folds from showing the street.
  return [
    ball(turned(0, 0, -0.1), radiusM * 0.62 * flatness(swell), shades[1], -0.05),
    ...faces,
    ...handle(-1),
    ...handle(1),
  ];
}

function flatness(swell: number): number {
  return 0.45 + 0.55 * swell;
}

/** From the bag's own axes, in parts of its radius, to the village. */
function turning(
  { at, rollRad, yawRad, swell }: BagState,
  radiusM: number,
): (x: number, y: number, z: number) => Point {
  const [sr, cr, sy, cy] = [Math.sin(rollRad), Math.cos(rollRad), Math.sin(yawRad), Math.cos(yawRad)];
  return (x, y, z) => {
    const along = x * cr + z * sr;
    const up = z * cr - x * sr;
    return [
      at[0] + (along * cy - y * sy) * radiusM,
      at[1] + (along * sy + y * cy) * radiusM,
      Math.max(0.01, at[2] + up * flatness(swell) * radiusM),
    ];
  };
}
