// A small sensor at full gain: strong noise in grains wider than a pixel, bands that roll through the rows, and pixels that are stuck bright.
import type { Printer } from './noise.ts';
import { dice, mix, noise } from './random.ts';

/** Standard deviation at strength 1 in steps of the luma's 219, lifted a little more in the dark: 12 to 15 of a full-range grey picture's 255. By day the gain is lower. */
const sigmaMax = { day: 4.2, night: 11.6 } as const;
const bandMax = { day: 1.2, night: 4 } as const;
const rowsMax = 192;
const blackByte = 16;

export function createGainNoise(
  seed: number,
  time: 'day' | 'night',
  width: number,
  height: number,
  strength: number,
): Printer {
  const size = width * height;
  const tile = grains(seed, width + 24, Math.min(rowsMax, height + 16), sigmaMax[time] * strength);
  const spots = stuck(seed, width, height, strength);
  // Shadows are lifted most.
  const lift = Float32Array.from({ length: 256 }, (_, luma) => 1.18 - (0.5 * luma) / 219);
  const add = (
    from: Uint8Array,
    into: Uint8Array,
    start: number,
    wide: number,
    high: number,
    frame: number,
    band: number,
  ) => {
    let at = mix(seed, frame, 31) % tile.length;
    for (let row = 0, to = start; row < high; row++) {
      const shift = blackByte + 0.5 + (band === 0 ? 0 : banding(seed, frame, row / high, row, band));
      for (let column = 0; column < wide; column++, to++) {
        const value = from[to] ?? 0;
        const seen = value + (tile[at] ?? 0) * (lift[value] ?? 1) + shift;
        into[to] = seen < 1 ? 1 : Math.min(seen, 254);
        if (++at === tile.length) at = 0;
      }
    }
  };
  const luma = (from: Uint8Array, into: Uint8Array, frame: number) => {
    add(from, into, 0, width, height, frame * 3, bandMax[time] * strength);
    for (const { at, more, blinks } of spots)
      if (!blinks || mix(seed, at, frame >> 3) % 2 === 0) into[at] = Math.min(254, (into[at] ?? 0) + more);
  };
  return {
    luma,
    all: (from, into, frame) => {
      luma(from, into, frame);
      add(from, into, size, width / 2, height / 2, frame * 3 + 1, 0);
      add(from, into, size * 1.25, width / 2, height / 2, frame * 3 + 2, 0);
    },
  };
}

function banding(seed: number, frame: number, down: number, row: number, band: number): number {
  const rolls = Math.sin((down * 4.3 + frame * 0.031) * 2 * Math.PI);
  return band * (0.6 * rolls * (0.5 + noise(frame / 90, seed % 67)) + ((mix(seed, frame, row) % 256) / 128 - 1) * 0.6);
}

/** Grain two pixels wide on a finer one, with the given deviation. */
function grains(seed: number, width: number, rows: number, sigma: number): Float32Array {
  const chance = dice(seed, 32);
  const white = Float32Array.from({ length: width * rows }, () => chance.part() + chance.part() - 1);
  const wide = new Float32Array(white.length);
  let square = 0;
  for (let at = 0; at < white.length; at++) {
    const left = white[at === 0 ? white.length - 1 : at - 1] ?? 0;
    const above = white[(at + white.length - width) % white.length] ?? 0;
    const corner = white[(at + white.length - width - 1) % white.length] ?? 0;
    const value = (white[at] ?? 0) + 0.7 * left + 0.6 * above + 0.4 * corner;
    wide[at] = value;
    square += value * value;
  }
  const scale = sigma / Math.sqrt(square / wide.length);
  return wide.map((value) => value * scale);
}

function stuck(seed: number, width: number, height: number, strength: number) {
  const chance = dice(seed, 33);
  return Array.from({ length: Math.round(30 * strength) }, () => ({
    at: Math.floor(chance.part() * height) * width + Math.floor(chance.part() * width),
    more: Math.round(chance.from(25, 110) * (0.4 + 0.6 * strength)),
    blinks: chance.chance(0.3),
  }));
}
