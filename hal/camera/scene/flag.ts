// The flag on a house front: it hangs in a calm and beats in a gust.
import type { Backdrop } from './backdrop.ts';
import { type Effect, gust } from './effect.ts';
import { depthOf, pixelX, pixelY } from './lens.ts';
import { type Colour, chromaBlue, chromaRed, colour, luma, shown } from './tone.ts';

const lengthM = 1.5;
const heightM = 1;
const red = colour('#da251d');
const yellow = colour('#ffdd33');

export function createFlag({ lens, light, layout, depth }: Backdrop, strength: number): Effect {
  const { seed, banyan } = layout;
  const fronts = layout.houses.filter((house) => house.facing === 'south' && Math.abs(house.x + house.widthM / 2) < 11);
  const [house] = fronts.toSorted((a, b) => Math.abs(b.x - banyan.x) - Math.abs(a.x - banyan.x));
  if (house === undefined) return () => undefined;
  const wall = [house.x + house.widthM * 0.3, house.y - 0.05, (house.storeyM[0] ?? 3.4) + 0.5] as const;
  const tip = [wall[0] + 0.1, wall[1] - 0.5, wall[2] + 1.4] as const;
  const far = depthOf(lens, tip);
  const pixelsPerM = lens.focal / far;
  const [left, top] = [pixelX(lens, tip), pixelY(lens, tip)];
  const { soft, key } = light.around([tip[0], tip[1], 0]);
  const bytes = (tint: Colour) => {
    const seen = (channel: 0 | 1 | 2) => shown(tint[channel] * (soft[channel] + 0.7 * key[channel]));
    const [r, g, b] = [seen(0), seen(1), seen(2)];
    return { y: luma(r, g, b), u: chromaBlue(r, g, b), v: chromaRed(r, g, b) };
  };
  const cloth = bytes(red);
  const star = bytes(yellow);
  const long = lengthM * pixelsPerM;
  const high = heightM * pixelsPerM;
  return (planes, { second }) => {
    const wind = gust(seed + 3, second) * strength;
    const droop = 1.25 * (1 - wind) ** 2;
    const out = long * Math.cos(droop);
    const beat = (part: number) => (0.1 + 0.35 * wind) * part * Math.sin(part * 7 - second * (5 + 5 * strength));
    const x1 = Math.min(planes.width - 1, Math.ceil(left + out));
    for (let column = Math.max(0, Math.floor(left)); column <= x1; column++) {
      const part = (column + 0.5 - left) / out;
      if (part < 0 || part > 1) continue;
      const upper = top + long * Math.sin(droop) * part + high * 0.55 * beat(part);
      // The side of a fold that turns away from the light is darker.
      const shade = 1 + 2.2 * (beat(part + 0.02) - beat(part - 0.02));
      const y1 = Math.min(planes.height - 1, Math.ceil(upper + high));
      for (let row = Math.max(0, Math.floor(upper)); row <= y1; row++) {
        const cover = Math.min(1, row + 1 - upper) * Math.min(1, upper + high - row);
        const at = row * planes.width + column;
        if (cover <= 0 || (depth[at] ?? 0) < far - 0.4) continue;
        const dye = inStar(part * 1.5 - 0.75, (row + 0.5 - upper) / high - 0.5) ? star : cloth;
        planes.y[at] = Math.min(219, (planes.y[at] ?? 0) * (1 - cover) + dye.y * shade * cover + 0.5);
        if (((row | column) & 1) !== 0) continue;
        const pair = (row >> 1) * (planes.width >> 1) + (column >> 1);
        planes.u[pair] = (planes.u[pair] ?? 0) * (1 - cover) + dye.u * cover + 0.5;
        planes.v[pair] = (planes.v[pair] ?? 0) * (1 - cover) + dye.v * cover + 0.5;
      }
    }
  };
}

/** Five points around the middle, in parts of the flag's height. */
function inStar(x: number, y: number): boolean {
  const fifth = (2 * Math.PI) / 5;
  const turn = (((Math.atan2(x, -y) % fifth) + fifth * 1.5) % fifth) - fifth / 2;
  const [tipR, hollowR] = [0.3, 0.115];
  const reach = Math.hypot(x, y);
  const [ax, ay] = [reach * Math.cos(turn), Math.abs(reach * Math.sin(turn))];
  const [bx, by] = [hollowR * Math.cos(fifth / 2), hollowR * Math.sin(fifth / 2)];
  return (bx - tipR) * ay - by * (ax - tipR) >= 0 && reach <= tipR;
}
