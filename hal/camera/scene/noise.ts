// Sensor noise: tiles made once, laid at another place each frame, added four pixels at a time.
import { dice, mix } from './random.ts';

export interface Grain {
  /** `from` plus this frame's noise into `into`; both of `from.length` words of four pixels. */
  add(from: Int32Array, into: Int32Array, frame: number): void;
}

const biasOfPlanes = 16;
const amplitudeMax = 14;
const rowsMax = 192;

/**
 * Grain of the given strength (standard deviation in steps of 1/255). A part of it is coarse, as the camera's own smoothing leaves it. Planes are kept 16 below
 * their value and grain 16 above, so that a sum never carries from one pixel into the next: (0..224) + (2..30) < 256.
 */
export function createGrain(seed: number, width: number, height: number, sigma: number): Grain {
  const rows = Math.min(rowsMax, height + 16);
  const bytes = grainBytes(seed, width, rows, sigma);
  const tile = new Int32Array(bytes.buffer);
  return {
    add: (from, into, frame) => {
      let at = mix(seed, frame, 5) % tile.length;
      for (let done = 0; done < from.length; ) {
        const run = Math.min(from.length - done, tile.length - at);
        for (let index = 0; index < run; index++)
          into[done + index] = ((from[done + index] ?? 0) + (tile[at + index] ?? 0)) | 0;
        done += run;
        at = 0;
      }
    },
  };
}

function grainBytes(seed: number, width: number, rows: number, sigma: number): Uint8Array<ArrayBuffer> {
  const chance = dice(seed, 6);
  const bytes = new Uint8Array(width * rows);
  // Two uniform draws make a triangle of deviation 0.408; close enough to a bell, and bounded.
  const draw = () => (chance.part() + chance.part() - 1) / 0.408;
  const coarse = Float32Array.from({ length: (Math.ceil(width / 3) + 2) * (Math.ceil(rows / 2) + 2) }, draw);
  const coarseWidth = Math.ceil(width / 3) + 1;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const blotch = coarse[(y >> 1) * coarseWidth + Math.floor(x / 3)] ?? 0;
      const value = (draw() * 0.85 + blotch * 0.5) * sigma;
      bytes[y * width + x] = Math.round(Math.max(-amplitudeMax, Math.min(amplitudeMax, value))) + biasOfPlanes;
    }
  }
  return bytes;
}

/** Lays one frame's noise over the planes and makes the camera's bytes of them (black is 16): of the luma, or of all three. */
export interface Printer {
  luma(from: Uint8Array, into: Uint8Array, frame: number): void;
  all(from: Uint8Array, into: Uint8Array, frame: number): void;
}

/** Noise of a 1280 wide picture, in steps of 1/255. */
const sigmas = { day: { luma: 1.1, chroma: 0.7 }, night: { luma: 3.4, chroma: 1.6 } } as const;

/** The usual noise. All bytes must begin at a whole word. */
export function createPrinter(seed: number, time: 'day' | 'night', width: number, height: number): Printer {
  // A small picture is the mean of many pixels: less noise, though not as little as if they were independent.
  const scale = Math.min(1.2, 0.3 + 0.7 * (width / 1280));
  const size = width * height;
  const luma = createGrain(seed * 2 + 1, width, height, sigmas[time].luma * scale);
  const chroma = createGrain(seed * 2 + 2, width / 2, height / 2, sigmas[time].chroma * scale);
  const words = (bytes: Uint8Array, from: number, length: number) =>
    new Int32Array(bytes.buffer, bytes.byteOffset + from, length / 4);
  const plane = (grain: Grain, from: Uint8Array, into: Uint8Array, start: number, length: number, frame: number) =>
    grain.add(words(from, start, length), words(into, start, length), frame);
  return {
    luma: (from: Uint8Array, into: Uint8Array, frame: number) => plane(luma, from, into, 0, size, frame),
    all: (from: Uint8Array, into: Uint8Array, frame: number) => {
      plane(luma, from, into, 0, size, frame);
      plane(chroma, from, into, size, size / 4, frame * 2);
      plane(chroma, from, into, size + size / 4, size / 4, frame * 2 + 1);
    },
  };
}
