// A drawn village junction with exact knowledge of what moves in it. Pure: the same seed, time and size give the same bytes for a frame, in any order.
import type { CastChoice } from './cast-rules.ts';
import type { TimeOfDay } from './light.ts';
import { type Nuisance, strengthsOf } from './nuisance.ts';
import { createStage, type Stage } from './stage.ts';
import type { FrameTruth, SceneObject } from './truth.ts';

export {
  animalClasses,
  type CastChoice,
  type CastRules,
  subjectClasses,
} from './cast-rules.ts';
export type { FigureClass } from './figure.ts';
export type { TimeOfDay } from './light.ts';
export { type Nuisance, type NuisanceClass, nuisanceClasses } from './nuisance.ts';
export type { FrameTruth, SceneObject } from './truth.ts';

export interface SceneOptions {
  readonly seed: number;
  readonly time: TimeOfDay;
  /** A multiple of 8. */
  readonly width: number;
  /** Even. */
  readonly height: number;
  readonly fps: number;
  /** Who comes by; `traffic` when nothing is said. */
  readonly cast?: CastChoice;
  /** What disturbs the picture; nothing when nothing is said. The truth knows of figures only. */
  readonly nuisances?: readonly Nuisance[];
}

export interface Scene {
  /** Bytes of one I420 picture. */
  readonly frameBytes: number;
  /** Draws frame `n` into `into`; `empty` leaves out all that moves, with the same noise. */
  frame(n: number, into: Uint8Array, empty?: boolean): FrameTruth;
  /** The same moment as a small grey picture in full range, as the motion filter sees it. Width a multiple of 8, height even. Fast: nothing large is drawn. */
  grey(n: number, width: number, height: number, into: Uint8Array): FrameTruth;
}

export function createScene(options: SceneOptions): Scene {
  const { seed, time, width, height, fps, cast = 'traffic' } = options;
  const strengths = strengthsOf(options.nuisances ?? []);
  checkSize(width, height);
  let full: Stage | undefined;
  const small = new Map<string, Stage>();
  const stageOf = (w: number, h: number) => {
    const known = small.get(`${w}x${h}`);
    if (known !== undefined) return known;
    checkSize(w, h);
    const made = createStage({ seed, time, width: w, height: h }, { fps, cast, strengths, colour: false });
    small.set(`${w}x${h}`, made);
    return made;
  };
  const truth = (n: number, objects: readonly SceneObject[]) => ({ frame: n, tMs: (n * 1000) / fps, objects });
  return {
    frameBytes: (width * height * 3) / 2,
    frame: (n, into, empty = false) => {
      full ??= createStage({ seed, time, width, height }, { fps, cast, strengths, colour: true });
      return truth(n, full.draw(n, empty, into));
    },
    grey: (n, w, h, into) => truth(n, stageOf(w, h).draw(n, false, into)),
  };
}

function checkSize(width: number, height: number): void {
  if (width % 8 !== 0 || height % 2 !== 0)
    throw new Error(`size must be a multiple of 8 wide and even high, not ${width}x${height}`);
}
