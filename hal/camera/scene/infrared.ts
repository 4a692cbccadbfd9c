// How a camera sees without its infrared filter: no colours, leaves pale, cloth and skin alike; by night its own lamps beside the lens light what is near.
import type { Light } from './light.ts';
import type { Colour } from './tone.ts';

const cameraM = 4.8;
/** Light of the camera's own lamps at a metre, linear. */
const ownLamps = 105;

export function createInfrared(usual: Light): Light {
  const night = usual.time === 'night';
  return {
    time: usual.time,
    lamps: usual.lamps,
    shade: (x, y, z, nx, ny, nz, far, out) => {
      const r = out[0] ?? 0;
      const g = out[1] ?? 0;
      const b = out[2] ?? 0;
      const bright = reflected(r, g, b);
      out[0] = bright;
      out[1] = bright;
      out[2] = bright;
      usual.shade(x, y, z, nx, ny, nz, far, out);
      const others = 0.3 * (out[0] ?? 0) + 0.5 * (out[1] ?? 0) + 0.2 * (out[2] ?? 0);
      const square = x * x + y * y + (cameraM - z) ** 2;
      const facing = Math.abs(-nx * x - ny * y + nz * (cameraM - z)) / Math.sqrt(square);
      const seen = night ? others * 0.45 + (bright * ownLamps * (0.25 + 0.75 * facing)) / (square + 40) : others * 1.15;
      out.fill(seen, 0, 3);
    },
    around: (at) => {
      const { soft, key, toKey } = usual.around(at);
      if (!night) return { soft: grey(soft, 1), key: grey(key, 1), toKey };
      const square = at[0] ** 2 + at[1] ** 2 + cameraM ** 2;
      const length = Math.sqrt(square);
      const own = ownLamps / (square + 40);
      return {
        soft: grey(soft, 0.45, own * 0.25),
        key: grey(key, 0.3, own * 0.8),
        toKey: [-at[0] / length, -at[1] / length, cameraM / length],
      };
    },
  };
}

/** What grows shines in the infrared; dyes and paints hardly differ. */
function reflected(r: number, g: number, b: number): number {
  const grows = Math.max(0, g - Math.max(r, b));
  return Math.min(0.8, 0.08 + 0.6 * (0.4 * r + 0.4 * g + 0.2 * b) + 3 * grows);
}

function grey([r, g, b]: Colour, share: number, more = 0): Colour {
  const light = (0.3 * r + 0.5 * g + 0.2 * b) * share + more;
  return [light, light, light];
}
