// A cheap camera's encoder: key frames of coarsely quantised blocks, pictures between that repeat them until a block has changed enough.

import { dice, mix } from './random.ts';

export interface Encoder {
  /** The key frame that a frame is built on. */
  keyOf(frame: number): number;
  /** Codes a key frame's planes in place and keeps them for the frames that follow. */
  key(bytes: Uint8Array, frame: number): void;
  /** Codes a frame's planes in place; its own key frame was the last one given. */
  code(bytes: Uint8Array, frame: number): void;
}

interface PlaneAt {
  readonly start: number;
  readonly width: number;
  readonly height: number;
}

/** Key frames come every 2 to 4 s, and so does a jump of the whole picture. `colour` also codes the two colour planes. */
export function createEncoder(
  seed: number,
  width: number,
  height: number,
  fps: number,
  strength: number,
  colour: boolean,
): Encoder {
  const period = Math.max(2, Math.round(dice(seed, 110).from(2, 4) * fps));
  // Blocks of 8 pixels; a picture less than 320 wide is one of 320 seen small, so that its blocks are of 4.
  const edge = width < 320 ? 4 : 8;
  const step = 5 + 31 * strength;
  const size = width * height;
  const planes: PlaneAt[] = [{ start: 0, width, height }];
  if (colour)
    planes.push(
      { start: size, width: width / 2, height: height / 2 },
      { start: size * 1.25, width: width / 2, height: height / 2 },
    );
  const kept = new Uint8Array(colour ? size * 1.5 : size);
  // As the key frame was before it was coded: what has not changed since is not sent again.
  const seen = new Uint8Array(kept.length);
  const block = createBlock(edge);
  const stepOf = (frame: number) => step * (0.75 + 0.5 * ((mix(seed, frame, 111) % 1000) / 1000));
  return {
    keyOf: (frame) => Math.floor(frame / period) * period,
    key: (bytes, frame) => {
      seen.set(bytes.subarray(0, seen.length));
      for (const plane of planes)
        eachBlock(plane, edge, (at, w, h) => {
          block.take(bytes, undefined, at, plane.width, w, h);
          block.quantise(stepOf(frame));
          block.put(bytes, undefined, at, plane.width, w, h, 0);
        });
      kept.set(bytes.subarray(0, kept.length));
    },
    code: (bytes, frame) => {
      const from = Math.floor(frame / period) * period;
      const age = (frame - from) / period;
      for (const plane of planes) {
        let index = 0;
        eachBlock(plane, edge, (at, w, h) => {
          const lot = mix(seed, from, index++ + plane.start);
          // Some blocks are sent again between key frames, and settle a little brighter or darker.
          const again = (lot & 255) / 255 < 0.45 && age > ((lot >> 8) & 255) / 255;
          const settle = again ? Math.round((((lot >> 16) & 255) / 128 - 1) * 4.5 * strength) : 0;
          const change = changeOf(bytes, seen, at, plane.width, w, h);
          // And some are sent once more finely and worn away again, which hums about edges like gnats.
          const hums = (mix(seed, frame, index) & 1023) < 60 * strength;
          if (hums) {
            block.take(bytes, kept, at, plane.width, w, h);
            block.quantise(stepOf(from) * 0.35);
          } else if (change > 1.5 + 3.5 * strength) {
            block.take(bytes, kept, at, plane.width, w, h);
            block.quantise(stepOf(from) * 0.8);
          } else {
            repeat(bytes, kept, at, plane.width, w, h, settle);
            return;
          }
          block.put(bytes, kept, at, plane.width, w, h, settle);
        });
      }
    },
  };
}

function eachBlock(plane: PlaneAt, edge: number, visit: (at: number, w: number, h: number) => void): void {
  for (let y = 0; y < plane.height; y += edge)
    for (let x = 0; x < plane.width; x += edge)
      visit(plane.start + y * plane.width + x, Math.min(edge, plane.width - x), Math.min(edge, plane.height - y));
}

/** By how much a pixel of the block has changed, in the mean. */
function changeOf(bytes: Uint8Array, seen: Uint8Array, at: number, stride: number, w: number, h: number): number {
  let sum = 0;
  for (let row = at; row < at + h * stride; row += stride)
    for (let to = row; to < row + w; to++) {
      const change = (bytes[to] ?? 0) - (seen[to] ?? 0);
      sum += change < 0 ? -change : change;
    }
  return sum / (w * h);
}

function repeat(
  bytes: Uint8Array,
  kept: Uint8Array,
  at: number,
  stride: number,
  w: number,
  h: number,
  shift: number,
): void {
  for (let row = at; row < at + h * stride; row += stride)
    for (let to = row; to < row + w; to++) {
      const value = (kept[to] ?? 0) + shift;
      bytes[to] = value < 0 ? 0 : Math.min(value, 255);
    }
}

/** One block of working memory. What sticks out of the picture repeats its edge. */
function createBlock(edge: number) {
  const values = new Float32Array(edge * edge);
  const half = new Float32Array(edge * edge);
  const cosines = Float32Array.from({ length: edge * edge }, (_, at) => {
    const [wave, x] = [Math.floor(at / edge), at % edge];
    return Math.sqrt((wave === 0 ? 1 : 2) / edge) * Math.cos(((x + 0.5) * wave * Math.PI) / edge);
  });
  const turned = (from: Float32Array, to: Float32Array, inverse: boolean) => {
    // Rows become columns, so that two passes transform both ways.
    for (let row = 0; row < edge; row++)
      for (let out = 0; out < edge; out++) {
        let sum = 0;
        for (let x = 0; x < edge; x++)
          sum += (from[row * edge + x] ?? 0) * (cosines[inverse ? x * edge + out : out * edge + x] ?? 0);
        to[out * edge + row] = sum;
      }
  };
  return {
    /** Takes a block less its reference. */
    take: (bytes: Uint8Array, less: Uint8Array | undefined, at: number, stride: number, w: number, h: number): void => {
      for (let y = 0; y < edge; y++)
        for (let x = 0; x < edge; x++) {
          const from = at + Math.min(y, h - 1) * stride + Math.min(x, w - 1);
          values[y * edge + x] = (bytes[from] ?? 0) - (less === undefined ? 128 : (less[from] ?? 0));
        }
    },
    /** High waves more coarsely than low ones, and nothing of what is less than about half a step. */
    quantise: (step: number) => {
      turned(values, half, false);
      turned(half, values, false);
      for (let at = 0; at < values.length; at++) {
        const wave = ((at / edge) | 0) + (at % edge);
        const q = wave === 0 ? step * 0.5 : step * (0.7 + (0.9 * wave) / edge);
        values[at] = Math.trunc((values[at] ?? 0) / q + ((values[at] ?? 0) < 0 ? -0.4 : 0.4)) * q;
      }
      turned(values, half, true);
      turned(half, values, true);
    },
    put: (
      bytes: Uint8Array,
      more: Uint8Array | undefined,
      at: number,
      stride: number,
      w: number,
      h: number,
      shift: number,
    ): void => {
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const to = at + y * stride + x;
          const value = (values[y * edge + x] ?? 0) + (more === undefined ? 128 : (more[to] ?? 0)) + shift + 0.5;
          bytes[to] = value < 0 ? 0 : Math.min(value, 255);
        }
    },
  };
}
