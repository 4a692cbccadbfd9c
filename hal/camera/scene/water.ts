// Water that glitters: the ditch along the near edge of the road and two puddles. It mirrors the street across, broken by ripples, with the sun or lamps flashing in it.
import type { Backdrop, Planes } from './backdrop.ts';
import { type Effect, gust, relightPair } from './effect.ts';
import { mainRoad } from './layout.ts';
import { pixelX, pixelY } from './lens.ts';
import { dice, noise } from './random.ts';
import { onGround, surveyOf } from './survey.ts';

/** The far bank of the ditch; it reaches out of the picture towards the camera. */
const bankY = mainRoad.nearPavementY - 0.25;

/** `still` is the picture it is laid into: what lies under the water loses its colour once and for all. */
export function createWater(backdrop: Backdrop, still: Planes, strength: number): Effect {
  const { lens, layout, light } = backdrop;
  const { x, y, on } = surveyOf(backdrop);
  const { seed } = layout;
  const chance = dice(seed, 160);
  const puddles = [0, 1].map((side) => ({
    x: layout.laneX + (side === 0 ? -1 : 1) * chance.from(2, 6),
    y: chance.from(12.4, 16.4),
    long: chance.from(0.9, 1.7),
    deep: chance.from(0.35, 0.6),
  }));
  const at: number[] = [];
  const cover: number[] = [];
  for (let pixel = 0; pixel < on.length; pixel++) {
    if (on[pixel] !== onGround) continue;
    const [px, py] = [x[pixel] ?? 0, y[pixel] ?? 0];
    const rough = (noise(px * 1.7 + seed, py * 3) - 0.5) * 0.5;
    let share = Math.min(1, Math.max(0, (bankY - py + rough * 0.35) * 9));
    for (const one of puddles) {
      const out = Math.hypot((px - one.x) / one.long, (py - one.y) / one.deep) + rough;
      share = Math.max(share, Math.min(1, Math.max(0, (1 - out) * 4)));
    }
    if (share < 0.02) continue;
    at.push(pixel);
    cover.push(share);
    relightPair(still, pixel, 1 - 0.9 * share);
  }
  const places = Int32Array.from(at);
  const shares = Float32Array.from(cover);
  const day = light.time === 'day';
  // Where flashes gather: below the sun, or below each lamp.
  const shines = day
    ? [layout.sun[0] * 9]
    : light.lamps.filter((lamp) => lamp.at[1] < 25).map((lamp) => lamp.at[0] * 0.6);
  const before = new Uint8Array(lens.width * lens.height);
  const blur = Math.ceil(lens.height / 40);
  return (planes, { second }) => {
    before.set(planes.y);
    const wind = strength * (0.35 + 0.65 * gust(seed + 161, second));
    for (let index = 0; index < places.length; index++) {
      const pixel = places[index] ?? 0;
      const px = x[pixel] ?? 0;
      const py = y[pixel] ?? 0;
      const slope =
        wind *
        (Math.sin(px * 5.1 + py * 8.3 + second * 4.1) +
          Math.sin(px * 8.7 - py * 6.1 - second * 5.3) +
          Math.sin(px * 2.3 + py * 13 + second * 6.7));
      // The mirrored ray meets the fronts across the road.
      const wall = mainRoad.farPavementY;
      const point = [(px * wall) / py + slope * 0.12, wall, (lens.cameraM * (wall - py)) / py + slope * 0.35] as const;
      const column = Math.max(0, Math.min(lens.width - 1, Math.floor(pixelX(lens, point))));
      const row = Math.max(0, Math.min(lens.height - 1, Math.floor(pixelY(lens, point))));
      // Small waves blur it up and down.
      const above = before[Math.max(0, row - blur) * lens.width + column] ?? 0;
      const below = before[Math.min(lens.height - 1, row + blur) * lens.width + column] ?? 0;
      const mirrored = ((before[row * lens.width + column] ?? 0) + above + below) / 3;
      let near = 0;
      for (const shine of shines) near = Math.max(near, 1 / (1 + ((px - shine) / 2.6) ** 2));
      const spark = noise(px * 9 + second * 3.1, py * 17 - second * 7.3) * (0.55 + 0.45 * near) + 0.1 * slope;
      const flash = spark > 0.68 ? (spark - 0.68) * (day ? 900 : 520) * near * strength : 0;
      const share = shares[index] ?? 0;
      const water = 14 + mirrored * 0.55 * (1 - 0.16 * slope) + flash;
      planes.y[pixel] = Math.max(0, Math.min(219, (before[pixel] ?? 0) * (1 - share) + water * share + 0.5));
    }
  };
}
