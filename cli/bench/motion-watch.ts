// Our filter, and MOG2, on a film: the same grey pictures for both, as the node would see them.
import { type MotionConfig, motionSchema } from '../../agent/core/config/schema.ts';
import { createMotion } from '../../agent/core/motion/motion.ts';
import type { Box } from '../../protocol/details.ts';
import { readGreyFilm } from '../grey-film.ts';
import { sightingOf } from './motion-job.ts';
import type { Mog2, Mog2Cost } from './motion-peer-mog2.ts';
import type { Span } from './motion-score.ts';
import { createSpanLog } from './motion-spans.ts';

/** The filter's own defaults: what every figure of this bench is measured with. */
export const rules: MotionConfig = motionSchema.parse({});

/** Who is met by the boxes at that second of the film; undefined where the truth does not say where. */
export type Meeting = ((atS: number, boxes: readonly Box[]) => readonly number[]) | undefined;

export interface WatchedFilm {
  readonly spans: readonly Span[];
  readonly seconds: number;
  readonly filterCpuMs: number;
  /** Every analysed picture, and the boxes of the subjects in it. */
  readonly pictures: readonly Uint8Array[];
  readonly boxes: readonly (readonly Box[])[];
}

/** @throws when the film cannot be read to its end: a measurement with holes is none. */
export async function watchFilm(path: string, meets: Meeting, signal: AbortSignal): Promise<WatchedFilm> {
  const motion = createMotion(rules);
  const log = createSpanLog();
  const pictures: Uint8Array[] = [];
  const boxes: (readonly Box[])[] = [];
  let cpuUs = 0;
  const see = (frame: Parameters<typeof motion.see>[0]) => {
    const before = process.threadCpuUsage();
    const seen = motion.see(frame);
    const used = process.threadCpuUsage(before);
    cpuUs += used.user + used.system;
    const sighting = sightingOf(seen);
    log.see(sighting, seen.moving ? meets?.(frame.monoMs / 1000, sighting.boxes) : undefined);
    pictures.push(frame.pixels.slice());
    boxes.push(sighting.boxes);
  };
  const read = await readGreyFilm(path, rules, see, signal);
  if (!read.ok) throw new Error(`${path}: ${read.why === 'cut' ? 'is cut short' : read.text}`);
  const seconds = pictures.length / rules.fps;
  return { spans: log.end(seconds * 1000), seconds, filterCpuMs: cpuUs / 1000, pictures, boxes };
}

export async function watchWithMog2(
  mog2: Mog2,
  pictures: readonly Uint8Array[],
  meets: Meeting,
): Promise<{ readonly spans: readonly Span[]; readonly cost: Mog2Cost }> {
  const log = createSpanLog();
  const film = await mog2.see(pictures);
  for (const [at, boxes] of film.boxes.entries()) {
    const monoMs = (at * 1000) / rules.fps;
    const moving = boxes.length > 0;
    log.see(
      { monoMs, moving, sinceMonoMs: monoMs, share: 0, boxes },
      moving ? meets?.(monoMs / 1000, boxes) : undefined,
    );
  }
  const spans = log.end((pictures.length * 1000) / rules.fps);
  return { spans, cost: film.cost };
}
