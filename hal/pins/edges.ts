// From raw levels to edges people mean: bounces within `debounceMs` are one edge, and a slow reader costs old edges, never memory.
import type { PinEdge } from '../ports.ts';

/** More edges than this unread means a chattering contact; the rules above name that a fault after a dozen. */
const waitingMax = 256;

export interface Edges extends AsyncIterable<PinEdge> {
  /**
   * The contact's level; `active` already means "pressed", whatever the wiring. `sinceMs` is when it became so, by a clock that is the same for all of a pin: a
   * process that was busy hears of press and release in one breath, and only their times tell a press from a bounce.
   */
  level(pin: number, active: boolean, sinceMs?: number): void;
}

/** Ends when the signal aborts. A level counts once it has stood for `debounceMs`; every pin begins inactive, so one that is active at the start is told. */
export function collectEdges(
  debounceMs: ReadonlyMap<number, number>,
  monoMs: () => number,
  signal: AbortSignal,
): Edges {
  const waiting: PinEdge[] = [];
  const told = new Map<number, boolean>();
  const standing = new Map<
    number,
    { readonly active: boolean; readonly sinceMs: number; readonly timer: NodeJS.Timeout }
  >();
  let wake: () => void = () => undefined;

  const tell = (pin: number, active: boolean) => {
    standing.delete(pin);
    told.set(pin, active);
    waiting.push({ pin, active, monoMs: monoMs() });
    if (waiting.length > waitingMax) waiting.shift();
    wake();
  };
  signal.addEventListener(
    'abort',
    () => {
      for (const { timer } of standing.values()) clearTimeout(timer);
      wake();
    },
    { once: true },
  );
  return {
    level: (pin, active, sinceMs = monoMs()) => {
      if (signal.aborted) return;
      const quietMs = debounceMs.get(pin) ?? 0;
      const before = standing.get(pin);
      clearTimeout(before?.timer);
      standing.delete(pin);
      // It had stood long enough, and its timer had no turn yet.
      if (before !== undefined && sinceMs - before.sinceMs >= quietMs) tell(pin, before.active);
      if (active === (told.get(pin) ?? false)) return;
      if (quietMs === 0) tell(pin, active);
      else standing.set(pin, { active, sinceMs, timer: setTimeout(tell, quietMs, pin, active) });
    },
    async *[Symbol.asyncIterator]() {
      while (!signal.aborted) {
        const edge = waiting.shift();
        if (edge !== undefined) yield edge;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (signal.aborted) resolve();
          });
      }
    },
  };
}
