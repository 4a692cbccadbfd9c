// A scene as a film, for detectors that read films. Grey, 640 wide as Debian's motion is set up for, lightly compressed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createScene } from '../../hal/camera/scene/scene.ts';
import type { Chapter } from './motion-plan.ts';
import { createTruthBook, type Shown, type Visit } from './motion-score.ts';

export const filmSize = { width: 640, height: 360, fps: 10 } as const;

export interface FilmOrder {
  /** Row of the comparison. */
  readonly name: string;
  readonly chapter: Chapter;
  readonly path: string;
}
export interface Rendered {
  readonly name: string;
  readonly path: string;
  readonly seconds: number;
  readonly visits: readonly Visit[];
  /** What can be seen in each picture of the film, in its pixels. */
  readonly shown: readonly (readonly Shown[])[];
}

export async function renderFilm({ name, chapter, path }: FilmOrder): Promise<Rendered> {
  const { width, height, fps } = filmSize;
  const { seconds, ...what } = chapter;
  const scene = createScene({ ...what, width, height, fps });
  const book = createTruthBook(fps, width, height);
  const shown: (readonly Shown[])[] = [];
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${width}x${height}`, '-r', `${fps}`, '-i', 'pipe:0'];
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '16', '-threads', '1', '-g', `${fps * 4}`];
  // Pictures are in full range; without the words a reader would stretch them.
  const range = ['-vf', 'scale=in_range=full:out_range=tv,format=yuv420p'];
  const encoder = spawn('ffmpeg', ['-v', 'error', '-y', ...raw, ...range, ...coded, path], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(encoder, 'close');
  for (let n = 0; n < seconds * fps; n++) {
    const pixels = new Uint8Array(width * height);
    const { objects } = scene.grey(n, width, height, pixels);
    book.see(n, objects);
    shown.push(objects);
    if (!encoder.stdin.write(pixels)) await once(encoder.stdin, 'drain');
  }
  encoder.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`ffmpeg could not make ${path} (exit ${code})`);
  return { name, path, seconds, visits: book.visits(), shown };
}
