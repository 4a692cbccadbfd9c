// Still things with rounded bodies: parked motorbikes, the plastic tables and stools before the café. Built as figures, laid into the backdrop once.
import { type Figure, hullOf, limb, placeOf, plate, type Solid } from './figure.ts';
import { machine, motorbikeLook } from './figure-motorbike.ts';
import type { Layout } from './layout.ts';
import { dice } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export function furniture(layout: Layout): Omit<Figure, 'class' | 'id'>[] {
  const things = [
    ...layout.parked.map(({ x, y, headingRad, seed }) => ({
      at: [x, y] as const,
      solids: machine(placeOf({ x, y, headingRad, leanRad: -0.12 }), 0.4, motorbikeLook(seed)),
    })),
    ...layout.tables.map(({ x, y, seed }) => ({ at: [x, y] as const, solids: table(x, y, seed) })),
  ];
  return things.map((thing) => ({ ...thing, glows: [], beams: [] }));
}

function table(x: number, y: number, seed: number): Solid[] {
  const chance = dice(seed, 90);
  const plastic = ['#c8382e', '#2f62a8', '#2f8f6a'] as const;
  const top = colour(chance.pick(plastic));
  const solids: Solid[] = stool(x, y, 0.33, 0.52, top);
  for (const [dx, dy] of [
    [-0.52, 0.05],
    [0.5, -0.12],
    [0.05, -0.45],
  ] as const)
    solids.push(...stool(x + dx, y + dy, 0.16, 0.3, colour(chance.pick(plastic))));
  solids.push(limb([x - 0.1, y, 0.56], [x - 0.1, y, 0.66], 0.035, 0.03, colour('#e9e4d6'), 0.3));
  solids.push(limb([x + 0.08, y - 0.1, 0.56], [x + 0.08, y - 0.1, 0.72], 0.03, 0.025, colour('#7a5a2c'), 0.3));
  return solids;
}

function stool(x: number, y: number, halfM: number, heightM: number, tint: Colour): Solid[] {
  const ring = (half: number, z: number) =>
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((step) => {
      const turn = (step / 12) * Math.PI * 2;
      return [x + Math.cos(turn) * half, y + Math.sin(turn) * half, z] as const;
    });
  const legs = [-1, 1].flatMap((sx) =>
    [-1, 1].map((sy) =>
      limb(
        [x + sx * halfM * 0.8, y + sy * halfM * 0.8, 0],
        [x + sx * halfM * 0.6, y + sy * halfM * 0.6, heightM],
        0.025,
        0.03,
        scaled(tint, 0.8),
      ),
    ),
  );
  return [
    ...legs,
    hullOf([...ring(halfM, heightM), ...ring(halfM, heightM - 0.06)], scaled(tint, 0.75)),
    plate(ring(halfM * 0.98, heightM + 0.01), tint, 0.1),
  ];
}
