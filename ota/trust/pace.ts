// How fast an update may come in: evidence goes out first.

/** Called after each piece that came; resolves when the next may come. */
export type Pace = (bytes: number) => Promise<void>;
export const unhurried: Pace = () => Promise.resolve();

export interface PaceWorld {
  readonly bytesPerS: number;
  /** An alarm waits on this node for the hub. */
  readonly alarmWaits: () => Promise<boolean>;
  readonly monoMs: () => number;
  readonly rest: (ms: number) => Promise<void>;
}

const lookEveryMs = 2_000;
/** An alarm that the hub never takes must not stop updates for good: after so long a little comes all the same. */
const alarmMsMax = 600_000;
const meanwhileBytes = 1024 * 1024;

/** The rate is kept over the whole download: what a slow link left unused may be caught up for a second, not more. */
export function openPace({ bytesPerS, alarmWaits, monoMs, rest }: PaceWorld): Pace {
  const at = { dueMs: monoMs(), lookedMs: Number.NEGATIVE_INFINITY, grantedBytes: 0 };
  const yieldToAlarms = async () => {
    const beganMs = monoMs();
    while ((await alarmWaits()) && monoMs() - beganMs < alarmMsMax) await rest(lookEveryMs);
    if (monoMs() - beganMs >= alarmMsMax) at.grantedBytes = meanwhileBytes;
    at.lookedMs = monoMs();
  };
  return async (bytes) => {
    at.grantedBytes = Math.max(0, at.grantedBytes - bytes);
    if (at.grantedBytes === 0 && monoMs() - at.lookedMs >= lookEveryMs) await yieldToAlarms();
    at.dueMs = Math.max(at.dueMs, monoMs() - 1000) + (1000 * bytes) / bytesPerS;
    const waitMs = at.dueMs - monoMs();
    if (waitMs > 0) await rest(waitMs);
  };
}
