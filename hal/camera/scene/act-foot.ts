// On foot: someone who walks by, someone who runs, someone who comes, stands about and goes on.
import { type Act, type Part, shape, stanceOn } from './act.ts';
import { halting, steady } from './course.ts';
import type { Stance } from './figure.ts';
import { body } from './figure-body.ts';
import { person, personLook } from './figure-person.ts';
import { between, idling, running, smooth, walking } from './pose.ts';
import type { Dice } from './random.ts';
import { type Route, wrapped } from './route.ts';

/** Two steps of someone walking, metres. */
const strideM = 1.35;
const turnRad = Math.PI * 2;

export function walker(route: Route, { seed, slow }: Part, chance: Dice): Act {
  const course = steady(route.lengthM, chance.from(1.1, 1.5) / slow);
  const look = personLook(seed);
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const progress = course.at(sinceS);
      const stance = stanceOn(route, progress);
      return shape(stance, person(stance, (progress.metres / strideM) * turnRad, look));
    },
  };
}

export function runner(route: Route, { seed, slow }: Part, chance: Dice): Act {
  const speedMs = chance.from(2.5, 4);
  const course = steady(route.lengthM, speedMs / slow);
  const look = { ...personLook(seed), carries: 'nothing' } as const;
  const bareheaded = look.head === 'leaf-hat' ? ({ ...look, head: 'hair' } as const) : look;
  const legwear = chance.chance(0.6) ? 'shorts' : 'trousers';
  const effort = (speedMs - 2.5) / 1.5;
  const strides = 1.9 + 0.7 * effort;
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const progress = course.at(sinceS);
      const stance = stanceOn(route, progress);
      return shape(stance, body(stance, running((progress.metres / strides) * turnRad, effort), bareheaded, legwear));
    },
  };
}

/** Stands for 40 to 70 s at a place in the middle half of the way, turned towards the camera or the road. */
export function stander(route: Route, { seed, slow }: Part, chance: Dice): Act {
  const speedMs = chance.from(1.1, 1.4) / slow;
  const atM = route.lengthM * chance.from(0.35, 0.65);
  const course = halting(route.lengthM, speedMs, [{ atM, forS: chance.from(41, 70) }]);
  const look = { ...personLook(seed), carries: 'nothing' } as const;
  const faceRad = -Math.PI / 2 + chance.from(-0.9, 0.9);
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const progress = course.at(sinceS);
      const rest = 1 - smooth(0, 0.8, progress.going);
      const way = stanceOn(route, progress);
      const stance: Stance = {
        ...way,
        headingRad: way.headingRad + wrapped(faceRad - way.headingRad) * rest,
        leanRad: 0.035 * rest * Math.sin(sinceS * 0.83) * Math.sin(sinceS * 0.29),
      };
      const pose = between(walking((progress.metres / strideM) * turnRad, progress.going), idling(sinceS, seed), rest);
      return shape(stance, body(stance, pose, look));
    },
  };
}
