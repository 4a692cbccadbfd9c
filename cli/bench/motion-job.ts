// One job of the scenes part, from its plan to its score. Pure but for the CPU clock.
import { motionSchema } from '../../agent/core/config/schema.ts';
import { createMotion, type MotionSeen } from '../../agent/core/motion/motion.ts';
import { createScene } from '../../hal/camera/scene/scene.ts';
import type { Job } from './motion-plan.ts';
import { createTruthBook, type Score, score } from './motion-score.ts';
import { createSpanLog, type Sighting } from './motion-spans.ts';

export interface JobResult {
  readonly id: number;
  readonly score: Score;
  readonly frames: number;
  readonly hours: number;
  readonly events: number;
  /**
   * Of the pictures after the warm-up: mean and largest part that differs from the background and is judged; and the mean part that differs in pictures of which
   * nothing is judged, because they are known for an upheaval and ridden out.
   */
  readonly flaggedMean: number;
  readonly flaggedMax: number;
  readonly riddenMean: number;
  readonly filterCpuMs: number;
}

export function runJob(job: Job): JobResult {
  const rules = motionSchema.parse(job.sensitivity === undefined ? {} : { sensitivity: job.sensitivity });
  const { width, height, fps } = rules;
  const motion = createMotion(rules);
  const pixels = new Uint8Array(width * height);
  const flagged = { sum: 0, max: 0, ridden: 0, pictures: 0 };
  const book = createTruthBook(fps, width, height);
  const log = createSpanLog();
  let [frames, filterCpuMs] = [0, 0];
  for (const { seconds, ...what } of job.chapters) {
    const scene = createScene({ ...what, width, height, fps });
    // The scene's time goes on from chapter to chapter, as the filter's does.
    for (const end = frames + Math.round(seconds * fps); frames < end; frames++) {
      const { objects } = scene.grey(frames, width, height, pixels);
      book.see(frames, objects);
      const before = process.threadCpuUsage();
      const seen = motion.see({ width, height, pixels, monoMs: (frames * 1000) / fps });
      const used = process.threadCpuUsage(before);
      filterCpuMs += (used.user + used.system) / 1000;
      const sighting = sightingOf(seen);
      log.see(sighting, seen.moving ? book.touchedBy(sighting.boxes, objects) : undefined);
      if (seen.warming) continue;
      const { share, whole } = motion.sight;
      flagged.pictures++;
      if (whole === 'upheaval') {
        flagged.ridden += share;
        continue;
      }
      flagged.sum += share;
      flagged.max = Math.max(flagged.max, share);
    }
  }
  const spans = log.end((frames * 1000) / fps);
  return {
    id: job.id,
    score: score(book.visits(), spans),
    frames,
    hours: frames / fps / 3600,
    events: spans.length,
    flaggedMean: flagged.sum / Math.max(1, flagged.pictures),
    flaggedMax: flagged.max,
    riddenMean: flagged.ridden / Math.max(1, flagged.pictures),
    filterCpuMs,
  };
}

/** A copy: the filter fills its own object anew each time. */
export function sightingOf({ monoMs, moving, sinceMonoMs, share, boxes }: MotionSeen): Sighting {
  return { monoMs, moving, sinceMonoMs, share, boxes };
}
