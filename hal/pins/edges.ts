// From raw levels to edges people mean: bounces within `debounceMs` are one edge, and a slow reader costs old edges, never memory.
import type { PinEdge } from '../ports.ts';

/** More edges than this unread means a chattering contact; the rules above name that a fault after a dozen. */
const waitingMax = 256;

export interface Edges extends AsyncIterable<PinEdge> {
  /** The contact's level as read just now; `active` already means "pressed", whatever the wiring. */
  level(pin: number, active: boolean): void;
}

/** Ends when the signal aborts. A level counts once it has stood for `debounceMs`; every pin begins inactive, so one that is active at the start is told. */
export function collectEdges(
  debounceMs: ReadonlyMap<number, number>,
  monoMs: () => number,
  signal: AbortSignal,
): Edges {
  const waiting: PinEdge[] = [];
  const told = new Map<number, boolean>();
  const timers = new Map<number, NodeJS.Timeout>();
  let wake: () => void = () => undefined;

  const tell = (pin: number, active: boolean) => {
    timers.delete(pin);
    told.set(pin, active);
    waiting.push({ pin, active, monoMs: monoMs() });
    if (waiting.length > waitingMax) waiting.shift();
    wake();
  };
  signal.addEventListener(
    'abort',
    () => {
      for (const timer of timers.values()) clearTimeout(timer);
      wake();
    },
    { once: true },
  );
  return {
    level: (pin, active) => {
      if (signal.aborted) return;
      clearTimeout(timers.get(pin));
      timers.delete(pin);
      if (active === (told.get(pin) ?? false)) return;
      const quietMs = debounceMs.get(pin) ?? 0;
      if (quietMs === 0) tell(pin, active);
      else timers.set(pin, setTimeout(tell, quietMs, pin, active));
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
