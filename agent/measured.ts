// What a process used, for its last log line. With MATLANG_MEASURE=1 also how late its event loop ran (a bench asks for that; it costs wake-ups).
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 25;

export interface Measured {
  /** Start-up is no steady state: what came before this call does not count. */
  begin(): void;
  end(): {
    readonly rssMb: number;
    readonly cpuS: number;
    readonly loopDelayP999Ms?: number;
    readonly loopDelayMaxMs?: number;
  };
}

export function openMeasured(env: NodeJS.ProcessEnv = process.env): Measured {
  const delays = env.MATLANG_MEASURE === '1' ? monitorEventLoopDelay({ resolution: resolutionMs }) : undefined;
  return {
    begin: () => {
      delays?.enable();
      delays?.reset();
    },
    end: () => {
      const { user, system } = process.cpuUsage();
      const used = { rssMb: tenths(process.memoryUsage.rss() / 1024 ** 2), cpuS: (user + system) / 1e6 };
      if (delays === undefined) return used;
      // The histogram counts from one timer to the next, so the timer's own period is no delay.
      const late = (nanoseconds: number) => tenths(Math.max(0, nanoseconds / 1e6 - resolutionMs));
      return { ...used, loopDelayP999Ms: late(delays.percentile(99.9)), loopDelayMaxMs: late(delays.max) };
    },
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
