// The shadow of the tree beside the camera, moving on the ground as its leaves do.
import type { Backdrop } from './backdrop.ts';
import { type Effect, gust, relit, wander } from './effect.ts';
import { cloudy } from './random.ts';
import { onGround, surveyOf } from './survey.ts';

/** What the sky gives where the sun does not come, in parts of what the sun gives. */
const skyPart = 0.42;
/** How far the leaves throw their shadow aside at strength 1 in a full gust. */
const reachM = 0.55;
const crownM = 6.7;

export function createDapple({ lens, light, layout, depth }: Backdrop, strength: number): Effect {
  const { x, y, on } = surveyOf({ lens, depth });
  const [sx, sy, sz] = layout.sun;
  const side = Math.sign(sx);
  const middle = [side * 14.6 - (sx / sz) * crownM, 5.6 - (sy / sz) * crownM] as const;
  const share = new Float32Array(lens.width * lens.height).fill(1);
  const places: number[] = [];
  const phases: number[] = [];
  for (let at = 0; at < share.length; at++) {
    const [px, py] = [x[at] ?? 0, y[at] ?? 0];
    if (on[at] !== onGround || Math.abs(px - middle[0]) > 7.5 || Math.abs(py - middle[1]) > 6 || py > 17.5) continue;
    // The light is asked half a metre above the ground; what it says is true of the ground this much further on.
    const { key } = light.around([px + (sx / sz) * 0.5, py + (sy / sz) * 0.5, 0]);
    share[at] = Math.min(1, key[1] / 1.5);
    places.push(at);
    phases.push(cloudy(px * 0.7, py * 0.7, 2) * 12);
  }
  const list = Int32Array.from(places);
  const phase = Float32Array.from(phases);
  return (planes, { second }) => {
    const wind = gust(layout.seed, second) * strength * reachM;
    const lean = wind * (wander(layout.seed + 31, second, 2.2) - 0.3) * 1.4;
    for (let index = 0; index < list.length; index++) {
      const at = list[index] ?? 0;
      const metres = lean + 0.45 * wind * Math.sin(second * 2.9 + (phase[index] ?? 0));
      const pixels = (metres * lens.focal) / (y[at] ?? 1);
      const whole = Math.floor(pixels);
      const column = at % lens.width;
      const from = at - column;
      const a = share[from + Math.max(0, Math.min(lens.width - 1, column - whole))] ?? 1;
      const b = share[from + Math.max(0, Math.min(lens.width - 1, column - whole - 1))] ?? 1;
      const now = a + (b - a) * (pixels - whole);
      const still = share[at] ?? 1;
      if (Math.abs(now - still) > 0.01) planes.y[at] = relit(planes.y[at] ?? 0, (skyPart + now) / (skyPart + still));
    }
  };
}
