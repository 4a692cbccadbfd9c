// What the hub counts while it runs: what it refused and why, what came twice, how quickly events arrived.
import type { Refusal } from './examine.ts';
import { limits } from './limits.ts';

export interface Counts {
  rejected(why: Refusal): void;
  duplicate(): void;
  stray(): void;
  /** An event's first record is on the disk. */
  event(latencyMs: number | null): void;
  figures(): CountFigures;
}
export interface CountFigures {
  readonly duplicates: number;
  readonly rejected: number;
  readonly signatureFailures: number;
  readonly strayChunks: number;
  readonly rejectedBy: Readonly<Partial<Record<Refusal, number>>>;
  /** From the hub's start to the first event stored; null before. */
  readonly firstEventMs: number | null;
  /** From the node's own time of an event to the moment the hub held it. */
  readonly p95EventLatencyMs: number | null;
}

/** `sinceStartMs` counts from the hub's start. */
export function openCounts(sinceStartMs: () => number): Counts {
  const rejectedBy = new Map<Refusal, number>();
  const latencies: number[] = [];
  const tally = { duplicates: 0, stray: 0, events: 0, firstEventMs: null as number | null };
  return {
    rejected: (why) => {
      rejectedBy.set(why, (rejectedBy.get(why) ?? 0) + 1);
    },
    duplicate: () => {
      tally.duplicates += 1;
    },
    stray: () => {
      tally.stray += 1;
    },
    event: (latencyMs) => {
      tally.firstEventMs ??= Math.round(sinceStartMs());
      if (latencyMs !== null) latencies[tally.events++ % limits.latencies] = latencyMs;
    },
    figures: () => ({
      duplicates: tally.duplicates,
      rejected: [...rejectedBy.values()].reduce((sum, count) => sum + count, 0),
      signatureFailures: rejectedBy.get('signature') ?? 0,
      strayChunks: tally.stray,
      rejectedBy: Object.fromEntries(rejectedBy),
      firstEventMs: tally.firstEventMs,
      p95EventLatencyMs: percentile95(latencies),
    }),
  };
}

/** The smallest value that at least 95 of 100 do not exceed. */
export function percentile95(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}

/** What the hub holds, and how this run of it has gone. */
export interface Summary extends CountFigures {
  /** Distinct event ids. */
  readonly events: number;
  readonly clips: number;
  readonly stills: number;
  readonly records: number;
  readonly segments: number;
  /** Missing numbers and links that do not hold, over all nodes. */
  readonly chainGaps: number;
}
