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

/** Fists up, blows, kicks, and at times both holding on to each other; `seed` is the fight's, `side` -1 or 1 one of the two. */
export function brawling(second: number, seed: number, side: number): Pose {
  const mood = (row: number, slowS: number) => noise(second / slowS, seed * 0.41 + row * 3.3);
  const holding = smooth(0.56, 0.68, mood(1, 1.7));
  const own = 20 + side * 10;
  const blow = (row: number, phase: number) =>
    Math.max(0, Math.sin(turn * (1.45 * second + phase))) ** 5 * smooth(0.38, 0.55, mood(own + row, 1.1));
  const kick = Math.max(0, Math.sin(turn * (0.8 * second + 0.13 * side))) ** 6 * smooth(0.55, 0.7, mood(own + 3, 1.5));
  const struck = smooth(0.6, 0.75, mood(own + 4, 0.6)) * (1 - holding);
  const shuffle = 0.14 * Math.sin(second * 7.3 + side);
  const arm = (hit: number): ArmPose => {
    const free = { swing: 0.75 + 0.75 * hit, spread: 0.3 - 0.15 * hit, bend: 1.75 - 1.6 * hit };
    const hold = { swing: 1.25, spread: 0.25, bend: 0.35 + 0.4 * mood(own + 5, 0.4) };
    const mix = (a: number, b: number) => a + (b - a) * holding;
    return {
      swing: mix(free.swing, hold.swing),
      spread: mix(free.spread, hold.spread),
      bend: mix(free.bend, hold.bend),
    };
  };
  const [left, right] = [blow(1, 0.21 * side), blow(2, 0.21 * side + 0.45)];
  return {
    lean: 0.14 + 0.22 * holding + 0.15 * (left + right) - 0.45 * struck - 0.25 * kick,
    twist: 0.09 * (left - right),
    legs: [
      { swing: 0.42 + shuffle, fold: 0.35 },
      { swing: -0.3 - shuffle + 1.45 * kick, fold: 0.32 + 0.25 * Math.sin(turn * kick) },
    ],
    arms: [arm(left), arm(right)],
    liftM: 0,
  };
}

const turn = Math.PI * 2;

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
