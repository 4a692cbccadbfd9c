// How a body is held: walking, running, standing about. `strideRad` runs through a full turn for two steps.
import type { ArmPose, LegPose, Pose } from './figure-body.ts';
import { noise } from './random.ts';

/** `going` is 1 at full stride and 0 at rest: the legs come together as one halts. */
export function walking(strideRad: number, going: number): Pose {
  const leg = (phase: number): LegPose => ({
    swing: 0.4 * Math.sin(phase) * going,
    fold: 0.04 + (0.08 + 0.75 * Math.max(0, Math.cos(phase)) ** 1.5) * going,
  });
  const arm = (phase: number): ArmPose => ({
    swing: 0.42 * Math.sin(phase) * going,
    spread: 0.1,
    bend: 0.2 + 0.15 * going,
  });
  return {
    lean: 0.03 * going,
    twist: Math.sin(strideRad) * 0.03 * going,
    legs: [leg(strideRad), leg(strideRad + Math.PI)],
    arms: [arm(strideRad + Math.PI), arm(strideRad)],
    liftM: 0,
  };
}

/** Long strides, arms bent and swinging, both feet in the air twice a turn. */
export function running(strideRad: number, effort: number): Pose {
  const leg = (phase: number): LegPose => ({
    swing: 0.22 + (0.5 + 0.2 * effort) * Math.sin(phase),
    // The heel comes up behind while the leg is brought forward.
    fold: 0.25 + (1.2 + 0.5 * effort) * Math.max(0, Math.cos(phase + 0.35)) ** 1.4,
  });
  const arm = (phase: number): ArmPose => ({ swing: 0.05 + 0.75 * Math.sin(phase), spread: 0.16, bend: 1.5 });
  return {
    lean: 0.16 + 0.1 * effort,
    twist: Math.sin(strideRad) * 0.06,
    legs: [leg(strideRad), leg(strideRad + Math.PI)],
    arms: [arm(strideRad + Math.PI), arm(strideRad)],
    liftM: 0.07 * (0.5 - 0.5 * Math.cos(strideRad * 2)),
  };
}

/** Weight on one leg and then the other, at times an arm that is lifted (to the face, with a telephone). */
export function idling(second: number, seed: number): Pose {
  const drift = (row: number, slow: number) => noise(second / slow, seed * 0.37 + row * 7.7) - 0.5;
  const weight = drift(1, 3.1);
  const lifted = smooth(0.55, 0.68, noise(second / 6.5, seed * 0.11 + 91.3));
  const hang = (row: number): ArmPose => ({ swing: 0.06 + 0.22 * drift(row, 2.3), spread: 0.12, bend: 0.25 });
  const right = hang(3);
  return {
    lean: 0.02 + 0.05 * drift(4, 4.2),
    twist: 0.03 * drift(5, 3.7),
    legs: [
      { swing: 0.05 + 0.08 * weight, fold: 0.06 + Math.max(0, weight) * 0.3 },
      { swing: 0.05 - 0.08 * weight, fold: 0.06 + Math.max(0, -weight) * 0.3 },
    ],
    arms: [
      hang(2),
      { swing: right.swing + 0.5 * lifted, spread: 0.12 + 0.12 * lifted, bend: right.bend + 1.85 * lifted },
    ],
    liftM: 0,
  };
}

/** From one pose to another. */
export function between(a: Pose, b: Pose, share: number): Pose {
  const mix = (x: number, y: number) => x + (y - x) * share;
  const leg = (x: LegPose, y: LegPose): LegPose => ({ swing: mix(x.swing, y.swing), fold: mix(x.fold, y.fold) });
  const arm = (x: ArmPose, y: ArmPose): ArmPose => ({
    swing: mix(x.swing, y.swing),
    spread: mix(x.spread, y.spread),
    bend: mix(x.bend, y.bend),
  });
  return {
    lean: mix(a.lean, b.lean),
    twist: mix(a.twist, b.twist),
    legs: [leg(a.legs[0], b.legs[0]), leg(a.legs[1], b.legs[1])],
    arms: [arm(a.arms[0], b.arms[0]), arm(a.arms[1], b.arms[1])],
    liftM: mix(a.liftM, b.liftM),
  };
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smooth(from: number, to: number, value: number): number {
  const part = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return part * part * (3 - 2 * part);
}
