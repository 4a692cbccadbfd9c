// Where in the village each pixel of the picture lies, and what a wet road mirrors there.
import type { Backdrop } from './backdrop.ts';
import { mainRoad } from './layout.ts';
import { groundDepth, type Lens, pixelX, pixelY } from './lens.ts';
import { cloudy } from './random.ts';

/** Metres for each pixel; `on` says what is there. */
export interface Survey {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  readonly on: Uint8Array;
}

export const onSky = 0;
export const onGround = 1;
export const onThings = 2;

export function surveyOf({ lens, depth }: Pick<Backdrop, 'lens' | 'depth'>): Survey {
  const size = lens.width * lens.height;
  const survey: Survey = {
    x: new Float32Array(size),
    y: new Float32Array(size),
    z: new Float32Array(size),
    on: new Uint8Array(size),
  };
  for (let row = 0, at = 0; row < lens.height; row++) {
    const up = -(row + 0.5 - lens.cy) / lens.focal;
    const ground = groundDepth(lens, row + 0.5);
    for (let column = 0; column < lens.width; column++, at++) {
      const own = depth[at] ?? 0;
      const far = Math.min(own, ground);
      if (far > 300) continue;
      survey.on[at] = own < Number.POSITIVE_INFINITY ? onThings : onGround;
      survey.x[at] = ((column + 0.5 - lens.cx) / lens.focal) * far;
      survey.y[at] = (lens.cos + up * lens.sin) * far;
      survey.z[at] = survey.on[at] === onGround ? 0 : lens.cameraM + (up * lens.cos - lens.sin) * far;
    }
  }
  return survey;
}

export interface Wet {
  /** Ground that mirrors, the pixel it mirrors and how much of its light it gives back: three lists of one length. */
  readonly at: Int32Array;
  readonly mirror: Int32Array;
  readonly sheen: Float32Array;
}

/** The roads and pavements after rain: a thin film everywhere, puddles where the ground is low. They mirror the fronts across the road. */
export function wetGround(lens: Lens, survey: Survey, seed: number): Wet {
  const at: number[] = [];
  const mirror: number[] = [];
  const sheen: number[] = [];
  for (let index = 0; index < survey.on.length; index++) {
    const x = survey.x[index] ?? 0;
    const y = survey.y[index] ?? 0;
    if (survey.on[index] !== onGround || y < mainRoad.nearPavementY || y > 38) continue;
    // The mirrored ray climbs as it fell; it meets the fronts, or the lane's end.
    const back = mirrorWall(y);
    const onward = back / y;
    const rise = (lens.cameraM * (back - y)) / y;
    const point = [x * onward, back, rise] as const;
    const column = Math.floor(pixelX(lens, point));
    const row = Math.floor(pixelY(lens, point));
    if (column < 0 || row < 0 || column >= lens.width || row >= lens.height) continue;
    const puddle = Math.max(0, cloudy(x * 0.5 + (seed % 71), y * 0.9, 3) - 0.5) * 6;
    at.push(index);
    mirror.push(row * lens.width + column);
    sheen.push(0.14 + 0.5 * Math.min(1, puddle));
  }
  return { at: Int32Array.from(at), mirror: Int32Array.from(mirror), sheen: Float32Array.from(sheen) };
}

function mirrorWall(y: number): number {
  return y < mainRoad.farPavementY - 0.2 ? mainRoad.farPavementY : 43;
}
