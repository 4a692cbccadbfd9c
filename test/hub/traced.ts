// A trace as a node's filter writes it while it looks at a drawn film, and what the filter itself makes of that film at each sensitivity.
import { createMotion } from '../../agent/core/motion/motion.ts';
import { createTraceEncoder } from '../../agent/core/trace/encode.ts';
import { crossing, film, rules, watch } from '../core/motion-film.ts';

const plan = {
  seconds: 40,
  seed: 11,
  blocks: [
    crossing(4000, 8000, [10, 50], [120, 50], { w: 8, h: 16, grey: 30 }),
    crossing(12_000, 20_000, [20, 48], [60, 48], { w: 4, h: 6, grey: 30 }),
    crossing(24_000, 30_000, [100, 50], [20, 50], { w: 8, h: 14, grey: 78 }),
  ],
};

/** At the sensitivity that is usual, 5. */
export function traceOf(atMs: number): Uint8Array {
  const set = rules();
  const motion = createMotion(set);
  const { width, height, sensitivity } = set;
  const zones: string[] = [];
  const encoder = createTraceEncoder({
    ...{ boot: 'test', width, height, periodMs: 200, sensitivity, minSize: 0.002, quietMs: 1500, zones },
  });
  for (const frame of film(plan)) {
    motion.see(frame);
    encoder.add(motion.sight);
  }
  return encoder.take(atMs) ?? new Uint8Array();
}

/** Events at sensitivity 1, 2, … 10. */
export const eventsAtEach = (): number[] =>
  Array.from({ length: 10 }, (_, index) => watch(plan, rules({ sensitivity: index + 1 })).events.length);
