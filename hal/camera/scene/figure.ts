// What everything that moves is made of: limbs, plates and hulls in the village's metres, lamps and light on the road.
import type { AnimalClass, SubjectClass } from './cast-rules.ts';
import type { Point } from './lens.ts';
import type { Colour } from './tone.ts';

/** A round thing between two points, thicker at one end if need be; a ball where both are the same. */
export interface Limb {
  readonly is: 'limb';
  readonly from: Point;
  readonly to: Point;
  readonly fromM: number;
  readonly toM: number;
  readonly tint: Colour;
  /** Metres it counts as nearer than it is, for details lying on something. */
  readonly nearerM: number;
}

/** A flat polygon; one that shows its back is not drawn when `oneSided` (corners run anticlockwise seen from its front). */
export interface Plate {
  readonly is: 'plate';
  readonly corners: readonly Point[];
  readonly tint: Colour;
  readonly oneSided: boolean;
  readonly nearerM: number;
}

/** The outline around some points, shaded from side to side like a drum. */
export interface Hull {
  readonly is: 'hull';
  readonly points: readonly Point[];
  readonly tint: Colour;
  readonly nearerM: number;
}

export type Solid = Limb | Plate | Hull;

/** A light one sees: halo of `radiusM` around it, only from where it shines to when `toward` is given. */
export interface Glow {
  readonly at: Point;
  readonly tint: Colour;
  readonly radiusM: number;
  readonly toward: readonly [x: number, y: number] | undefined;
}

/** Light thrown on the road: an ellipse from `at` along a direction. */
export interface Beam {
  readonly at: readonly [x: number, y: number];
  readonly direction: readonly [x: number, y: number];
  readonly lengthM: number;
  readonly widthM: number;
  readonly strength: number;
}

export type FigureClass = SubjectClass | AnimalClass;

/** Where a body keeps the sky off the ground right below it: a line on the ground, so wide, that soft at its edge, that dark (0 to 1). */
export interface Footing {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly reachM: number;
  readonly softM: number;
  readonly dark: number;
}

/** Something in the picture at one moment. */
export interface Figure {
  readonly id: number;
  readonly class: FigureClass;
  /** Where it stands on the ground. */
  readonly at: readonly [x: number, y: number];
  readonly solids: readonly Solid[];
  readonly glows: readonly Glow[];
  readonly beams: readonly Beam[];
  /** A spot as under someone on foot when nothing is said. */
  readonly footing?: Footing;
  /** 0, or nothing said: lit like all else; 1: without any light and shade of its own. */
  readonly even?: number;
}

/** Where and how a body stands: its own axes are forward, right and up. */
export interface Stance {
  readonly x: number;
  readonly y: number;
  /** 0 looks along x, a quarter turn away from the camera. */
  readonly headingRad: number;
  /** To its right. */
  readonly leanRad: number;
}

export type Place = (forward: number, right: number, up: number) => Point;

export function placeOf({ x, y, headingRad, leanRad }: Stance): Place {
  const fx = Math.cos(headingRad);
  const fy = Math.sin(headingRad);
  const tilt = Math.sin(leanRad);
  const upright = Math.cos(leanRad);
  return (forward, right, up) => {
    const aside = right * upright + up * tilt;
    return [x + fx * forward + fy * aside, y + fy * forward - fx * aside, up * upright - right * tilt];
  };
}

export function limb(from: Point, to: Point, fromM: number, toM: number, tint: Colour, nearerM = 0): Limb {
  return { is: 'limb', from, to, fromM, toM, tint, nearerM };
}

export function ball(at: Point, radiusM: number, tint: Colour, nearerM = 0): Limb {
  return limb(at, at, radiusM, radiusM, tint, nearerM);
}

export function plate(corners: readonly Point[], tint: Colour, nearerM = 0, oneSided = false): Plate {
  return { is: 'plate', corners, tint, oneSided, nearerM };
}

export function hullOf(points: readonly Point[], tint: Colour, nearerM = 0): Hull {
  return { is: 'hull', points, tint, nearerM };
}

/** A wheel standing in the forward–up plane: tyre, rim, spokes that turn. */
export function wheel(
  place: Place,
  forward: number,
  right: number,
  radiusM: number,
  widthM: number,
  turnRad: number,
  look: { readonly tyre: Colour; readonly rim: Colour; readonly spokes: number },
): Solid[] {
  const ring = (radius: number, aside: number, steps = 20) =>
    Array.from({ length: steps }, (_, step) => {
      const turn = (step / steps) * Math.PI * 2;
      return place(forward + Math.cos(turn) * radius, right + aside, radiusM + Math.sin(turn) * radius);
    });
  const half = widthM / 2;
  const solids: Solid[] = [hullOf([...ring(radiusM, -half), ...ring(radiusM, half)], look.tyre)];
  for (const side of [-half * 1.05, half * 1.05]) {
    solids.push(plate(ring(radiusM * 0.7, side), look.rim, 0.02));
    solids.push(plate(ring(radiusM * 0.6, side * 1.02), look.tyre, 0.03));
    for (let spoke = 0; spoke < look.spokes; spoke++) {
      const turn = turnRad + (spoke / look.spokes) * Math.PI;
      const x = Math.cos(turn) * radiusM * 0.65;
      const z = Math.sin(turn) * radiusM * 0.65;
      const a = place(forward - x, right + side * 1.05, radiusM - z);
      solids.push(
        limb(a, place(forward + x, right + side * 1.05, radiusM + z), radiusM * 0.05, radiusM * 0.05, look.rim, 0.04),
      );
    }
    solids.push(plate(ring(radiusM * 0.2, side * 1.1, 10), look.rim, 0.05));
  }
  return solids;
}
