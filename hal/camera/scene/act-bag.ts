// A plastic bag in the wind: lies and trembles, is lifted by a gust, tumbles, drifts aside, drops, until it is blown out of the picture.
import { type Act, footing, type Part, shape } from './act.ts';
import { bag, bagLook } from './figure-bag.ts';
import type { Layout } from './layout.ts';
import { type Dice, noise } from './random.ts';
import { meetingPlace, type Where } from './ways.ts';

/** Positions are worked out this often, by steps of the wind, and joined in between. */
const stepS = 0.05;
/** The wind freshens until the bag is gone: in this time at the latest, it is blown on without a pause. */
const patienceS = 25;
const tookMaxS = 90;

interface Blown {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly rollRad: number;
  readonly yawRad: number;
  readonly swell: number;
}

export function plasticBag(layout: Layout, where: Where, { seed, slow }: Part, chance: Dice): Act {
  const { y, edges } = meetingPlace(layout, where, chance);
  const side = chance.pick([-1, 1] as const);
  const [from, to] = side > 0 ? edges : [edges[1], edges[0]];
  const path = packed(blowing(from[0], to[0], y, seed, chance.from(3, 5) / slow));
  const look = bagLook(seed);
  const last = path.length / perStep - 1;
  return {
    tookS: last * stepS,
    at: (sinceS) => {
      const { x, y: nowY, z, ...turned } = between(path, Math.max(0, Math.min(last, sinceS / stepS)));
      const stance = { x, y: nowY, headingRad: 0, leanRad: 0 };
      const dark = 0.34 * Math.max(0, 1 - (z - 0.08) / 0.5);
      return {
        ...shape(stance, bag({ at: [x, nowY, z], ...turned }, look)),
        footing: footing(stance, 0, 0.05, 0.16, dark),
      };
    },
  };
}

/** Hours of wind are kept while a scene is watched: six numbers a step instead of an object. */
const perStep = 6;

function packed(path: readonly Blown[]): Float32Array {
  const values = new Float32Array(path.length * perStep);
  for (const [step, { x, y, z, rollRad, yawRad, swell }] of path.entries())
    values.set([x, y, z, rollRad, yawRad, swell], step * perStep);
  return values;
}

function between(path: Float32Array, step: number): Blown {
  const from = Math.min(Math.floor(step) * perStep, path.length - 2 * perStep);
  const part = step - from / perStep;
  const mix = (at: number) => {
    const value = path[from + at] ?? 0;
    return value + ((path[from + perStep + at] ?? 0) - value) * part;
  };
  return { x: mix(0), y: mix(1), z: mix(2), rollRad: mix(3), yawRad: mix(4), swell: mix(5) };
}

/** From out of the picture on one side to out of it on the other. */
function blowing(fromX: number, toX: number, y: number, seed: number, windMs: number): Blown[] {
  const sign = Math.sign(toX - fromX);
  const path: Blown[] = [];
  let now: Blown = { x: fromX, y, z: 0.08, rollRad: 0, yawRad: 0, swell: 0.3 };
  let [vx, vy, vz] = [0, 0, 0];
  for (let step = 0; step * stepS < tookMaxS && (toX - now.x) * sign > 0; step++) {
    path.push(now);
    const second = step * stepS;
    const gust = gustAt(second, seed);
    const push = (target: number, speed: number, share: number) => speed + (target - speed) * share * stepS;
    // Lying on the ground it hardly slides; in the air it goes with the wind and is thrown about by eddies.
    const grip = now.z < 0.1 ? 5 : 1.6;
    const held = now.z < 0.1 && gust < 0.25;
    vx = push(held ? 0 : sign * windMs * gust * (0.6 + 0.8 * noise(second / 0.9, seed * 0.5)), vx, grip);
    vy = push(held ? 0 : 2.4 * gust * (noise(second / 1.1, seed * 0.31 + 40) - 0.5) + (y - now.y) * 0.5, vy, grip);
    const lift = gust * 4.2 * (noise(second / 0.7, seed * 0.77 + 80) - 0.42) - 0.55 - now.z * 0.35;
    vz = push(lift * 1.6, vz, 3);
    const z = Math.max(0.08, Math.min(2.6, now.z + vz * stepS));
    if (z === 0.08 && vz < 0) vz = 0;
    const speed = Math.hypot(vx, vy, vz);
    const tremble = 0.5 * (noise(second * 3, seed * 0.9) - 0.5) * (0.3 + gust);
    now = {
      x: now.x + vx * stepS,
      y: now.y + vy * stepS,
      z,
      rollRad: now.rollRad + sign * (speed * 1.9 * stepS) + tremble * stepS,
      yawRad: now.yawRad + (noise(second / 0.8, seed * 0.63) - 0.5) * 5 * (0.1 + gust) * stepS,
      swell: push(Math.min(1, 0.25 + gust), now.swell, 4),
    };
  }
  path.push(now);
  return path;
}

/** 0 calm to 1: gusts of some seconds with lulls between, which get shorter. */
function gustAt(second: number, seed: number): number {
  const impatience = Math.max(0, second - patienceS * 0.4) / patienceS;
  // It arrives with a gust.
  const arriving = Math.max(0, 1 - second / 2.5);
  const blow = noise(second / 2.6, seed * 0.21) * 0.75 + noise(second / 0.8, seed * 0.47) * 0.35;
  return Math.max(0, Math.min(1, (blow - 0.4) * 2.4 + impatience * 0.6 + arriving * 0.8));
}
