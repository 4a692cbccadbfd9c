// What happens to the time line is told to the hub: an `anchor` record whenever this start's time becomes known, surer or another, so that
// what was recorded before can be re-timed; a fault while the board's clock says something that cannot be.
import type { Stamp } from '../../protocol/manifest.ts';
import type { TimelineAction } from '../core/timeline.ts';
import type { KeptClock } from '../keep-time.ts';
import type { Spool } from '../spool.ts';
import type { Troubles } from './troubles.ts';

/** Each is a few flushes of a small file; the next start needs to know the day, not the minute. */
const floorEveryMs = 600_000;

/** Clocks of a busy machine that differ by less are doubted all the same, but nobody at a desk is called for it. */
const toldFromMs = 2000;

export function watchTime(
  clock: Pick<KeptClock, 'onChange' | 'floorMs'>,
  spool: Pick<Spool, 'append' | 'keepFloor'>,
  now: () => Stamp,
  troubles: Pick<Troubles, 'raise' | 'over'>,
): { stop(): void } {
  let kept = 0;
  const keepFloor = () => {
    const floorMs = Math.floor(clock.floorMs());
    if (floorMs === kept) return;
    kept = floorMs;
    // The card's troubles are told by those who lose something by them.
    void spool.keepFloor(floorMs).catch(() => undefined);
  };
  const told = (action: TimelineAction) => {
    switch (action.do) {
      case 'anchored': {
        const { by, monoMs, wallMs, errorMs } = action.anchor;
        const said = { why: action.why, by, monoMs, wallMs, errorMs };
        const body = { plain: Buffer.from(JSON.stringify(said)), type: 'application/json' };
        // Later: this may be called from within the making of a record's own stamp.
        queueMicrotask(() => {
          void spool.append({ kind: 'anchor', class: 1, time: now(), body });
          keepFloor();
        });
        return;
      }
      case 'doubt': {
        const { claim, offMs } = action;
        if (Math.abs(offMs) < toldFromMs) return;
        const text = `the clock of the board (${claim.by}) says ${new Date(claim.wallMs).toISOString()}, ${Math.round(offMs / 1000)} s off what is known: not believed`;
        queueMicrotask(() => troubles.raise('clock-doubted', text));
        return;
      }
      case 'doubt-over':
        queueMicrotask(() => troubles.over('clock-doubted'));
        return;
    }
  };
  clock.onChange(told);
  const timer = setInterval(keepFloor, floorEveryMs);
  return {
    stop: () => {
      clearInterval(timer);
      keepFloor();
    },
  };
}
