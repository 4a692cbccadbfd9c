// Lights that fail: by night the nearest street lamp, by day and night a shop's sign.
import type { Backdrop, Planes } from './backdrop.ts';
import { type Effect, lightOf, relightPair, relit } from './effect.ts';
import { depthOf, pixelX, pixelY } from './lens.ts';
import { dice, mix } from './random.ts';

const slotS = 9;

/** How much a failing tube gives, 0 to 1: for some seconds steadily, then in bursts as it tries to start, then not at all. */
export function tubeAt(seed: number, second: number): number {
  const slot = Math.floor(second / slotS);
  const chance = dice(seed, 170, slot);
  const mood = chance.part();
  const within = second - slot * slotS;
  const burst = mood < 0.75 && within > chance.from(0, 4) && within < chance.from(4.5, slotS);
  if (!burst) return mood > 0.55 ? 1 : mood > 0.3 ? 0.95 : 0.04;
  // A new try about every fourteenth of a second, of uneven strength.
  const lot = mix(seed, slot, Math.floor(second * 14)) % 100;
  return lot < 35 ? 0.05 : lot < 55 ? 0.35 : lot < 70 ? 0.7 : 1;
}

/** `dead` is the same still picture with that lamp out. */
export function createFailingLamp(seed: number, alive: Uint8Array, dead: Uint8Array, strength: number): Effect {
  const at: number[] = [];
  const rest: number[] = [];
  for (let pixel = 0; pixel < dead.length; pixel++) {
    const [on, off] = [alive[pixel] ?? 0, dead[pixel] ?? 0];
    if (Math.abs(on - off) < 1) continue;
    at.push(pixel);
    rest.push((lightOf[off] ?? 0) / Math.max(1e-4, lightOf[on] ?? 0));
  }
  const places = Int32Array.from(at);
  const left = Float32Array.from(rest);
  return (planes, { second, colour }) => {
    const { y } = planes;
    const out = strength * (1 - tubeAt(seed, second));
    if (out < 0.01) return;
    for (let index = 0; index < places.length; index++) {
      const pixel = places[index] ?? 0;
      const old = y[pixel] ?? 0;
      y[pixel] = relit(old, 1 - (1 - (left[index] ?? 1)) * out);
      if (colour) relightPair(planes, pixel, (y[pixel] ?? 0) / Math.max(1, old));
    }
  };
}

/** The sign of the shop nearest to the middle of the picture goes off and on, and with it what it throws on the wall around. */
export function createFailingSign({ lens, layout, light, depth }: Backdrop, strength: number): Effect {
  const shops = layout.houses.filter((house) => house.sign !== undefined && house.facing === 'south');
  const [shop] = shops.toSorted((a, b) => Math.abs(a.x + a.widthM / 2) - Math.abs(b.x + b.widthM / 2));
  if (shop === undefined) return () => undefined;
  const storey = shop.storeyM[0] ?? 3.4;
  const corner = [shop.x + 0.26, shop.y - 0.16, storey + 0.06] as const;
  const opposite = [shop.x + shop.widthM - 0.26, shop.y - 0.16, storey - 0.68] as const;
  const [left, top] = [pixelX(lens, corner), pixelY(lens, corner)];
  const [right, bottom] = [pixelX(lens, opposite), pixelY(lens, opposite)];
  const reach = (bottom - top) * 1.6;
  // A tree before the wall hides its share of both.
  const far = depthOf(lens, opposite) - 0.6;
  const halo = light.time === 'night' ? 0.16 : 0.03;
  const seed = layout.seed + 171;
  return (planes, { second }) => {
    const level = signAt(seed, second);
    if (level < 0.02) return;
    shine(planes, { left, top, right, bottom, reach, far }, depth, strength * level * 0.9, strength * level * halo);
  };
}

/** Half a second on, half off, and out of step every now and then; above nothing it shines more than the painted sign. */
function signAt(seed: number, second: number): number {
  const chance = dice(seed, 172, Math.floor(second / 7));
  if (chance.chance(0.25)) return 0;
  const period = chance.from(0.7, 1.9);
  const part = (second / period) % 1;
  if (mix(seed, Math.floor(second * 11)) % 9 === 0) return 0;
  return part < 0.55 ? 1 : 0;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly reach: number;
  readonly far: number;
}

function shine({ y, width, height }: Planes, box: Box, depth: Float32Array, own: number, around: number): void {
  const { left, top, right, bottom, reach, far } = box;
  const y1 = Math.min(height - 1, Math.ceil(bottom + reach));
  const x1 = Math.min(width - 1, Math.ceil(right + reach));
  for (let row = Math.max(0, Math.floor(top - reach)); row <= y1; row++)
    for (let column = Math.max(0, Math.floor(left - reach)); column <= x1; column++) {
      const dx = Math.max(left - column - 0.5, 0, column + 0.5 - right);
      const dy = Math.max(top - row - 0.5, 0, row + 0.5 - bottom);
      const away = Math.sqrt(dx * dx + dy * dy) / reach;
      if (away >= 1) continue;
      const at = row * width + column;
      if ((depth[at] ?? 0) < far) continue;
      const old = y[at] ?? 0;
      y[at] = away === 0 ? relit(old, 1 + 2 * own, 0.05 * own) : relit(old, 1, around * (1 - away) ** 2);
    }
}
