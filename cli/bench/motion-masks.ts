// Pixel and frame figures of films that have a mask for each picture.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../../hal/camera/child.ts';
import type { Box } from '../../protocol/details.ts';
import { rules } from './motion-watch.ts';

const { width, height, fps } = rules;

/** CDnet 2014: 255 moves; 85 lies outside what is judged, 170 cannot be told; 0 and 50 (a hard shadow) are ground. */
const moves = 255;
const unjudged: ReadonlySet<number> = new Set([85, 170]);

export interface PixelCounts {
  readonly truePixels: number;
  readonly falsePixels: number;
  readonly missedPixels: number;
  /** Pictures in which enough of a subject moves, and those of them in which something was seen. */
  readonly busyFrames: number;
  readonly seenFrames: number;
  /** Pictures without any subject, and those of them in which something was seen. */
  readonly emptyFrames: number;
  readonly falseFrames: number;
}

export const noPixels: PixelCounts = {
  truePixels: 0,
  falsePixels: 0,
  missedPixels: 0,
  busyFrames: 0,
  seenFrames: 0,
  emptyFrames: 0,
  falseFrames: 0,
};

/** One picture: its mask, row after row, and the boxes of what was seen. */
export function countPixels(mask: Uint8Array, boxes: readonly Box[]): PixelCounts {
  const marked = new Uint8Array(width * height);
  for (const { x, y, w, h } of boxes)
    for (let row = Math.round(y * height); row < Math.round((y + h) * height); row++)
      marked.fill(1, row * width + Math.round(x * width), row * width + Math.round((x + w) * width));
  let [truePixels, falsePixels, missedPixels] = [0, 0, 0];
  for (const [at, value] of mask.entries()) {
    if (unjudged.has(value)) continue;
    if (value === moves) marked[at] === 1 ? truePixels++ : missedPixels++;
    else if (marked[at] === 1) falsePixels++;
  }
  const subject = truePixels + missedPixels;
  const [isBusy, isEmpty] = [subject >= leastPixels, subject === 0];
  const seen = boxes.length > 0 ? 1 : 0;
  return {
    truePixels,
    falsePixels,
    missedPixels,
    busyFrames: isBusy ? 1 : 0,
    seenFrames: isBusy ? seen : 0,
    emptyFrames: isEmpty ? 1 : 0,
    falseFrames: isEmpty ? seen : 0,
  };
}

/** As large as the smallest subject that counts. */
const leastPixels = 0.002 * width * height;

export function addPixels(a: PixelCounts, b: PixelCounts): PixelCounts {
  const sum = (key: keyof PixelCounts) => a[key] + b[key];
  return {
    truePixels: sum('truePixels'),
    falsePixels: sum('falsePixels'),
    missedPixels: sum('missedPixels'),
    busyFrames: sum('busyFrames'),
    seenFrames: sum('seenFrames'),
    emptyFrames: sum('emptyFrames'),
    falseFrames: sum('falseFrames'),
  };
}

/** F1 of boxes against masks: a box holds what is around a subject too, so 1 is out of reach. */
export function pixelFigures(counts: PixelCounts): Record<string, number> {
  const { truePixels, falsePixels, missedPixels, busyFrames, seenFrames, emptyFrames, falseFrames } = counts;
  return {
    boxF1: (2 * truePixels) / (2 * truePixels + falsePixels + missedPixels),
    frameRecall: seenFrames / busyFrames,
    frameFalse: falseFrames / emptyFrames,
  };
}

const maskName = /\.(png|pgm)$/i;

/** The n-th mask in the order of names belongs to the n-th picture of the film. @throws when the folder has none, or they cannot be decoded. */
export async function scoreMasks(
  masksDir: string,
  filmFps: number,
  boxes: readonly (readonly Box[])[],
): Promise<PixelCounts> {
  const names = (await readdir(masksDir)).filter((name) => maskName.test(name)).sort();
  const [first] = names;
  if (first === undefined) throw new Error(`${masksDir} must hold PNG or PGM masks, it has none`);
  let counts = noPixels;
  for await (const { index, mask } of decode(masksDir, first.split('.').at(-1) ?? 'png', filmFps)) {
    counts = addPixels(counts, countPixels(mask, boxes[index] ?? []));
  }
  return counts;
}

/** Masks for the analysed pictures only, at their size; nearest pixel, so that values stay what they are. */
async function* decode(dir: string, ending: string, filmFps: number) {
  const scale = `fps=${fps},scale=${width}:${height}:flags=neighbor,format=gray`;
  const source = ['-f', 'image2', '-framerate', `${filmFps}`, '-pattern_type', 'glob', '-i', join(dir, `*.${ending}`)];
  const args = ['-v', 'error', '-nostdin', ...source, '-vf', scale, '-f', 'rawvideo', 'pipe:1'];
  const child = startChild({ program: 'ffmpeg', args }, ['ignore', 'pipe', 'pipe'], []);
  if (child.process.stdout === null) throw new Error('the decoder was started without a pipe');
  let rest = Buffer.alloc(0);
  let index = 0;
  for await (const chunk of child.process.stdout) {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= width * height; rest = rest.subarray(width * height))
      yield { index: index++, mask: new Uint8Array(rest.subarray(0, width * height)) };
  }
  const { code, lastWords } = await child.ended;
  if (code !== 0 || index === 0) throw new Error(`${dir}: the masks cannot be decoded: ${lastWords}`);
}
