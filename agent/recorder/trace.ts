// The trace: why each event was one, and a compact account of every picture, kept whether or not anything was decided.
//
// A batch is written when it is a quarter of an hour old, when it is full, and at the stop: each is a file on the card, 90 KB for one.
// A power cut loses what was not yet written: at most one batch.

import type { Stamp } from '../../protocol/manifest.ts';
import type { MotionConfig } from '../core/config/schema.ts';
import { demandAt } from '../core/motion/demands.ts';
import { createTraceEncoder } from '../core/trace/encode.ts';
import { createEventTracer } from '../core/trace/event-trace.ts';
import { traceType } from '../core/trace/format.ts';
import type { PictureSight } from '../core/trace/sight.ts';
import type { Spool } from '../spool.ts';
import type { Troubles } from './troubles.ts';

const batchMsMax = 900_000;

export interface TraceKeeper {
  see(sight: PictureSight): void;
  /** The time line is broken: what follows has nothing to do with what was. */
  breakOff(): void;
  opened(id: string, firstMonoMs: number): void;
  closed(): void;
  /** Writes the batch that is open, and waits for all that was written. */
  flush(): Promise<void>;
}

export function openTrace(
  spool: Pick<Spool, 'append' | 'boot'>,
  motion: MotionConfig,
  quietMs: number,
  now: () => Stamp,
  troubles: Troubles,
): TraceKeeper {
  const { width, height, sensitivity, fps } = motion;
  const minSize = demandAt(sensitivity).size * smallestOf(motion.minSize);
  const encoder = createTraceEncoder({
    boot: spool.boot,
    width,
    height,
    periodMs: Math.round(1000 / fps),
    sensitivity,
    minSize,
    quietMs,
    zones: motion.watch.map(({ name }) => name),
  });
  const tracer = createEventTracer({ width, height, sensitivity, minSize, minMs: motion.minMs });
  let queue: Promise<void> = Promise.resolve();

  const append = (draft: Parameters<Spool['append']>[0], what: string) => {
    const stored = spool.append(draft);
    queue = Promise.all([queue, stored]).then(([, outcome]) => {
      if (!outcome.ok) troubles.raise(outcome.why, `${what} could not be written: ${String(outcome.cause)}`);
    });
  };

  const writeBatch = () => {
    const firstMonoMs = encoder.firstMonoMs();
    const time = now();
    const plain = encoder.take(time.wallMs === null ? null : Math.max(0, time.wallMs - (time.monoMs - firstMonoMs)));
    if (plain === undefined) return;
    append({ kind: 'trace', class: 5, time, body: { plain, type: traceType } }, 'a batch of the trace');
  };

  return {
    see: (sight) => {
      tracer.see(sight);
      const ageMs = sight.monoMs - encoder.firstMonoMs();
      const isOld = encoder.pictures() > 0 && ageMs >= batchMsMax;
      if (isOld || encoder.isFull()) writeBatch();
      encoder.add(sight);
    },
    breakOff: () => encoder.breakOff(),
    opened: (id, firstMonoMs) => tracer.begin(id, firstMonoMs),
    closed: () => {
      const trace = tracer.end();
      if (trace === undefined) return;
      const body = { plain: Buffer.from(JSON.stringify(trace)), type: 'application/json' };
      const of = { event: trace.event, part: 0, why: 'event' } as const;
      append({ kind: 'trace', class: 5, time: now(), of, body }, `the trace of ${trace.event}`);
    },
    flush: () => {
      writeBatch();
      return queue;
    },
  };
}

/** Of a size that follows perspective, the one at the far end. */
const smallestOf = (minSize: MotionConfig['minSize']): number => (typeof minSize === 'number' ? minSize : minSize.far);
