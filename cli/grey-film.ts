// A film as grey pictures, as fast as it can be read, the same bytes on every machine.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';
import { probeMs } from '../hal/camera/bounds.ts';
import { startChild } from '../hal/camera/child.ts';
import { greyPool, greyReader } from '../hal/camera/grey.ts';
import { probe } from '../hal/camera/probe.ts';
import type { GreyFrame } from '../hal/ports.ts';

export interface GreyRules {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}
export type FilmRead =
  | { readonly ok: true; readonly frames: number }
  /** What could be read was given to `see`; there should be more. */
  | { readonly ok: false; readonly why: 'cut'; readonly frames: number; readonly announcedS: number | undefined }
  | { readonly ok: false; readonly why: 'unreadable'; readonly text: string };

/** A film that gives less than this part of what it announces was cut: sound may be longer than the picture, but not by so much. */
const wholeShare = 0.9;
/** How ffmpeg's demuxers say that a file ends too early. */
const cutWords = /partial file|ended prematurely|truncated/i;

/** Calls `see` for each picture, in order, and waits for it; its pixels are valid until then. `monoMs` comes from the picture's number, so it is the same on every run. */
export async function readGreyFilm(
  path: string,
  rules: GreyRules,
  see: (frame: GreyFrame) => void | Promise<void>,
  signal: AbortSignal,
): Promise<FilmRead> {
  // A film may only be a file: a playlist in its place must not open addresses.
  const source = ['-protocol_whitelist', 'file', '-i', `file:${path}`];
  const probed = await probe({ args: source }, probeMs.file, [], signal);
  if (!probed.ok) return { ok: false, why: 'unreadable', text: plain(probed.why) };
  const announcedS = await announcedSeconds(path);
  const child = startChild({ program: 'ffmpeg', args: greyArgs(source, rules) }, ['ignore', 'pipe', 'pipe'], []);
  signal.addEventListener('abort', child.end, { once: true });
  const frames = await readFrames(child.process.stdout, rules, see);
  const ended = await child.ended;
  signal.removeEventListener('abort', child.end);
  signal.throwIfAborted();
  if (frames === 0) return { ok: false, why: 'unreadable', text: plain(ended.lastWords) || 'no picture in it' };
  const isShort = announcedS !== undefined && frames / rules.fps < announcedS * wholeShare - 1 / rules.fps;
  if (ended.code !== 0 || isShort || cutWords.test(ended.lastWords))
    return { ok: false, why: 'cut', frames, announcedS };
  return { ok: true, frames };
}

const greyArgs = (source: readonly string[], { width, height, fps }: GreyRules): string[] => [
  ...['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-filter_threads', '1', '-threads', '1'],
  ...['-flags', '+bitexact', ...source, '-map', '0:V:0'],
  ...['-vf', `fps=${fps},scale=${width}:${height}:flags=area+accurate_rnd+bitexact,format=gray`],
  ...['-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-f', 'rawvideo', 'pipe:1'],
];

async function readFrames(
  bytes: AsyncIterable<Uint8Array> | null,
  { width, height, fps }: GreyRules,
  see: (frame: GreyFrame) => void | Promise<void>,
): Promise<number> {
  if (bytes === null) throw new Error('the decoder was started without a pipe');
  const pool = greyPool(width * height);
  const reader = greyReader(pool);
  let frames = 0;
  const whole: Uint8Array[] = [];
  for await (const chunk of bytes) {
    reader.push(chunk, (pixels) => whole.push(pixels));
    for (const pixels of whole.splice(0)) {
      await see({ width, height, pixels, monoMs: (frames * 1000) / fps });
      frames++;
      pool.giveBack(pixels);
    }
  }
  return frames;
}

const ratio = z.string().transform((text) => {
  const [over = 0, under = 1] = text.split('/').map(Number);
  return over / under;
});
const announced = z.object({
  streams: z
    .array(
      z.object({
        nb_frames: z.coerce.number().optional(),
        r_frame_rate: ratio.optional(),
        duration: z.coerce.number().optional(),
      }),
    )
    .min(1),
});

/** How long the picture should be, by its header: an AVI that was cut still counts its frames, the others name a duration. Undefined where nothing is said. */
async function announcedSeconds(path: string): Promise<number | undefined> {
  const entries = 'stream=nb_frames,r_frame_rate,duration';
  const args = ['-v', 'quiet', '-protocol_whitelist', 'file', '-select_streams', 'V:0', '-show_entries', entries];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, '-of', 'json', `file:${path}`], {
    timeout: probeMs.file,
  });
  const [stream] = announced.parse(JSON.parse(stdout)).streams;
  const byFrames = (stream?.nb_frames ?? 0) / (stream?.r_frame_rate || Number.POSITIVE_INFINITY);
  const seconds = Math.max(stream?.duration ?? 0, byFrames);
  return seconds > 0 ? seconds : undefined;
}

/** The first line, without ffmpeg's `[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55f99ab84a00]`. */
const plain = (text: string): string => (text.split('\n')[0] ?? '').replace(/^\[[^\]]*\] */, '');
