// The shop on the ground floor: its shutter or its open room, the awning before it and the sign above.
import { type Material, plain, shining, strand, surface } from './canvas.ts';
import { concrete, dark, type Face } from './house-front.ts';
import type { House } from './layout.ts';
import type { Point } from './lens.ts';
import { lettering } from './letters.ts';
import { cloudy } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export function rollShutter(face: Face, u0: number, u1: number, top: number): void {
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
export function openShop(face: Face, u0: number, u1: number, top: number): void {
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

/** Cloth on a frame, sloping out over the pavement, with a scalloped edge and the shadow it throws on the front. */
export function awning(face: Face, [one, other]: readonly [Colour, Colour], top: number): void {
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

export function sign(face: Face, storey: number, { text, ground, letters }: NonNullable<House['sign']>): void {
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
