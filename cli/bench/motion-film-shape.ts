// What a film says of itself: size, rate, length.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';

export interface FilmShape {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly seconds: number;
}

const told = z.object({
  streams: z.array(z.object({ width: z.number().positive(), height: z.number().positive(), r_frame_rate: z.string() })),
  format: z.object({ duration: z.coerce.number().positive() }),
});
const probeMsMax = 20_000;

/** @throws in one line when it is no film. */
export async function shapeOf(path: string): Promise<FilmShape> {
  const entries = 'stream=width,height,r_frame_rate:format=duration';
  const args = ['-v', 'error', '-protocol_whitelist', 'file', '-select_streams', 'V:0', '-show_entries', entries];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, '-of', 'json', `file:${path}`], {
    timeout: probeMsMax,
  }).catch((cause: unknown) => {
    throw new Error(`${path}: cannot be read as a film`, { cause });
  });
  const read = told.safeParse(JSON.parse(stdout));
  const stream = read.data?.streams[0];
  if (read.data === undefined || stream === undefined) throw new Error(`${path}: no picture in it`);
  const [over = 0, under = 1] = stream.r_frame_rate.split('/').map(Number);
  return { width: stream.width, height: stream.height, fps: over / under, seconds: read.data.format.duration };
}
