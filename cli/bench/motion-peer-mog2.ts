// OpenCV's MOG2 with a travel gate, in a Python process that is fed the same grey pictures (peers/mog2.py).
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Box } from '../../protocol/details.ts';

export interface Mog2 {
  /** A film from its beginning: for each picture the boxes of what has travelled, and what it took. One film at a time. */
  see(pictures: readonly Uint8Array[]): Promise<Mog2Film>;
  close(): Promise<void>;
}
export interface Mog2Film {
  readonly boxes: readonly (readonly Box[])[];
  readonly cost: Mog2Cost;
}
export interface Mog2Cost {
  readonly frames: number;
  readonly applyNs: number;
  readonly cpuNs: number;
}
export interface Mog2Rules {
  readonly width: number;
  readonly height: number;
  /** Pixels. */
  readonly areaMin: number;
}

/** A Python of the user's own seldom has Debian's modules. */
const pythons = ['/usr/bin/python3', 'python3'] as const;
const importMsMax = 20_000;

/** The first Python that knows OpenCV. */
export async function findMog2(): Promise<string | undefined> {
  for (const python of pythons) {
    const found = await promisify(execFile)(python, ['-c', 'import cv2, numpy'], { timeout: importMsMax }).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  return undefined;
}

export function openMog2(python: string, rules: Mog2Rules): Mog2 {
  const script = fileURLToPath(new URL('./peers/mog2.py', import.meta.url));
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify(rules)}\n`);
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('MOG2 ended in the middle of a film');
    return JSON.parse(value);
  };
  const boxesOf = ([x, y, w, h]: PixelBox): Box => {
    const { width, height } = rules;
    return { x: x / width, y: y / height, w: w / width, h: h / height };
  };
  return {
    see: async (pictures) => {
      // Both sides run on: waiting for each answer would cost two changes of process a picture.
      const sent = send(child.stdin, pictures);
      const boxes: Box[][] = [];
      for (const _ of pictures) boxes.push(((await answer()) as readonly PixelBox[]).map(boxesOf));
      await sent;
      return { boxes, cost: (await answer()) as Mog2Cost };
    },
    close: async () => {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}

type PixelBox = readonly [x: number, y: number, w: number, h: number];

async function send(pipe: Writable, pictures: readonly Uint8Array[]): Promise<void> {
  for (const pixels of pictures) {
    pipe.write('F');
    if (!pipe.write(pixels)) await once(pipe, 'drain');
  }
  pipe.write('R');
}
