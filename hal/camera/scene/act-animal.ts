// A dog that trots along, stops to sniff and trots on; a cat that slinks, waits and at times makes a dash for it.
import { type Act, footing, type Part, type Shape, shape } from './act.ts';
import { type Course, followed, type Halt, halting, steady } from './course.ts';
import type { Stance } from './figure.ts';
import { animal, catLook, dogLook } from './figure-animal.ts';
import { smooth } from './pose.ts';
import { type Dice, noise } from './random.ts';
import type { Route } from './route.ts';

const turnRad = Math.PI * 2;

export function dog(route: Route, { seed, slow }: Part, chance: Dice): Act {
  const halts = haltsOn(route, chance, chance.whole(1, 3), [1.5, 5]);
  const course = halting(route.lengthM, chance.from(1.9, 2.8) / slow, halts);
  const look = dogLook(seed);
  return acted(route, course, seed, (stance, metres, going, sinceS) => {
    const rest = 1 - smooth(0, 0.7, going);
    const gait = {
      strideRad: (metres / 0.95) * turnRad,
      going,
      crouch: 0,
      nose: rest * (0.45 + 0.5 * smooth(0.4, 0.6, noise(sinceS / 1.3, seed * 0.7))) - 0.2 * (1 - rest),
      wag: 0.06 * Math.sin(sinceS * 9) + 0.08 * rest * Math.sin(sinceS * 17),
    };
    return { ...shape(stance, animal(stance, gait, look)), footing: footing(stance, 0.2, 0.05, 0.16, 0.42) };
  });
}

export function cat(route: Route, { seed, slow }: Part, chance: Dice): Act {
  const slinkM = route.lengthM * (chance.chance(0.6) ? chance.from(0.5, 0.75) : 1);
  const halts = haltsOn({ ...route, lengthM: slinkM }, chance, chance.whole(1, 3), [2, 8]);
  const slink = halting(slinkM, chance.from(0.6, 1) / slow, halts);
  const course = followed(slink, slinkM, steady(route.lengthM - slinkM, chance.from(3, 4.2) / slow));
  const look = catLook(seed);
  return acted(route, course, seed, (stance, metres, going, sinceS) => {
    const dashes = sinceS > slink.tookS;
    const rest = 1 - smooth(0, 0.7, going);
    const gait = {
      strideRad: (metres / (dashes ? 0.9 : 0.42)) * turnRad,
      going: dashes ? 1.5 : going * 0.8,
      crouch: dashes ? 0.1 : 0.45 + 0.4 * rest,
      nose: dashes ? 0 : 0.15 - 0.4 * rest * smooth(0.45, 0.6, noise(sinceS / 1.9, seed * 0.3)),
      wag: 0.05 * Math.sin(sinceS * 2.1),
    };
    return { ...shape(stance, animal(stance, gait, look)), footing: footing(stance, 0.13, 0.03, 0.09, 0.42) };
  });
}

/** Evenly strewn over the inner part of the way. */
function haltsOn({ lengthM }: Route, chance: Dice, count: number, [least, most]: readonly [number, number]): Halt[] {
  return Array.from({ length: count }, (_, index) => ({
    atM: lengthM * (0.15 + (0.7 * (index + chance.part())) / count),
    forS: chance.from(least, most),
  }));
}

/** Along the route but not in a straight line: weaves a third of a metre to either side. */
function acted(
  route: Route,
  course: Course,
  seed: number,
  look: (stance: Stance, metres: number, going: number, sinceS: number) => Shape,
): Act {
  const aside = (metres: number) => 0.7 * (noise(metres / 4, seed * 0.19) - 0.5);
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const { metres, going } = course.at(sinceS);
      const { x, y, headingRad } = route.at(metres);
      const off = aside(metres);
      const bend = Math.atan((aside(metres + 0.2) - off) / 0.2);
      const stance: Stance = {
        x: x - Math.sin(headingRad) * off,
        y: y + Math.cos(headingRad) * off,
        headingRad: headingRad + bend,
        leanRad: 0,
      };
      return look(stance, metres, going, sinceS);
    },
  };
}
