// The thread that asks the traces once for each sensitivity.
import { parentPort, workerData } from 'node:worker_threads';
import { readTrace, type Trace } from '../../agent/core/trace/decode.ts';
import { type WouldBe, wouldHave } from '../../agent/core/trace/would-have.ts';

export interface Caught {
  /** 1 to 10. */
  readonly levels: readonly {
    readonly sensitivity: number;
    readonly events: number;
    /** The newest of them. */
    readonly newest: readonly {
      readonly atMs: number;
      readonly durationMs: number;
      readonly zones: readonly string[];
    }[];
  }[];
  /** Sensitivities that were set meanwhile. */
  readonly set: readonly number[];
  readonly accountedMs: number;
  readonly gapMs: number;
}

const newestMax = 40;

function caughtIn(traces: readonly Trace[], fromMs: number): Caught {
  const accounts = Array.from({ length: 10 }, (_, index) => {
    const account = wouldHave(traces, index + 1);
    const events = account.events.filter(({ lastWallMs }) => lastWallMs === null || lastWallMs >= fromMs);
    return { account, level: { sensitivity: index + 1, events: events.length, newest: newestOf(events) } };
  });
  const account = accounts[0]?.account;
  return {
    levels: accounts.map(({ level }) => level),
    set: [...new Set(traces.map(({ head }) => head.sensitivity))],
    accountedMs: account?.accountedMs ?? 0,
    gapMs: account?.gaps.reduce((sum, { fromMonoMs, toMonoMs }) => sum + toMonoMs - fromMonoMs, 0) ?? 0,
  };
}

const newestOf = (events: readonly WouldBe[]) =>
  events
    .flatMap(({ firstWallMs, firstMonoMs, lastMonoMs, zones }) =>
      firstWallMs === null ? [] : [{ atMs: firstWallMs, durationMs: lastMonoMs - firstMonoMs, zones }],
    )
    .sort((one, other) => other.atMs - one.atMs)
    .slice(0, newestMax);

const { batches, fromMs }: { batches: readonly Uint8Array[]; fromMs: number } = workerData;
const traces = batches.flatMap((bytes) => {
  const read = readTrace(bytes);
  return read.ok ? [read.trace] : [];
});
parentPort?.postMessage(caughtIn(traces, fromMs));
