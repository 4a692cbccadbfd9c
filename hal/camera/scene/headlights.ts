// Headlights of vehicles that are never in the picture: they turn behind the camera or draw near beside it, and their light sweeps over wet road and house fronts.
import type { Backdrop, Planes } from './backdrop.ts';
import { type Effect, lightOf, relit, smooth } from './effect.ts';
import { halfViewM } from './lens.ts';
import { type Dice, dice } from './random.ts';
import { onGround, onSky, type Survey, surveyOf, type Wet } from './survey.ts';

const slotS = 9;

/** One vehicle going by out of sight. Positions along its way are straight; the heading swings by `turnRad` in the middle of the pass, or at its end. */
interface Pass {
  readonly fromS: number;
  readonly lastsS: number;
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  /** Angle from straight away from the camera, to the right. */
  readonly headingRad: number;
  readonly turnRad: number;
  readonly turnsLate: boolean;
  readonly lampM: number;
  readonly light: number;
  /** Tangent of how far the beam's sharp upper edge rises; high beams have none. */
  readonly cut: number;
  /** Tangent at which a wall beside the vehicle cuts the light off, on one side. */
  readonly side: number;
}

/** The passes that begin in a slot of time: at most one. */
function passIn(seed: number, slot: number, strength: number): Pass | undefined {
  const chance = dice(seed, 95, slot);
  if (!chance.chance(0.35 + 0.6 * strength)) return undefined;
  const base = {
    fromS: (slot + chance.part()) * slotS,
    lastsS: chance.from(2.2, 5.5),
    lampM: chance.from(0.65, 1),
    light: (0.45 + 0.55 * strength) * chance.from(9, 20),
    cut: chance.chance(0.45) ? 9 : chance.from(0.01, 0.14),
    side: chance.pick([-1, 1]) * chance.from(0.3, 0.8),
  };
  return chance.chance(0.6) ? turning(chance, base) : besides(chance, base);
}

type Base = Pick<Pass, 'fromS' | 'lastsS' | 'lampM' | 'light' | 'cut' | 'side'>;

/** Turns around below and behind the camera: the light goes once across everything. */
function turning(chance: Dice, base: Base): Pass {
  const way = chance.pick([-1, 1]);
  const x = chance.from(-7, 7);
  const y = chance.from(-4, 5.5);
  return {
    ...base,
    from: [x, y],
    to: [x + way * chance.from(1, 5), Math.min(6, y + chance.from(-1, 2))],
    headingRad: -way * chance.from(1, 1.5),
    turnRad: way * chance.from(2, 2.9),
    turnsLate: false,
  };
}

/** Comes along the main road up to where the picture begins, and turns off there. */
function besides(chance: Dice, base: Base): Pass {
  const side = chance.pick([-1, 1]);
  const y = side < 0 ? chance.from(12.6, 13.6) : chance.from(15.4, 16.4);
  const edge = halfViewM(y) + 2.2;
  return {
    ...base,
    from: [side * (edge + chance.from(15, 30)), y],
    to: [side * edge, y],
    headingRad: -side * (Math.PI / 2 + chance.from(-0.12, 0.12)),
    turnRad: -side * chance.from(1.2, 1.9) * chance.pick([-1, 1]),
    turnsLate: true,
  };
}

/** Slender things that cut dark gaps into the light: x, y, half their width. */
type Gap = readonly [x: number, y: number, half: number];

export function createHeadlights(
  { lens, depth, layout }: Backdrop,
  albedo: Float32Array,
  wet: Wet,
  strength: number,
): Effect {
  const survey = surveyOf({ lens, depth });
  const gaps: Gap[] = layout.poles.filter((pole) => pole.y < 25).map(({ x, y }) => [x, y, 0.13]);
  gaps.push([layout.banyan.x, layout.banyan.y, 0.42], ...layout.palms.map(({ x, y }): Gap => [x, y, 0.1]));
  const light = new Float32Array(lens.width * lens.height);
  return (planes, { second }) => {
    const slot = Math.floor(second / slotS);
    for (const pass of [passIn(layout.seed, slot - 1, strength), passIn(layout.seed, slot, strength)]) {
      const part = pass === undefined ? -1 : (second - pass.fromS) / pass.lastsS;
      if (pass === undefined || part < 0 || part > 1) continue;
      throwLight(light, survey, albedo, gaps, pass, part);
      addLight(planes, light, wet);
    }
  };
}

function throwLight(
  light: Float32Array,
  survey: Survey,
  albedo: Float32Array,
  gaps: readonly Gap[],
  pass: Pass,
  part: number,
): void {
  const way = part * part * (3 - 2 * part);
  const sx = pass.from[0] + (pass.to[0] - pass.from[0]) * way;
  const sy = pass.from[1] + (pass.to[1] - pass.from[1]) * way;
  const heading = pass.headingRad + pass.turnRad * (pass.turnsLate ? smooth(0.72, 1, part) : smooth(0.1, 0.9, part));
  const ax = Math.sin(heading);
  const ay = Math.cos(heading);
  // Comes out of nowhere at neither end.
  const power = pass.light * smooth(0, 0.12, part) * (1 - smooth(0.9, 1, part));
  const dark = gaps
    .map(([x, y, half]) => {
      const along = (x - sx) * ax + (y - sy) * ay;
      return { along, aside: ((x - sx) * ay - (y - sy) * ax) / along, half: half / along };
    })
    .filter(({ along }) => along > 2);
  for (let at = 0; at < light.length; at++) {
    light[at] = 0;
    const on = survey.on[at];
    if (on === onSky) continue;
    const dx = (survey.x[at] ?? 0) - sx;
    const dy = (survey.y[at] ?? 0) - sy;
    const along = dx * ax + dy * ay;
    if (along < 0.8) continue;
    const dz = (survey.z[at] ?? 0) - pass.lampM;
    const aside = (dx * ay - dy * ax) / along;
    const square = dx * dx + dy * dy + dz * dz;
    // Two lamps' worth of a soft cone, with a sharp upper edge and a sharp side.
    let gain = power / (1 + 12 * aside * aside + 60 * aside ** 4) / (1 + square / 45);
    gain *= 1 - 0.94 * ramp((dz / along - pass.cut) * 60);
    gain *= 1 - ramp((aside * Math.sign(pass.side) - Math.abs(pass.side)) * 40);
    if (gain < 0.004) continue;
    for (const gap of dark)
      if (along > gap.along) gain *= 1 - 0.85 * (1 - ramp((Math.abs(aside - gap.aside) / gap.half - 0.7) * 2));
    const facing = on === onGround ? 0.15 + (pass.lampM * 1.6) / Math.sqrt(square) : 0.75;
    light[at] = gain * facing * (albedo[at] ?? 0);
  }
}

function ramp(value: number): number {
  return value <= 0 ? 0 : Math.min(value, 1);
}

function addLight(planes: Planes, light: Float32Array, { at, mirror, sheen }: Wet): void {
  const { width } = planes;
  for (let index = 0; index < at.length; index++) {
    // Ripples draw a reflection out up and down.
    const from = mirror[index] ?? 0;
    const seen = ((light[from] ?? 0) + (light[from - width] ?? 0) + (light[from + width] ?? 0)) / 3;
    if (seen < 0.003) continue;
    const to = at[index] ?? 0;
    light[to] = (light[to] ?? 0) + seen * 1.6 * (sheen[index] ?? 0);
  }
  for (let pixel = 0; pixel < light.length; pixel++) {
    const add = light[pixel] ?? 0;
    if (add > 0.003) planes.y[pixel] = relit(planes.y[pixel] ?? 0, 1, add);
  }
}

/** A wet road is darker and mirrors the lamps and windows; laid into the still picture once. */
export function soak(planes: Planes, { at, mirror, sheen }: Wet, amount: number): void {
  const before = planes.y.slice();
  const { width } = planes;
  const seen = (pixel: number) => lightOf[before[pixel] ?? 0] ?? 0;
  for (let index = 0; index < at.length; index++) {
    const to = at[index] ?? 0;
    const from = mirror[index] ?? 0;
    let sum = 0;
    for (let step = -3; step <= 3; step++) sum += seen(from + step * width);
    const share = (sheen[index] ?? 0) * amount;
    planes.y[to] = relit(before[to] ?? 0, 1 - 0.35 * amount, (sum / 7) * share);
  }
}
