// Films for the tamper tests: the drawn junction as the camera sees it, with something done to the camera or to the light.
import { createTamper, type TamperNews } from '../../agent/core/tamper/tamper.ts';
import { createScene, type TimeOfDay } from '../../hal/camera/scene/scene.ts';

export const width = 160;
export const height = 90;
const usualFps = 5;

/** Grey levels of one picture, changed in place or returned anew; `seconds` into the film. */
export type Change = (picture: Float32Array, seconds: number) => Float32Array;
export interface Plan {
  readonly seed: number;
  readonly time: TimeOfDay;
  readonly seconds: number;
  /** 5 when not said. */
  readonly fps?: number;
  readonly change?: Change;
  /** Replaces the scene's own picture. */
  readonly draw?: (frame: number, into: Uint8Array) => void;
}

export function watch({ seed, time, seconds, change, draw, fps = usualFps }: Plan): TamperNews[] {
  const tamper = createTamper({ width, height, masks: [] });
  const paint = draw ?? scenery(seed, time);
  const drawn = new Uint8Array(width * height);
  const news: TamperNews[] = [];
  for (let frame = 0; frame < seconds * fps; frame++) {
    paint(frame, drawn);
    const pixels = change === undefined ? drawn : grey(change(Float32Array.from(drawn), frame / fps));
    const told = tamper.see({ width, height, pixels, monoMs: (frame * 1000) / fps });
    if (told !== undefined) news.push(told);
  }
  return news;
}

/** The first eight seconds of a scene, over and over: nobody comes by, every picture has its noise. */
export function scenery(seed: number, time: TimeOfDay): (frame: number, into: Uint8Array) => void {
  const scene = createScene({ seed, time, width, height, fps: usualFps });
  const pictures: Uint8Array[] = [];
  return (frame, into) => {
    const at = frame % (8 * usualFps);
    let picture = pictures[at];
    if (picture === undefined) {
      picture = new Uint8Array(width * height);
      scene.grey(at, width, height, picture);
      pictures[at] = picture;
    }
    into.set(picture);
  };
}

const grey = (picture: Float32Array): Uint8Array => new Uint8Array(Uint8ClampedArray.from(picture).buffer);

/** Only from `fromS` to `toS`; `done` grows from 0 to 1 within `withinS`. */
export function between(
  fromS: number,
  toS: number,
  withinS: number,
  change: (picture: Float32Array, done: number, seconds: number) => Float32Array,
): Change {
  return (picture, seconds) =>
    seconds < fromS || seconds >= toS
      ? picture
      : change(picture, withinS === 0 ? 1 : Math.min(1, (seconds - fromS) / withinS), seconds);
}

/** Calls for each pixel; what it returns is the new grey level. */
export function each(picture: Float32Array, change: (grey: number, x: number, y: number) => number): Float32Array {
  return picture.map((level, at) => change(level, at % width, Math.floor(at / width)));
}

/** Three box filters: close to a lens out of focus. */
export function blurred(picture: Float32Array, radius: number): Float32Array {
  let now = picture;
  for (let times = 0; times < 3; times++) {
    now = boxed(now, radius, height, width, 1);
    now = boxed(now, radius, width, height, width);
  }
  return now;
}

/** Running means along lines of pixels `step` apart. */
function boxed(from: Float32Array, radius: number, lines: number, length: number, step: number): Float32Array {
  const into = new Float32Array(from.length);
  for (let line = 0; line < lines; line++) {
    const first = line * (step === 1 ? width : 1);
    const at = (k: number) => from[first + Math.min(length - 1, Math.max(0, k)) * step] ?? 0;
    let sum = 0;
    for (let k = -radius; k <= radius; k++) sum += at(k);
    for (let k = 0; k < length; k++) {
      into[first + k * step] = sum / (2 * radius + 1);
      sum += at(k + radius + 1) - at(k - radius);
    }
  }
  return into;
}

/** The camera looks `x` pixels further right and `y` down; beyond the scene's edge stands another place. */
export function turned(picture: Float32Array, other: Uint8Array, x: number, y: number): Float32Array {
  return each(picture, (_, column, row) => {
    const [across, down] = [column + Math.round(x), row + Math.round(y)];
    if (across < width && down < height) return picture[down * width + across] ?? 0;
    return other[(down % height) * width + (across % width)] ?? 0;
  });
}
