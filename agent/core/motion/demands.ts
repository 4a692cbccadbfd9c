// What each sensitivity asks of a track before it counts. Every demand falls, or stays, from 1 to 10: what counts at one setting counts at all above it.
//
// Pixels, blobs, tracks and what the background learns are the same at every setting. So a track can say at which setting it *would* have counted.
import { needsNever } from '../trace/sight.ts';

export interface Demand {
  /** Times the zone's `minSize`. */
  readonly size: number;
  /** Mean difference from the background, in bars of a calm pixel. */
  readonly contrast: number;
  /** Way gone, in parts of the usual proof of travel. */
  readonly way: number;
  /** Hardly changed for so long where it is new. */
  readonly stayMs: number;
}

/** From sensitivity 1 to 10. docs/design/motion.md has the same table in words. */
export const demands: readonly Demand[] = [
  { size: 4, contrast: 3, way: 2, stayMs: 8000 },
  { size: 2.8, contrast: 2.4, way: 1.7, stayMs: 6000 },
  { size: 2, contrast: 1.8, way: 1.4, stayMs: 4500 },
  { size: 1.4, contrast: 1.3, way: 1.2, stayMs: 3500 },
  { size: 1, contrast: 0, way: 1, stayMs: 2500 },
  { size: 0.75, contrast: 0, way: 0.9, stayMs: 2300 },
  { size: 0.56, contrast: 0, way: 0.8, stayMs: 2100 },
  { size: 0.42, contrast: 0, way: 0.7, stayMs: 1900 },
  { size: 0.32, contrast: 0, way: 0.6, stayMs: 1700 },
  { size: 0.25, contrast: 0, way: 0.5, stayMs: 1500 },
];

/** What the background holds out as a subject, whatever is set. */
export const referenceSensitivity = 5;
export const leastSize = Math.min(...demands.map(({ size }) => size));

export function demandAt(sensitivity: number): Demand {
  const demand = demands[sensitivity - 1];
  if (demand === undefined) throw new Error(`sensitivity must be 1 to ${demands.length}, not ${sensitivity}`);
  return demand;
}

/** Lowest sensitivity whose demands are met, or `needsNever`. Each of these is decided by one value against one falling row of the table. */
export const needsOfSize = (ratio: number): number => lowest(({ size }) => ratio >= size);
export const needsOfContrast = (bars: number): number => lowest(({ contrast }) => bars >= contrast);
export const needsOfWay = (part: number): number => lowest(({ way }) => part >= way);
export const needsOfStay = (ms: number): number => lowest(({ stayMs }) => ms >= stayMs);

function lowest(isMet: (demand: Demand) => boolean): number {
  for (let at = 0; at < demands.length; at++) {
    const demand = demands[at];
    if (demand !== undefined && isMet(demand)) return at + 1;
  }
  return needsNever;
}
