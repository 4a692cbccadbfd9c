// On wheels: bicycles, motorbikes, cars and trucks that drive through.
import { type Act, footing, type Part, shape, stanceOn } from './act.ts';
import { steady } from './course.ts';
import { bicycle, bicycleLook } from './figure-bicycle.ts';
import { car, carLights, carLook } from './figure-car.ts';
import { headlight, motorbike, motorbikeLook } from './figure-motorbike.ts';
import { truck, truckLights, truckLook } from './figure-truck.ts';
import type { Dice } from './random.ts';
import type { Route } from './route.ts';

/** Leans into the bend, as far as the speed asks. */
function leanOf(turning: number, speedMs: number): number {
  return Math.max(-0.35, Math.min(0.35, (-turning * speedMs ** 2) / 11));
}

export function motorbiker(route: Route, { seed, slow, night }: Part, chance: Dice): Act {
  const speedMs = chance.from(4.5, 8) / slow;
  const course = steady(route.lengthM, speedMs);
  const look = motorbikeLook(seed);
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const progress = course.at(sinceS);
      const stance = stanceOn(route, progress);
      const leaning = { ...stance, leanRad: leanOf(route.at(progress.metres).turning, speedMs) };
      return { ...shape(stance, motorbike(leaning, progress.metres, look)), ...headlight(stance, night) };
    },
  };
}

export function cyclist(route: Route, { seed, slow }: Part, chance: Dice): Act {
  const speedMs = chance.from(2.6, 4.4) / slow;
  const course = steady(route.lengthM, speedMs);
  const look = bicycleLook(seed);
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const progress = course.at(sinceS);
      const stance = stanceOn(route, progress);
      // Sways a little with each push on the pedals.
      const swayRad = 0.02 * Math.sin(progress.metres * 1.44);
      const leaning = { ...stance, leanRad: leanOf(route.at(progress.metres).turning, speedMs) + swayRad };
      return {
        ...shape(stance, bicycle(leaning, progress.metres, look)),
        footing: footing(stance, 0.5, 0.02, 0.2, 0.34),
      };
    },
  };
}

/** The lane's end is narrow and without a view. */
function driveMs({ lengthM }: Route, wishedMs: number): number {
  return lengthM < 24 ? wishedMs * 0.6 : wishedMs;
}

export function driver(route: Route, { seed, slow, night }: Part, chance: Dice): Act {
  const course = steady(route.lengthM, driveMs(route, chance.from(5, 9)) / slow);
  const look = carLook(seed);
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const progress = course.at(sinceS);
      const stance = stanceOn(route, progress);
      const under = footing(stance, 1.45, 0.5, 0.4, 0.6);
      return { ...shape(stance, car(stance, progress.metres, look)), ...carLights(stance, night), footing: under };
    },
  };
}

export function trucker(route: Route, { seed, slow, night }: Part, chance: Dice): Act {
  const course = steady(route.lengthM, driveMs(route, chance.from(4.2, 7)) / slow);
  const look = truckLook(seed);
  return {
    tookS: course.tookS,
    at: (sinceS) => {
      const progress = course.at(sinceS);
      const stance = stanceOn(route, progress);
      const under = footing(stance, 1.8, 0.5, 0.5, 0.55);
      return { ...shape(stance, truck(stance, progress.metres, look)), ...truckLights(stance, night), footing: under };
    },
  };
}
