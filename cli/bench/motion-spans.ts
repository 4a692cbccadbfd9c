// From what a detector sees picture by picture to events, by the node's own rules, with whom each event touched.
import { eventsSchema } from '../../agent/core/config/schema.ts';
import { type Seen, step, updateMs, watching } from '../../agent/core/events.ts';
import type { Box } from '../../protocol/details.ts';
import type { Span } from './motion-score.ts';

export interface Sighting {
  readonly monoMs: number;
  readonly moving: boolean;
  /** As in `Seen`. */
  readonly sinceMonoMs: number;
  readonly share: number;
  readonly boxes: readonly Box[];
}

export interface SpanLog {
  /** `touched`: ids of the objects that the boxes meet in this picture; undefined where nobody knows. */
  see(sighting: Sighting, touched: readonly number[] | undefined): void;
  /** Ends what is going on and returns all events in order. */
  end(monoMs: number): readonly Span[];
}

export function createSpanLog(): SpanLog {
  const rules = { quietMs: eventsSchema.parse({}).quietMs, updateMs };
  const spans: Span[] = [];
  let state = watching('bench');
  let touching: Set<number> | undefined;
  const advance = (seen: Seen) => {
    const next = step(state, seen, rules);
    state = next.state;
    for (const action of next.actions) {
      if (action.do !== 'close') continue;
      const { firstMonoMs, lastMonoMs } = action.event;
      spans.push({ startS: firstMonoMs / 1000, endS: lastMonoMs / 1000, touched: touching });
      touching = undefined;
    }
  };
  return {
    see: (sighting, touched) => {
      advance({ ...sighting, is: 'picture', zones: [], level: 'event', reason: '' });
      if (!sighting.moving || touched === undefined) return;
      touching ??= new Set();
      for (const id of touched) touching.add(id);
    },
    end: (monoMs) => {
      advance({ is: 'break', monoMs, why: 'film-end' });
      return spans;
    },
  };
}
