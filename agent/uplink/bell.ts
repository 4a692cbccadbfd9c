// Wakes the one who waits. A ring while nobody waits is kept, so none is lost; many rings are one.

export interface Bell {
  ring(): void;
  /** Until a ring, or `ms` have passed. */
  wait(ms: number): Promise<void>;
}

export function hangBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    wait: async (ms) => {
      if (!rung && ms > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      rung = false;
    },
  };
}
