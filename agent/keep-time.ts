// The clock that records are stamped with: what the board's clock and the hub say, held together by core/timeline.ts.
import type { BoardClock, Clock } from '../hal/ports.ts';
import { floorAt, hear, newTimeline, type Timeline, type TimelineAction, timeAt } from './core/timeline.ts';

export interface KeptClock extends Clock {
  /** No moment before this can be now; for the next start. */
  floorMs(): number;
  /** Called once for each thing that happens to the time line, from now on; what happened before is told first. */
  onChange(told: (action: TimelineAction) => void): void;
}

/** What happened before anybody listened is kept, so much of it. */
const untoldMax = 16;

export function keepTime(board: BoardClock, floorMs: number): KeptClock {
  let line: Timeline = newTimeline(floorMs);
  let listener: ((action: TimelineAction) => void) | undefined;
  let untold: readonly TimelineAction[] = [];
  const take = (next: { line: Timeline; actions: readonly TimelineAction[] }) => {
    line = next.line;
    if (listener === undefined) untold = [...untold, ...next.actions].slice(-untoldMax);
    else for (const action of next.actions) listener(action);
  };
  return {
    monoMs: board.monoMs,
    now: () => {
      const claim = board.look();
      if (claim.by !== undefined) {
        const { monoMs, wallMs, by, errorMs } = claim;
        take(hear(line, { by, monoMs, wallMs, errorMs }));
      } else if (claim.wallMs < line.floorMs) line = { ...line, behind: true };
      return timeAt(line, claim.monoMs);
    },
    hubSays: (hubMs, monoMs, errorMs) => take(hear(line, { by: 'hub', monoMs, wallMs: hubMs, errorMs })),
    floorMs: () => floorAt(line, board.monoMs()),
    onChange: (told) => {
      listener = told;
      const before = untold;
      untold = [];
      for (const action of before) told(action);
    },
  };
}
