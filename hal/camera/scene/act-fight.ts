// Two people who meet, fight for some seconds and part. Each is a figure of its own; both know the same plan.
import { type Act, type Part, shape } from './act.ts';
import type { Stance } from './figure.ts';
import { body, type Pose } from './figure-body.ts';
import { type PersonLook, personLook } from './figure-person.ts';
import type { Layout } from './layout.ts';
import { between, brawling, idling, running, smooth, walking } from './pose.ts';
import { type Dice, dice, noise } from './random.ts';
import { createRoute, type Route, wrapped } from './route.ts';
import { meetingPlace, type Where } from './ways.ts';

interface Plan {
  readonly seed: number;
  readonly x: number;
  readonly y: number;
  /** Both arrive then. */
  readonly fromS: number;
  readonly toS: number;
}

/** One of the two: `side` is where he comes from and stands, -1 the left one. */
interface Fighter {
  readonly side: -1 | 1;
  readonly look: PersonLook;
  readonly comes: Route;
  readonly leaves: Route;
  readonly waitsS: number;
  readonly leavesMs: number;
  readonly flees: boolean;
}

/** Half the distance between the two when they face each other. */
const apartM = 0.42;
const strideM = 1.35;
const runStrideM = 2.3;
const turnRad = Math.PI * 2;

export function fight(layout: Layout, where: Where, { seed, slow }: Part, chance: Dice): Act[] {
  const { x, y, edges } = meetingPlace(layout, where, chance);
  const longest = Math.max(...edges.map((edge) => Math.abs(edge[0] - x)));
  const fromS = longest / (chance.from(1.3, 1.6) / slow);
  const plan: Plan = { seed, x, y, fromS, toS: fromS + chance.from(9, 16) };
  const loser = chance.pick([-1, 1] as const);
  const chases = chance.chance(0.35);
  const fighter = (side: -1 | 1): Fighter => {
    const flees = side === loser;
    const off = flees || !chases ? side : loser;
    return {
      side,
      look: lookOf(seed + side),
      comes: createRoute([edges[side < 0 ? 0 : 1], [x + side * apartM, y]], 0.5),
      leaves: createRoute([[x + side * apartM, y], edges[off < 0 ? 0 : 1]], 0.5),
      waitsS: flees ? 0 : chases ? 0.7 : 2.5,
      leavesMs: (flees || chases ? 3.2 : 1.35) / slow,
      flees: flees || chases,
    };
  };
  return [act(plan, fighter(-1)), act(plan, fighter(1))];
}

function lookOf(seed: number): PersonLook {
  const look = personLook(seed);
  const head = dice(seed, 75).pick(['hair', 'hair', 'cap'] as const);
  return { ...look, carries: 'nothing', head, hat: look.trousers };
}

function act(plan: Plan, one: Fighter): Act {
  const leavesS = plan.toS + one.waitsS;
  return {
    tookS: leavesS + one.leaves.lengthM / one.leavesMs,
    at: (sinceS) => {
      const { stance, pose } =
        sinceS < plan.fromS
          ? coming(plan, one, sinceS)
          : sinceS < plan.toS
            ? fighting(plan, one, sinceS)
            : leaving(plan, one, sinceS - leavesS);
      return shape(stance, body(stance, pose, one.look));
    },
  };
}

interface Held {
  readonly stance: Stance;
  readonly pose: Pose;
}

function coming(plan: Plan, { comes, side }: Fighter, sinceS: number): Held {
  const metres = (sinceS / plan.fromS) * comes.lengthM;
  const { x, y, headingRad } = comes.at(metres);
  const near = smooth(plan.fromS - 0.5, plan.fromS, sinceS);
  const stance = turned(x, y, headingRad, facingRad(side), near);
  return { stance, pose: between(walking((metres / strideM) * turnRad, 1), brawl(plan, side, sinceS), near) };
}

/** Both circle, close in and give way; calm at either end, so that coming and leaving join on. */
function fighting(plan: Plan, { side }: Fighter, sinceS: number): Held {
  const { seed } = plan;
  const heat = smooth(plan.fromS, plan.fromS + 1.2, sinceS) * (1 - smooth(plan.toS - 1.2, plan.toS, sinceS));
  const drift = (row: number, slowS: number) => (noise(sinceS / slowS, seed * 0.23 + row * 5.1) - 0.5) * 2 * heat;
  const turn = 1.6 * drift(1, 1.9);
  const half = apartM + 0.22 * drift(2, 0.7);
  const x = plan.x + 0.9 * drift(3, 1.4) + side * Math.cos(turn) * half;
  const y = plan.y + 0.35 * drift(4, 1.3) + side * Math.sin(turn) * half;
  const headingRad = facingRad(side) + turn + 0.25 * drift(6 + side, 0.5);
  return {
    stance: { x, y, headingRad, leanRad: 0.12 * drift(9 + side, 0.45) },
    pose: brawl(plan, side, sinceS),
  };
}

function leaving(plan: Plan, { leaves, leavesMs, side, flees, waitsS }: Fighter, sinceS: number): Held {
  const metres = Math.max(0, sinceS) * leavesMs;
  const { x, y, headingRad } = leaves.at(metres);
  const off = smooth(-0.4, 0.3, sinceS);
  const stance = turned(x, y, headingRad, facingRad(side), 1 - off);
  const stride = flees ? running((metres / runStrideM) * turnRad, 0.5) : walking((metres / strideM) * turnRad, 1);
  // Whoever stays lets the arms sink and looks after the other one.
  const calm = between(brawl(plan, side, plan.toS), idling(sinceS, plan.seed), smooth(-waitsS, -waitsS + 0.8, sinceS));
  return { stance, pose: between(calm, stride, off) };
}

function brawl({ seed }: Plan, side: number, sinceS: number): Pose {
  return brawling(sinceS, seed, side);
}

/** The left one looks to the right. */
function facingRad(side: number): number {
  return side < 0 ? 0 : Math.PI;
}

function turned(x: number, y: number, fromRad: number, toRad: number, share: number): Stance {
  return { x, y, headingRad: fromRad + wrapped(toRad - fromRad) * share, leanRad: 0 };
}
