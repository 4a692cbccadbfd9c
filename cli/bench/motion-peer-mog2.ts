// OpenCV's MOG2 with a travel gate, in a Python process that is fed the same grey pictures (peers/mog2.py).
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Box } from '../../protocol/details.ts';

export interface Mog2 {
  /** Boxes of what has travelled. */
  see(pixels: Uint8Array): Promise<readonly Box[]>;
  /** Begins another film; what the one before took. */
  begin(): Promise<Mog2Cost>;
  close(): Promise<void>;
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
  return {
    see: async (pixels) => {
      child.stdin.write('F');
      await write(child, pixels);
      const boxes = (await answer()) as readonly (readonly [number, number, number, number])[];
      const { width, height } = rules;
      return boxes.map(([x, y, w, h]) => ({ x: x / width, y: y / height, w: w / width, h: h / height }));
    },
    begin: async () => {
      child.stdin.write('R');
      return (await answer()) as Mog2Cost;
    },
    close: async () => {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}

async function write(child: ChildProcessByStdio<Writable, Readable, null>, bytes: Uint8Array): Promise<void> {
  if (!child.stdin.write(bytes)) await once(child.stdin, 'drain');
}
