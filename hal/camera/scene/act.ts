// One who takes part: from when to when, and as what figure at each moment between.

import type { Progress } from './course.ts';
import type { Figure, Footing, Stance } from './figure.ts';
import type { Route } from './route.ts';

/** Who is in the picture at a second: figures are all the rest of the scene needs to know of them. */
export type Cast = (second: number) => readonly Figure[];

/** A figure but for who it is. */
export type Shape = Omit<Figure, 'id' | 'class'>;

/** What someone does on the way through; `sinceS` counts from its beginning, up to `tookS`. */
export interface Act {
  readonly tookS: number;
  at(sinceS: number): Shape;
}

/** What an act is made from. `slow` divides speeds. */
export interface Part {
  readonly seed: number;
  readonly night: boolean;
  readonly slow: number;
}

export function stanceOn(route: Route, { metres }: Progress): Stance {
  const { x, y, headingRad } = route.at(metres);
  return { x, y, headingRad, leanRad: 0 };
}

/** Under something so long: `halfM` to either side of its middle. */
export function footing(
  { x, y, headingRad }: Stance,
  halfM: number,
  reachM: number,
  softM: number,
  dark: number,
): Footing {
  const dx = Math.cos(headingRad) * halfM;
  const dy = Math.sin(headingRad) * halfM;
  return { from: [x - dx, y - dy], to: [x + dx, y + dy], reachM, softM, dark };
}

export function shape(stance: Stance, solids: Figure['solids']): Shape {
  return { at: [stance.x, stance.y], solids, glows: [], beams: [] };
}
