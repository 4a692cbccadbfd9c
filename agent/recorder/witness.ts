// From what is seen to what is told: runs the event state machine and writes its events, at once.
import type { EventDetails } from '../../protocol/details.ts';
import type { Stamp, Trigger } from '../../protocol/manifest.ts';
import {
  type Break,
  type EventAction,
  type EventRules,
  type EventState,
  type Seen,
  step,
  watching,
} from '../core/events.ts';
import type { Log } from '../log.ts';
import type { Spool } from '../spool.ts';
import type { Footage } from './footage.ts';
import type { Stills } from './stills.ts';
import type { TraceKeeper } from './trace.ts';
import type { Troubles } from './troubles.ts';

export interface Witness {
  see(seen: Seen): void;
  /** The time line ends here. Footage is told too. */
  breakOff(why: Break, monoMs: number): void;
  /** Id of the event that goes on. */
  current(): string | undefined;
  settled(): Promise<void>;
  counts(): { readonly events: number };
}

export function openWitness(
  spool: Spool,
  footage: Pick<Footage, 'tell'>,
  stills: Stills,
  /** Told when an event begins at, or rises to, the level of alarm, by what. */
  alarm: (trigger: Trigger) => void,
  trace: Pick<TraceKeeper, 'opened' | 'closed' | 'breakOff'>,
  rules: EventRules,
  now: () => Stamp,
  troubles: Troubles,
  log: Log,
): Witness {
  let state: EventState = watching(spool.boot);
  let queue: Promise<void> = Promise.resolve();
  const tally = { events: 0 };

  const write = (phase: 'new' | 'update' | 'end', event: EventDetails) => {
    const { id, trigger, level } = event;
    log('info', `event ${phase}`, { id, trigger, level });
    const time = now();
    const details = {
      ...event,
      peakShare: round(event.peakShare),
      boxes: event.boxes.map((box) => ({ x: round(box.x), y: round(box.y), w: round(box.w), h: round(box.h) })),
    };
    const stored = spool.append({
      kind: 'event',
      class: level === 'alarm' ? 0 : 1,
      time,
      event: { id, phase, trigger, level },
      body: { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' },
    });
    queue = Promise.all([queue, stored]).then(([, outcome]) => {
      if (!outcome.ok)
        troubles.raise(outcome.why, `event ${id} (${phase}) could not be written: ${String(outcome.cause)}`);
    });
  };

  const perform = (action: EventAction) => {
    const { event } = action;
    const { id, level } = event;
    if (event.trigger === 'motion' && level === 'alarm' && action.do !== 'close') alarm('motion');
    switch (action.do) {
      case 'open':
        tally.events += 1;
        write('new', event);
        trace.opened(id, event.firstMonoMs);
        footage.tell({ is: 'opened', want: { id, why: 'event', level }, firstMonoMs: event.firstMonoMs });
        stills.wish({ why: 'event', id, fromMonoMs: event.firstMonoMs });
        return;
      case 'update':
        write('update', event);
        if (level === 'alarm') footage.tell({ is: 'rose', id });
        return;
      case 'close':
        write('end', event);
        trace.closed();
        footage.tell({ is: 'closed', id, lastMonoMs: event.lastMonoMs });
        return;
    }
  };

  const see = (seen: Seen) => {
    const next = step(state, seen, rules);
    state = next.state;
    // Also within an event that goes on: a panic button pressed while somebody moves is an alarm of its own.
    if (seen.is === 'trigger' && seen.level === 'alarm') alarm(seen.trigger);
    for (const action of next.actions) perform(action);
  };

  return {
    see,
    breakOff: (why, monoMs) => {
      see({ is: 'break', monoMs, why });
      trace.breakOff();
      footage.tell({ is: 'break', whole: why !== 'camera-lost' });
    },
    current: () => (state.name === 'happening' ? state.event.id : undefined),
    settled: () => queue,
    counts: () => tally,
  };
}

/** Bodies are read by people too: four digits say enough. */
function round(part: number): number {
  return Math.round(part * 10_000) / 10_000;
}
