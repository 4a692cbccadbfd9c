// The banyan of the village and its areca palms: trunks as shaded strips, leaves as thousands of dabs lit by where they sit in the crown.
import { type Canvas, dab, type Material, strand, surface } from './canvas.ts';
import type { Layout } from './layout.ts';
import { type Point, pixelX, pixelY } from './lens.ts';
import { cloudy, type Dice, dice } from './random.ts';
import { type Colour, colour } from './tone.ts';

const bark = colour('#7b6a55');
const palmBark = colour('#9a9486');
const leafTints = ['#56803a', '#456f34', '#6d9440', '#38602f', '#86a84c'] as const;

export function paintBanyan(canvas: Canvas, layout: Layout): void {
  const { x, y, heightM, spreadM } = layout.banyan;
  const chance = dice(layout.seed, 41);
  const fork = heightM * 0.42;
  const hull: Point[] = [];
  // The foot spreads into buttress roots.
  const half = (part: number) => 0.34 + 0.55 * (1 - part) ** 6 + 0.16 * part;
  for (let part = 0; part <= 1.001; part += 0.1) hull.push([x - half(part), y, part * fork]);
  for (let part = 1; part >= -0.001; part -= 0.1) hull.push([x + half(part) * 1.05, y, part * fork]);
  surface(canvas, hull, trunk(x, y), { normal: [0, -0.9, 0.43] });
  for (let branch = 0; branch < 7; branch++) {
    const turn = (branch / 6) * Math.PI;
    const tip: Point = [
      x + Math.cos(turn) * spreadM * 0.75,
      y + 0.1,
      fork + (0.35 + 0.75 * Math.sin(turn)) * heightM * 0.4,
    ];
    const knee: Point = [x + Math.cos(turn) * 0.5, y, fork + 0.5];
    strand(canvas, [[x, y, fork - 0.4], knee, tip], 0.26, trunk(x, y));
  }
  crown(canvas, chance, [x, y, heightM * 0.68], spreadM, heightM * 0.34, -0.4);
  // Aerial roots hang in front of the shade, behind the nearest leaves.
  for (let root = 0; root < 16; root++) {
    const rx = x + chance.from(-0.75, 0.75) * spreadM * 0.7;
    const top = heightM * 0.5;
    strand(
      canvas,
      [
        [rx, y - 0.3, top],
        [rx + chance.from(-0.1, 0.1), y - 0.3, chance.chance(0.08) ? 0 : top - chance.from(0.8, 2.2)],
      ],
      chance.from(0.02, 0.05),
      trunk(rx, y),
    );
  }
  crown(canvas, chance, [x, y, heightM * 0.72], spreadM, heightM * 0.3, 0.35);
}

function trunk(x: number, y: number): Material {
  return (px, _py, z, _pixel, out) => {
    const round = Math.max(-1, Math.min(1, (px - x) / 0.65));
    const groove = cloudy(px * 9 + y, z * 1.1, 3);
    const tone = (0.55 + 0.75 * groove) * (1 - 0.45 * round * round);
    out[0] = bark[0] * tone;
    out[1] = bark[1] * tone;
    out[2] = bark[2] * tone;
  };
}

/** Clumps of leaves over a flattened dome; each leaf is lit as the side of its clump it sits on. `front` moves the layer towards the camera. */
function crown(canvas: Canvas, chance: Dice, centre: Point, spread: number, half: number, front: number): void {
  const clumps: { readonly at: Point; readonly radius: number }[] = [];
  for (let index = 0; index < 60; index++) {
    const turn = chance.from(0, Math.PI * 2);
    const out = Math.sqrt(chance.part());
    const at: Point = [
      centre[0] + Math.cos(turn) * out * spread * 0.86,
      centre[1] - front * Math.sqrt(1 - out * out) * spread * 0.4,
      // Flat and heavy like a banyan's: the sides hang, the top is broad.
      centre[2] +
        Math.sin(turn) * out * half * (Math.sin(turn) > 0 ? 0.95 : 0.62) +
        chance.from(-0.2, 0.2) -
        Math.abs(Math.cos(turn)) * out * 0.3,
    ];
    clumps.push({ at, radius: chance.from(0.4, 0.95) * (1.15 - out * 0.35) });
  }
  // Low clumps first, so that the lit tops lie over them.
  clumps.sort((a, b) => a.at[2] - b.at[2]);
  for (const clump of clumps) leaves(canvas, chance, clump, centre, half);
}

function leaves(
  canvas: Canvas,
  chance: Dice,
  { at, radius }: { readonly at: Point; readonly radius: number },
  centre: Point,
  half: number,
): void {
  const { lens, light } = canvas;
  const pixels = lens.focal / at[1];
  const count = Math.round(120 * Math.min(1, Math.max(0.4, pixels / 45)));
  const out = new Float32Array(6);
  for (let index = 0; index < count; index++) {
    const turn = chance.from(0, Math.PI * 2);
    const distance = Math.sqrt(chance.part());
    const nx = Math.cos(turn) * distance;
    const nz = Math.sin(turn) * distance;
    const ny = -Math.sqrt(Math.max(0.05, 1 - distance * distance));
    const leaf: Point = [at[0] + nx * radius, at[1] + ny * radius * 0.3, at[2] + nz * radius * 0.8];
    const deep = 0.5 + 0.5 * Math.max(-1, Math.min(1, (leaf[2] - centre[2]) / half));
    const tone = (0.28 + 0.72 * deep) * (0.6 + 0.4 * (nz * 0.5 + 0.5)) * chance.from(0.75, 1.25);
    tint(out, colour(chance.pick(leafTints)), tone);
    // Leaves are lit above the map's shade: their own clumps are in it.
    light.shade(
      leaf[0],
      leaf[1],
      light.time === 'day' ? 40 : leaf[2],
      nx * 0.7,
      ny * 0.6 - 0.2,
      nz * 0.7 + 0.45,
      leaf[1],
      out,
    );
    const size = chance.from(0.05, 0.105) * pixels;
    dab(canvas, pixelX(lens, leaf), pixelY(lens, leaf), size * 1.15, size * 0.7, out, 0.92, leaf[1]);
  }
}

function tint(out: Float32Array, [r, g, b]: Colour, tone: number): void {
  out.fill(0);
  out[0] = r * tone;
  out[1] = g * tone;
  out[2] = b * tone;
}

export function paintPalm(canvas: Canvas, palm: Layout['palms'][number]): void {
  const { x, y, heightM } = palm;
  const chance = dice(palm.seed, 42);
  const lean = chance.from(-0.35, 0.35);
  const middle = (part: number) => x + lean * part * part;
  const stem: Point[] = [];
  for (let part = 0; part <= 1.001; part += 0.05) stem.push([middle(part) - 0.1 + 0.03 * part, y, part * heightM]);
  for (let part = 1; part >= -0.001; part -= 0.05) stem.push([middle(part) + 0.1 - 0.03 * part, y, part * heightM]);
  surface(
    canvas,
    stem,
    (px, _py, z, pixel, out) => {
      const round = (px - middle(z / heightM)) / 0.1;
      const ring = Math.max(0, 1 - pixel * 25) * ((z * 5) % 1 < 0.15 ? 0.3 : 0);
      const green = Math.max(0, z / heightM - 0.88) * 8;
      const tone = (1 - 0.5 * round * round) * (1 - ring);
      out[0] = palmBark[0] * tone * (1 - 0.6 * green);
      out[1] = palmBark[1] * tone;
      out[2] = palmBark[2] * tone * (1 - 0.7 * green);
    },
    { normal: [0, -0.95, 0.3] },
  );
  const top: Point = [middle(1), y, heightM];
  for (let frond = 0; frond < 13; frond++) {
    const turn = (frond / 13) * Math.PI * 2 + chance.from(-0.2, 0.2);
    paintFrond(canvas, chance, top, turn, chance.from(1.5, 2.1), chance.from(0.55, 1.15));
  }
}

/** A rib that rises and droops, with leaflets hanging from both sides. */
function paintFrond(canvas: Canvas, chance: Dice, top: Point, turn: number, length: number, rise: number): void {
  const rib = (part: number): Point => [
    top[0] + Math.cos(turn) * length * part,
    top[1] + Math.sin(turn) * length * part * 0.7,
    top[2] + rise * Math.sin(part * 2.6) - 1.05 * part * part,
  ];
  const green = colour(chance.pick(['#5c8a3a', '#6f9a42', '#4c7a38'] as const));
  const fresh: Material = (_x, _y, _z, _pixel, out) => tint(out, green, chance.from(0.7, 1.2));
  for (let part = 0.12; part <= 1; part += 0.045) {
    const at = rib(part);
    const long = 0.62 * Math.sin(part * 2.9) + 0.12;
    for (const side of [-1, 1]) {
      const tip: Point = [
        at[0] + Math.cos(turn) * long * 0.5 - Math.sin(turn) * side * long * 0.55,
        at[1],
        at[2] - long * (0.45 + 0.25 * (side + 1)),
      ];
      strand(canvas, [at, tip], 0.055, fresh, { normal: [Math.cos(turn) * 0.5, -0.5, 0.7] });
    }
  }
  strand(canvas, [rib(0), rib(0.25), rib(0.5), rib(0.75), rib(1)], 0.04, (_x, _y, _z, _p, out) =>
    tint(out, green, 0.8),
  );
}
