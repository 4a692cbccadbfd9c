// What a demo run came to. `--json` prints `seconds`, `nodes` and `hub`; `ok` is the exit code.
import * as z from 'zod';

export interface NodeSummary {
  readonly id: string;
  readonly framesAnalysed: number;
  readonly fragments: number;
  readonly segments: number;
  readonly events: number;
  readonly clips: number;
  readonly stills: number;
  readonly faults: number;
  readonly spoolLeft: number;
  /** The most that all processes of the node used at once, and the CPU time of all of them. */
  readonly rssMb: number;
  readonly cpuS: number;
}

const count = z.number().int().nonnegative();

/** What the hub says of itself; keys that are not named here are left out. */
export const hubSummarySchema = z.object({
  events: count,
  clips: count,
  stills: count,
  records: count,
  segments: count,
  duplicates: count,
  rejected: count,
  signatureFailures: count,
  chainGaps: count,
  firstEventMs: z.number().nullable(),
  p95EventLatencyMs: z.number().nullable(),
});
export type HubSummary = z.infer<typeof hubSummarySchema> & { readonly clipsPlayable: number };

export interface Summary {
  readonly ok: boolean;
  /** What the nodes made and the hub does not have. */
  readonly lost: readonly string[];
  readonly seconds: number;
  readonly nodes: readonly NodeSummary[];
  readonly hub: HubSummary;
}
