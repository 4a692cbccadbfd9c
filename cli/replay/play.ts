// A film through the motion filter and the event machine, as the recorder would run it, as fast as it can be read.
import { type EventState, step, updateMs, watching } from '../../agent/core/events.ts';
import { createSchedule } from '../../agent/core/motion/armed.ts';
import { demandAt } from '../../agent/core/motion/demands.ts';
import { createMotion, type Motion, type MotionSeen } from '../../agent/core/motion/motion.ts';
import { createEventTracer } from '../../agent/core/trace/event-trace.ts';
import { createHeld, type HeldGroup } from '../../agent/core/trace/held.ts';
import type { GreyFrame } from '../../hal/ports.ts';
import type { EventDetails, EventTrace } from '../../protocol/details.ts';
import { type FilmRead, readGreyFilm } from '../grey-film.ts';
import type { Language } from '../language.ts';
import type { Rules } from './rules.ts';
import { createTamperList, type ReplayedTamper } from './tampers.ts';

export interface ReplayedEvent extends EventDetails {
  readonly trace: EventTrace | undefined;
}
export interface Replayed {
  readonly read: FilmRead;
  readonly frames: number;
  readonly cpuMsPerFrame: number;
  readonly events: readonly ReplayedEvent[];
  /** What was seen and never counted, most frequent first. */
  readonly held: readonly HeldGroup[];
  /** What was done to the camera, in order. */
  readonly tampers: readonly ReplayedTamper[];
}

export interface Player {
  readonly motion: Motion;
  see(frame: GreyFrame): MotionSeen;
  /** The event that goes on, as far as it is known. */
  happening(): EventDetails | undefined;
  events(): readonly ReplayedEvent[];
  /** The film is over. */
  end(): Omit<Replayed, 'read'>;
}

export function createPlayer(rules: Rules, language: Language): Player {
  const motion = createMotion(rules.motion, language);
  const schedule = createSchedule(rules.motion);
  const eventRules = { quietMs: rules.events.quietMs, updateMs };
  const { width, height, sensitivity, minSize, minMs } = rules.motion;
  const least = demandAt(sensitivity).size * (typeof minSize === 'number' ? minSize : minSize.far);
  const tracer = createEventTracer({ width, height, sensitivity, minSize: least, minMs });
  const held = createHeld();
  const tampers = createTamperList(rules.motion, language);
  const events: ReplayedEvent[] = [];
  const tally = { frames: 0, cpuUs: 0 };
  let state: EventState = watching('replay');

  const advance = (seen: Parameters<typeof step>[1]) => {
    const next = step(state, seen, eventRules);
    state = next.state;
    for (const action of next.actions) {
      if (action.do === 'open') tracer.begin(action.event.id, action.event.firstMonoMs);
      else if (action.do === 'close') events.push({ ...action.event, trace: tracer.end() });
    }
  };

  return {
    motion,
    see: (frame) => {
      motion.arm(schedule(rules.startsWallMs === null ? null : rules.startsWallMs + frame.monoMs));
      const before = process.threadCpuUsage();
      const seen = motion.see(frame);
      const used = process.threadCpuUsage(before);
      tally.cpuUs += used.user + used.system;
      tally.frames++;
      tracer.see(motion.sight);
      held.see(motion.sight);
      tampers.see(frame);
      advance(seen);
      return seen;
    },
    happening: () => (state.name === 'happening' ? state.event : undefined),
    events: () => events,
    end: () => {
      advance({ is: 'break', monoMs: (tally.frames * 1000) / rules.motion.fps, why: 'film-end' });
      const { frames, cpuUs } = tally;
      return {
        frames,
        cpuMsPerFrame: frames === 0 ? 0 : cpuUs / 1000 / frames,
        events,
        held: held.groups(),
        tampers: tampers.all(),
      };
    },
  };
}

export async function play(
  film: string,
  rules: Rules,
  language: Language,
  progress: Progress,
  signal: AbortSignal,
): Promise<Replayed> {
  const player = createPlayer(rules, language);
  const see = (frame: GreyFrame) => {
    player.see(frame);
    progress.show(frame.monoMs / 1000, player.events().length);
  };
  const read = await readGreyFilm(film, rules.motion, see, signal);
  progress.clear();
  return { read, ...player.end() };
}

export interface Progress {
  show(seconds: number, events: number): void;
  clear(): void;
}

/** One line that rewrites itself, for people who wait: only on a terminal, at most twice a second. */
export function progressOn(stream: NodeJS.WriteStream, say: (seconds: number, events: number) => string): Progress {
  let shownMs = performance.now();
  let shown = false;
  return {
    show: (seconds, events) => {
      if (!stream.isTTY || performance.now() - shownMs < 500) return;
      shownMs = performance.now();
      shown = true;
      stream.write(`\r${say(seconds, events)}\u001b[K`);
    },
    clear: () => {
      if (shown) stream.write('\r\u001b[K');
    },
  };
}
