// A person in any pose: trunk, head, two legs, two arms. Runners, bystanders, fighters and riders are poses of this body.
import { ball, limb, type Place, placeOf, type Solid, type Stance } from './figure.ts';
import { head, type PersonLook } from './figure-person.ts';
import type { Point } from './lens.ts';
import { colour, scaled } from './tone.ts';

/** Angles in radians. `swing`: of the thigh, forward from hanging. `fold`: of the knee. */
export interface LegPose {
  readonly swing: number;
  readonly fold: number;
}

/** `swing`: of the upper arm, forward from hanging. `spread`: away from the body. `bend`: of the elbow, forward. */
export interface ArmPose {
  readonly swing: number;
  readonly spread: number;
  readonly bend: number;
}

export interface Pose {
  /** Of the trunk, forward. */
  readonly lean: number;
  /** Of the shoulders, left one forward. */
  readonly twist: number;
  /** The left one first. */
  readonly legs: readonly [LegPose, LegPose];
  readonly arms: readonly [ArmPose, ArmPose];
  /** Metres the lower foot is off the ground. */
  readonly liftM: number;
}

export type Legwear = 'trousers' | 'shorts';

const standardM = 1.66;
const thighM = 0.42;
const shinM = 0.42;
const soleM = 0.07;
const waistM = 0.9;
const leather = colour('#3a2c22');

export function body(stance: Stance, pose: Pose, look: PersonLook, legwear: Legwear = 'trousers'): Solid[] {
  const place = placeOf(stance);
  const scale = look.heightM / standardM;
  // The hips are as high as the straighter leg holds them.
  const reach = ({ swing, fold }: LegPose) => Math.cos(swing) * thighM + Math.cos(swing - fold) * shinM;
  const hipM = soleM + Math.max(reach(pose.legs[0]), reach(pose.legs[1])) + pose.liftM;
  const at: Place = (forward, right, up) => place(forward * scale, right * scale, Math.max(0.02, up * scale));
  const solids = [
    ...trunk(trunkPlace(at, hipM, pose.lean), pose, look),
    ...leg(at, hipM, -1, pose.legs[0], look, legwear),
    ...leg(at, hipM, 1, pose.legs[1], look, legwear),
  ];
  return solids;
}

/** Places of the upright body from the waist up, leaning with the trunk. */
function trunkPlace(at: Place, hipM: number, lean: number): Place {
  const sin = Math.sin(lean);
  const cos = Math.cos(lean);
  return (forward, right, up) =>
    at(forward * cos + (up - waistM) * sin, right, hipM + (up - waistM) * cos - forward * sin);
}

/** Trunk, arms and head on a place that may lean; someone who sits is drawn with this and with legs of his own. */
export function trunk(at: Place, { twist, arms }: Pick<Pose, 'twist' | 'arms'>, look: PersonLook): Solid[] {
  return [
    limb(at(0, -0.07, 0.92), at(0, 0.07, 0.92), 0.125, 0.125, look.trousers),
    limb(at(0, 0, 0.95), at(0.03, 0, 1.18), 0.135, 0.15, look.shirt, 0.01),
    limb(at(0.03 + twist, -0.115, 1.29), at(0.03 - twist, 0.115, 1.29), 0.105, 0.105, look.shirt, 0.015),
    limb(at(0.02, 0, 1.02), at(0.03, 0, 1.3), 0.14, 0.135, look.shirt, 0.012),
    limb(at(0.03, 0, 1.36), at(0.04, 0, 1.46), 0.045, 0.045, look.skin),
    ...arm(at, -1, twist, arms[0], look),
    ...arm(at, 1, -twist, arms[1], look),
    ...head(at, look),
  ];
}

function arm(at: Place, side: 1 | -1, shiftM: number, { swing, spread, bend }: ArmPose, look: PersonLook): Solid[] {
  const along = (from: readonly [number, number, number], turn: number, out: number, metres: number) =>
    [
      from[0] + Math.sin(turn) * Math.cos(out) * metres,
      from[1] + side * Math.sin(out) * metres,
      from[2] - Math.cos(turn) * Math.cos(out) * metres,
    ] as const;
  const shoulder = [0.03 + shiftM, side * 0.195, 1.31] as const;
  const elbow = along(shoulder, swing, spread, 0.27);
  const hand = along(elbow, swing + bend, spread * 0.4, 0.25);
  const sleeve = scaled(look.shirt, 0.94);
  return [
    limb(at(...shoulder), at(...elbow), 0.058, 0.048, sleeve, 0.001),
    limb(at(...elbow), at(...hand), 0.042, 0.034, look.skin, 0.001),
    ball(at(...hand), 0.042, look.skin, 0.001),
  ];
}

function leg(at: Place, hipM: number, side: 1 | -1, pose: LegPose, look: PersonLook, legwear: Legwear): Solid[] {
  const right = side * 0.085;
  const low = pose.swing - pose.fold;
  const kneeF = Math.sin(pose.swing) * thighM;
  const kneeZ = hipM - Math.cos(pose.swing) * thighM;
  const ankleF = kneeF + Math.sin(low) * shinM;
  const ankleZ = Math.max(soleM, kneeZ - Math.cos(low) * shinM);
  // The sole stays at a right angle to the shin, less so near the ground.
  const toe = low * Math.min(1, (ankleZ - soleM) / 0.25);
  const foot = (along: number, down: number) =>
    at(
      ankleF + along * Math.cos(toe) + down * Math.sin(toe),
      right,
      Math.max(0.035, ankleZ + along * Math.sin(toe) - down * Math.cos(toe)),
    );
  return [
    ...legLimbs(at(0, right, hipM), at(kneeF, right, kneeZ), at(ankleF, right, ankleZ), look, legwear),
    limb(foot(-0.04, 0.03), foot(0.14, 0.045), 0.042, 0.035, leather, 0.01),
  ];
}

/** Thigh and shin between given places; in shorts the knee is bare. */
export function legLimbs(hip: Point, knee: Point, ankle: Point, look: PersonLook, legwear: Legwear): Solid[] {
  const scale = look.heightM / standardM;
  if (legwear === 'trousers')
    return [
      limb(hip, knee, 0.095 * scale, 0.07 * scale, look.trousers),
      limb(knee, ankle, 0.07 * scale, 0.052 * scale, look.trousers),
    ];
  const hem = (axis: 0 | 1 | 2) => hip[axis] + (knee[axis] - hip[axis]) * 0.6;
  return [
    limb(hip, knee, 0.09 * scale, 0.066 * scale, look.skin),
    limb(hip, [hem(0), hem(1), hem(2)], 0.1 * scale, 0.092 * scale, look.trousers, 0.01),
    limb(knee, ankle, 0.066 * scale, 0.045 * scale, look.skin),
  ];
}
