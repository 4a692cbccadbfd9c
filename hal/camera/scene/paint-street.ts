// What stands along the street: concrete poles with crossarms and wires, street lamps, the loudspeaker of the village.
import { type Canvas, dab, type Material, plain, shining, strand, surface } from './canvas.ts';
import type { Layout } from './layout.ts';
import { type Point, pixelX, pixelY } from './lens.ts';
import { lampHead } from './light.ts';
import { cloudy } from './random.ts';
import { colour, scaled } from './tone.ts';

type Pole = Layout['poles'][number];

const poleM = 8.2;
const concrete = colour('#b9b4a8');
const steel = colour('#6f7475');
const black = colour('#1d1d1f');

export function paintPole(canvas: Canvas, layout: Layout, pole: Pole): void {
  const { x, y } = pole;
  const half = (z: number) => 0.15 - 0.05 * (z / poleM);
  surface(
    canvas,
    [
      [x - half(0), y, 0],
      [x + half(0), y, 0],
      [x + half(poleM), y, poleM],
      [x - half(poleM), y, poleM],
    ],
    shaft(x, half),
    {
      normal: [0, -0.95, 0.3],
    },
  );
  // A painted band and a number plate at eye height, as the power company has them.
  surface(
    canvas,
    [
      [x - 0.09, y - 0.14, 1.9],
      [x + 0.09, y - 0.14, 1.9],
      [x + 0.09, y - 0.14, 2.2],
      [x - 0.09, y - 0.14, 2.2],
    ],
    plain(colour('#d9c24a')),
  );
  for (const z of [7.2, 7.8])
    strand(
      canvas,
      [
        [x - 0.95, y, z],
        [x + 0.95, y, z],
      ],
      0.09,
      plain(scaled(steel, 0.8)),
    );
  for (const z of [7.2, 7.8])
    for (const side of [-0.85, -0.35, 0.35, 0.85])
      strand(
        canvas,
        [
          [x + side, y, z + 0.02],
          [x + side, y, z + 0.2],
        ],
        0.08,
        plain(colour('#8d6a52')),
      );
  meters(canvas, pole);
  if (pole.lamp) streetLamp(canvas, layout, pole);
  if (pole.horn) horn(canvas, pole);
}

function shaft(x: number, half: (z: number) => number): Material {
  return (px, _py, z, _pixel, out) => {
    const round = (px - x) / half(z);
    const tone = (1 - 0.42 * round * round) * (0.8 + 0.35 * cloudy(px * 4, z * 0.9, 3)) * (z < 0.5 ? 0.8 : 1);
    out[0] = concrete[0] * tone;
    out[1] = concrete[1] * tone;
    out[2] = concrete[2] * tone;
  };
}

function meters(canvas: Canvas, { x, y }: Pole): void {
  surface(
    canvas,
    [
      [x - 0.28, y - 0.16, 3.3],
      [x + 0.28, y - 0.16, 3.3],
      [x + 0.28, y - 0.16, 3.95],
      [x - 0.28, y - 0.16, 3.95],
    ],
    plain(colour('#a7aeb0')),
  );
  surface(
    canvas,
    [
      [x - 0.22, y - 0.17, 3.4],
      [x + 0.22, y - 0.17, 3.4],
      [x + 0.22, y - 0.17, 3.62],
      [x - 0.22, y - 0.17, 3.62],
    ],
    plain(colour('#59636a')),
  );
  strand(
    canvas,
    [
      [x + 0.1, y - 0.15, 3.95],
      [x + 0.16, y - 0.15, 6.9],
    ],
    0.04,
    plain(black),
  );
}

function streetLamp(canvas: Canvas, layout: Layout, pole: Pole): void {
  const head = lampHead(pole, layout);
  strand(
    canvas,
    [
      [pole.x, pole.y, head[2] - 0.7],
      [pole.x + (head[0] - pole.x) * 0.4, pole.y + (head[1] - pole.y) * 0.4, head[2] - 0.05],
      head,
    ],
    0.07,
    plain(steel),
  );
  const [x, y, z] = head;
  // By day, or when its tube has failed, no light of the village is here.
  const burns = canvas.light.lamps.some(({ at }) => at[0] === x && at[1] === y);
  const lit = burns ? ([9, 7.4, 5] as const) : ([0, 0, 0] as const);
  surface(
    canvas,
    [
      [x - 0.24, y, z + 0.08],
      [x + 0.24, y, z + 0.08],
      [x + 0.2, y, z + 0.16],
      [x - 0.2, y, z + 0.16],
    ],
    plain(steel),
  );
  surface(
    canvas,
    [
      [x - 0.25, y, z - 0.04],
      [x + 0.25, y, z - 0.04],
      [x + 0.25, y, z + 0.09],
      [x - 0.25, y, z + 0.09],
    ],
    shining(lit, colour('#e8e4d6')),
  );
}

/** The grey horn that reads the news every morning. */
function horn(canvas: Canvas, { x, y }: Pole): void {
  const grey = colour('#a9adae');
  for (const side of [-1, 1]) {
    const mouth: Point = [x + side * 0.62, y - 0.25, 5.35];
    surface(
      canvas,
      [
        [x + side * 0.12, y - 0.15, 5.42],
        [mouth[0], mouth[1], mouth[2] + 0.27],
        [mouth[0], mouth[1], mouth[2] - 0.27],
        [x + side * 0.12, y - 0.15, 5.3],
      ],
      plain(grey),
      {
        normal: [side * 0.3, -0.7, 0.6],
      },
    );
    const radius = (0.27 * canvas.lens.focal) / y;
    const out = new Float32Array([...scaled(grey, 0.55), 0, 0, 0]);
    canvas.light.shade(...mouth, side * 0.8, -0.6, 0, y, out);
    dab(canvas, pixelX(canvas.lens, mouth), pixelY(canvas.lens, mouth), radius * 0.38, radius, out, 1, y);
  }
}

/** Sagging bundles from pole to pole and out of the picture, and a service drop to each second house. */
export function paintWires(canvas: Canvas, layout: Layout): void {
  const front = layout.poles.filter((pole) => pole.y < 25).sort((a, b) => a.x - b.x);
  const first = front[0];
  const last = front.at(-1);
  if (first === undefined || last === undefined) return;
  const line = [{ x: first.x - 22, y: first.y }, ...front, { x: last.x + 22, y: last.y }];
  for (let index = 1; index < line.length; index++) {
    const from = line[index - 1];
    const to = line[index];
    if (from === undefined || to === undefined) continue;
    for (const [z, side] of [
      [8, -0.85],
      [8, 0.35],
      [7.4, -0.35],
      [7.4, 0.85],
    ] as const)
      sag(canvas, [from.x + side, from.y, z], [to.x + side, to.y, z], 0.55, 0.022);
    for (let strandAt = 0; strandAt < 5; strandAt++)
      sag(
        canvas,
        [from.x, from.y - 0.1, 6.75 - strandAt * 0.07],
        [to.x, to.y - 0.1, 6.7 - strandAt * 0.08],
        0.55 + strandAt * 0.13,
        0.035,
      );
  }
  const corner = front.find((pole) => pole.horn) ?? first;
  const away = layout.poles.find((pole) => pole.y > 25);
  if (away !== undefined)
    for (const z of [6.7, 7.3]) sag(canvas, [corner.x, corner.y, z], [away.x, away.y, z], 0.5, 0.03);
  for (const [index, house] of layout.houses.entries()) {
    if (house.facing !== 'south' || index % 2 === 0) continue;
    const eave: Point = [house.x + house.widthM * 0.3, house.y - 0.1, (house.storeyM[0] ?? 3.4) + 1.9];
    const nearest = front.reduce(
      (best, pole) => (Math.abs(pole.x - eave[0]) < Math.abs(best.x - eave[0]) ? pole : best),
      corner,
    );
    sag(canvas, [nearest.x, nearest.y, 6.6], eave, 0.35, 0.02);
  }
}

function sag(canvas: Canvas, from: Point, to: Point, depthM: number, widthM: number): void {
  const points: Point[] = [];
  const pieces = 24;
  for (let piece = 0; piece <= pieces; piece++) {
    const part = piece / pieces;
    points.push([
      from[0] + (to[0] - from[0]) * part,
      from[1] + (to[1] - from[1]) * part,
      from[2] + (to[2] - from[2]) * part - 4 * depthM * part * (1 - part),
    ]);
  }
  strand(canvas, points, widthM, plain(black), { thin: true });
}
