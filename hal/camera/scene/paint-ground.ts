// Roads with kerbs and markings, pavements, grass: one texture over the whole ground, filtered by the size of a pixel there.
import { type Canvas, lay } from './canvas.ts';
import { type Layout, lane, mainRoad } from './layout.ts';
import { groundDepth, groundY } from './lens.ts';
import { cloudy, noise } from './random.ts';
import { blended, colour } from './tone.ts';

const asphalt = colour('#757474');
const worn = colour('#8b8881');
const gutter = colour('#9a968c');
const kerb = colour('#bdb8ab');
const tileRed = colour('#a9705c');
const tileGrey = colour('#a8a195');
const grass = colour('#66783f');
const dryGrass = colour('#8f8a58');
const rice = colour('#7fa04a');
const ripe = colour('#b9ab58');
const earth = colour('#937a5c');
const paintWhite = colour('#e9e6dc');
const paintYellow = colour('#d9b154');

export function paintGround(canvas: Canvas, layout: Layout): void {
  const { lens, light, rgb } = canvas;
  const out = new Float32Array(6);
  const material = ground(layout);
  for (let py = 0; py < lens.height; py++) {
    const far = groundDepth(lens, py + 0.5);
    if (far > 4000) continue;
    const y = groundY(lens, far);
    const wide = far / lens.focal;
    const long = Math.max(
      wide,
      Math.abs(groundY(lens, groundDepth(lens, py + 1)) - groundY(lens, groundDepth(lens, py))),
    );
    for (let px = 0; px < lens.width; px++) {
      const x = ((px + 0.5 - lens.cx) / lens.focal) * far;
      out[3] = 0;
      out[4] = 0;
      out[5] = 0;
      material(x, y, wide, Math.min(long, 4), out);
      light.shade(x, y, 0, 0, 0, 1, far, out);
      lay(rgb, (py * lens.width + px) * 3, out, 1);
    }
  }
}

type Cover = (x: number, y: number, wideM: number, longM: number, out: Float32Array) => void;

function ground(layout: Layout): Cover {
  const { laneX } = layout;
  return (x, y, wide, long, out) => {
    const toRoad = distanceToRoad(x - laneX, y);
    const road = 1 - step(0, toRoad, (wide + long) / 2);
    if (road < 1) {
      if (y < mainRoad.nearPavementY) verge(x, y, out);
      else if (toRoad < 4.2 && y < lane.endY + 4) pavement(x, y, wide, long, out);
      else yard(x, y, out);
      // The grass creeps over the pavement's edge.
      if (y >= mainRoad.nearPavementY && y < mainRoad.nearPavementY + 0.5) {
        const creep = (cloudy(x * 3, y * 3, 3) - 0.5) * 0.5;
        under(out, 1 - step(mainRoad.nearPavementY + creep, y, 0.12 + long), x, y);
      }
      const stone = (1 - step(0.22, toRoad, long)) * (y < lane.endY + 4 ? 1 : 0);
      blend(out, kerb, stone * (0.8 + 0.2 * noise(x * 9, y * 9)));
      dim(out, 1 - 0.35 * line(0.235, toRoad, 0.02, long));
    }
    if (road > 0) {
      const beside: [number, number, number] = [out[0] ?? 0, out[1] ?? 0, out[2] ?? 0];
      carriageway(x, y, toRoad, laneX, wide, long, out);
      blend(out, beside, 1 - road);
    }
  };
}

/** Below zero on the road. The corners of the junction are rounded by a smooth minimum. */
function distanceToRoad(fromLane: number, y: number): number {
  const middle = (mainRoad.nearY + mainRoad.farY) / 2;
  const main = Math.abs(y - middle) - (mainRoad.farY - mainRoad.nearY) / 2;
  const along = Math.max(Math.abs(fromLane) - lane.halfM, y < middle ? 9 : -9);
  const end = Math.abs(y - lane.endY) - lane.turnM / 2;
  return roundMin(roundMin(main, y > lane.endY + lane.turnM / 2 ? 9 : along, 2.4), end, 1.2);
}

function roundMin(a: number, b: number, round: number): number {
  const near = Math.max(0, round - Math.abs(a - b)) / round;
  return Math.min(a, b) - near * near * round * 0.25;
}

function carriageway(
  x: number,
  y: number,
  toRoad: number,
  laneX: number,
  wide: number,
  long: number,
  out: Float32Array,
): void {
  const coarse = cloudy(x * 0.35 + 3, y * 0.35, 2);
  const fine = noise(x * 22, y * 22) * Math.max(0, 1 - long * 12);
  set(out, asphalt);
  blend(out, worn, Math.max(0, Math.min(1, (coarse - 0.35) * 1.7)));
  // Wheels polish two tracks in each direction.
  const across = Math.min(Math.abs(y - 13.0), Math.abs(y - 16.0));
  const track = y < mainRoad.farY + 0.5 ? hump((across - 0.1) / 0.9) : hump((Math.abs(x - laneX) - 1) / 0.9);
  dim(out, (0.93 + 0.14 * fine) * (1 - 0.13 * track));
  // A patch of newer asphalt, cracks, a stain.
  const patch = inside(x - laneX + 5.4, 2.3, wide) * inside(y - 15.6, 0.8, long);
  dim(out, 1 - 0.24 * patch);
  if (long < 0.125) {
    const crack = Math.abs(cloudy(x * 0.55 + 11, y * 0.55 + 5, 3) - 0.5);
    dim(out, 1 - 0.3 * Math.max(0, 1 - crack / (0.006 + long * 0.1)) * (1 - long * 8));
  }
  const stain = (x - laneX - 4) ** 2 / 3.5 + (y - 12.9) ** 2 / 0.6;
  if (stain < 1) dim(out, 1 - 0.22 * (1 - stain) ** 2);
  blend(out, gutter, 0.75 * step(-0.32, toRoad, long));
  markings(x, y, laneX, wide, long, out);
}

function markings(x: number, y: number, laneX: number, wide: number, long: number, out: Float32Array): void {
  const middle = (mainRoad.nearY + mainRoad.farY) / 2;
  const dash = inside(y - middle, 0.075, long);
  // A crossing over the mouth of the lane, and the line where one stops before it.
  const mouth = inside(x - laneX, lane.halfM - 0.25, wide);
  const crossing = inside(y - 19.3, 0.85, long) * mouth;
  const stop = inside(y - 21.2, 0.14, long) * inside(x - laneX + lane.halfM / 2, lane.halfM / 2 - 0.2, wide);
  if (dash + crossing + stop === 0) return;
  const faded = 0.5 + 0.4 * Math.min(1, cloudy(x * 2.5, y * 2.5, 3) * 1.5);
  blend(out, paintYellow, dash * stripes(x + 40, 3.4, 1.7, wide) * faded);
  blend(out, paintWhite, (crossing * stripes(x - laneX + 40.2, 0.82, 0.42, wide) + stop) * faded);
}

function pavement(x: number, y: number, wide: number, long: number, out: Float32Array): void {
  const size = 0.42;
  const column = Math.floor(x / size);
  const row = Math.floor(y / size);
  const shown = Math.max(0, 1 - long * 3.2);
  set(out, tileGrey);
  const red = (row + column) % 4 === 0 || (row - column) % 4 === 0 ? 0.55 : 0.16;
  blend(out, tileRed, 0.3 + (red - 0.3) * shown);
  const own = noise(column * 7.7 + 0.5, row * 5.3 + 0.5) - 0.5;
  dim(out, 1 + 0.22 * own * shown);
  const joint = Math.max(joints(x, size, wide), joints(y, size, long));
  dim(out, 1 - 0.3 * joint);
  dim(out, 0.82 + 0.3 * cloudy(x * 0.8, y * 0.8, 2));
}

function joints(value: number, size: number, pixelM: number): number {
  const from = Math.abs(value / size - Math.round(value / size)) * size;
  return Math.max(0, 1 - from / (0.012 + pixelM * 0.7)) * Math.min(1, 0.024 / pixelM + 0.15);
}

function verge(x: number, y: number, out: Float32Array): void {
  const patchy = cloudy(x * 0.7, y * 0.7, 2);
  set(out, grass);
  blend(out, dryGrass, Math.max(0, Math.min(1, (patchy - 0.42) * 3)));
  blend(out, earth, Math.max(0, Math.min(1, (cloudy(x * 0.5 + 31, y * 0.5, 2) - 0.58) * 5)));
  // Blades stand up: stretched along the view.
  dim(out, 0.62 + 0.75 * cloudy(x * 26, y * 9, 2));
}

/** Bare earth and grass behind the houses, rice fields in plots further out. */
function yard(x: number, y: number, out: Float32Array): void {
  set(out, earth);
  blend(out, grass, Math.max(0, Math.min(1, (noise(x * 0.4, y * 0.4) - 0.35) * 3)));
  const plot = noise(Math.floor(x / 26 + y / 90) * 3.7, Math.floor(y / 34) * 5.1);
  blend(out, blended(rice, ripe, plot), Math.max(0, Math.min(1, (y - 46) / 6)));
  dim(out, 0.8 + 0.4 * noise(x * 3, y * 3));
}

function under(out: Float32Array, share: number, x: number, y: number): void {
  const green: [number, number, number] = [0, 0, 0];
  const own = new Float32Array(6);
  verge(x, y, own);
  for (let channel = 0; channel < 3; channel++) green[channel] = own[channel] ?? 0;
  blend(out, green, share);
}

/** 0 below the edge, 1 above, over one pixel. */
function step(edge: number, value: number, pixelM: number): number {
  return Math.max(0, Math.min(1, (value - edge) / Math.max(pixelM, 1e-4) + 0.5));
}

/** 1 in the middle, 0 beyond ±1. */
function hump(value: number): number {
  const rest = 1 - value * value;
  return rest > 0 ? rest * rest : 0;
}

/** Share of a pixel that lies within `half` of zero. */
function inside(value: number, half: number, pixelM: number): number {
  const from = Math.max(value - pixelM / 2, -half);
  const to = Math.min(value + pixelM / 2, half);
  return Math.max(0, to - from) / pixelM;
}

function line(edge: number, value: number, width: number, pixelM: number): number {
  return inside(value - edge, width, pixelM);
}

/** Share of a pixel covered by stripes of `width` every `period`. */
function stripes(value: number, period: number, width: number, pixelM: number): number {
  const covered = (at: number) =>
    Math.floor(at / period) * width + Math.min(width, at - Math.floor(at / period) * period);
  return (covered(value + pixelM / 2) - covered(value - pixelM / 2)) / pixelM;
}

function set(out: Float32Array, [r, g, b]: readonly [number, number, number]): void {
  out[0] = r;
  out[1] = g;
  out[2] = b;
}

function blend(out: Float32Array, [r, g, b]: readonly [number, number, number], share: number): void {
  if (share <= 0) return;
  out[0] = (out[0] ?? 0) + (r - (out[0] ?? 0)) * share;
  out[1] = (out[1] ?? 0) + (g - (out[1] ?? 0)) * share;
  out[2] = (out[2] ?? 0) + (b - (out[2] ?? 0)) * share;
}

function dim(out: Float32Array, factor: number): void {
  out[0] = (out[0] ?? 0) * factor;
  out[1] = (out[1] ?? 0) * factor;
  out[2] = (out[2] ?? 0) * factor;
}
