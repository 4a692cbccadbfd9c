// Work that is done every so often, one run at a time.

export interface Regular<T> {
  /** One run; who asks meanwhile waits for the same. Rejects as the work does. */
  now(): Promise<T>;
  /** The same, where what fails is only told: it is tried again at the next turn. */
  quietly(): Promise<void>;
  /** No further turns; waits for a run that is under way. */
  close(): Promise<void>;
}

/** The first turn is `everyMs` from now. `failed` hears why a run that nobody waits for came to nothing. */
export function regularly<T>(work: () => Promise<T>, everyMs: number, failed: (error: unknown) => void): Regular<T> {
  let running: Promise<T> | undefined;
  const now = (): Promise<T> => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
  const quietly = () => now().then(() => undefined, failed);
  const timer = setInterval(() => void quietly(), everyMs);
  return {
    now,
    quietly,
    close: async () => {
      clearInterval(timer);
      await running?.catch(() => undefined);
    },
  };
}
