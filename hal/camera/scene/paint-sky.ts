// Sky with clouds, karst hills in the haze, the hedge of trees where the lane ends.
import { type Canvas, dab, lay } from './canvas.ts';
import { type Layout, lane } from './layout.ts';
import { pixelX, pixelY } from './lens.ts';
import { cloudy, dice, noise } from './random.ts';
import { blended, type Colour, colour, scaled } from './tone.ts';

const zenith = scaled(colour('#5d97cf'), 1.15);
const horizon = scaled(colour('#dfe9ec'), 1.15);
const cloud = scaled(colour('#ffffff'), 1.35);
const cloudBelly = scaled(colour('#b9c6d2'), 1.1);
const nightTop = scaled(colour('#141c30'), 0.9);
const nightLow = scaled(colour('#3b3540'), 0.95);

export function paintSky(canvas: Canvas, layout: Layout): void {
  const { lens, rgb } = canvas;
  const horizonRow = lens.cy - (lens.focal * lens.sin) / lens.cos;
  const night = canvas.light.time === 'night';
  const out = new Float32Array(6);
  // Clouds are soft: one look at the sky does for a block of pixels.
  const block = lens.width >= 640 ? 2 : 1;
  const rows = Math.min(lens.height, Math.ceil(horizonRow + 2));
  for (let by = 0; by < rows; by += block) {
    for (let bx = 0; bx < lens.width; bx += block) {
      out.set(skyAt((bx - lens.cx) / lens.focal, (horizonRow - by) / lens.focal, layout.seed, night));
      for (let py = by; py < Math.min(rows, by + block); py++)
        for (let px = bx; px < bx + block; px++) lay(rgb, (py * lens.width + px) * 3, out, 1);
    }
  }
  hills(canvas, layout, horizonRow);
}

function skyAt(side: number, up: number, seed: number, night: boolean): Colour {
  const rise = Math.min(1, Math.max(0, up / 0.42)) ** 0.75;
  const shift = (seed % 97) * 3.1;
  // Clouds lie in layers: stretched sideways, more so near the horizon.
  const depth = 1 / (up + 0.16);
  const density = cloudy(side * depth * 0.9 + shift, depth * 1.9 + shift, 4);
  const thick = smooth(0.5, 0.72, density) * smooth(0.0, 0.1, up);
  if (night) return blended(blended(nightLow, nightTop, rise), nightLow, thick * 0.45);
  const lit = blended(cloudBelly, cloud, smooth(0.45, 0.75, density + 0.1 * noise(side * 9, up * 20)));
  return blended(blended(horizon, zenith, rise), lit, thick * 0.85);
}

function smooth(from: number, to: number, value: number): number {
  const part = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return part * part * (3 - 2 * part);
}

/** Steep limestone hills of the north, three ranges one paler than the other. */
function hills(canvas: Canvas, layout: Layout, horizonRow: number): void {
  const { lens, rgb } = canvas;
  const night = canvas.light.time === 'night';
  const ranges: readonly (readonly [tint: Colour, height: number, scale: number])[] = night
    ? [
        [colour('#2b2b3a'), 0.12, 5],
        [colour('#20232f'), 0.085, 8],
        [colour('#151a20'), 0.05, 12],
      ]
    : [
        [scaled(colour('#b4c6d3'), 1.05), 0.13, 5],
        [colour('#93aeb6'), 0.09, 8],
        [colour('#6f9182'), 0.05, 12],
      ];
  const out = new Float32Array(6);
  for (const [index, [tint, height, scale]] of ranges.entries()) {
    const shift = layout.seed * 1.7 + index * 29;
    for (let px = 0; px < lens.width; px++) {
      const side = (px - lens.cx) / lens.focal;
      const peak = cloudy(side * scale + shift, shift * 0.37, 4);
      const crest = horizonRow - lens.focal * height * (0.25 + 1.25 * smooth(0.35, 0.75, peak));
      for (let py = Math.max(0, Math.floor(crest)); py < Math.min(lens.height, horizonRow + 3); py++) {
        // Mist collects at the feet of the hills.
        const mist = smooth(0.35, 1, (py - crest) / (horizonRow - crest + 1)) * 0.55;
        const share = Math.min(1, py + 1 - crest);
        out.set(blended(tint, night ? nightLow : horizon, mist * (night ? 0.3 : 1)));
        lay(rgb, (py * lens.width + px) * 3, out, share);
      }
    }
  }
}

/** Trees and bamboo behind the lane's end, from far to near. */
export function paintHedge(canvas: Canvas, layout: Layout): void {
  const { lens } = canvas;
  const chance = dice(layout.seed, 50);
  const out = new Float32Array(6);
  const leaf = ['#5f8a3e', '#4d7a3a', '#7d9a48', '#42693a'] as const;
  for (let row = 0; row < 3; row++) {
    const y = lane.endY + lane.turnM / 2 + 4.5 - row * 1.1;
    for (let index = 0; index < 1500; index++) {
      const x = layout.laneX + chance.from(-13, 13);
      const top = (3.4 - row * 0.9) * (0.55 + 0.75 * noise(x * 0.45 + row * 9, layout.seed + row));
      const rise = chance.part() ** 0.8;
      const z = rise * top;
      const [r, g, b] = colour(chance.pick(leaf));
      const shine = 0.35 + 0.75 * rise * chance.from(0.75, 1.1);
      out.fill(0);
      out[0] = r * shine;
      out[1] = g * shine;
      out[2] = b * shine;
      canvas.light.shade(x, y, 2 + z, 0, -0.7, 0.7, y, out);
      const point = [x, y, z] as const;
      const size = (chance.from(0.12, 0.3) * lens.focal) / y;
      dab(canvas, pixelX(lens, point), pixelY(lens, point), size, size * 0.75, out, 0.9, y + 4);
    }
  }
}
