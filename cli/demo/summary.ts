// What a demo run came to. `--json` prints `seconds`, `nodes` and `hub`; `ok` is the exit code.
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

export interface HubSummary {
  readonly events: number;
  readonly clips: number;
  readonly stills: number;
  readonly records: number;
  readonly segments: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly signatureFailures: number;
  readonly chainGaps: number;
  readonly clipsPlayable: number;
  readonly firstEventMs: number | null;
  readonly p95EventLatencyMs: number | null;
}

export interface Summary {
  readonly ok: boolean;
  /** What the nodes made and the hub does not have. */
  readonly lost: readonly string[];
  readonly seconds: number;
  readonly nodes: readonly NodeSummary[];
  readonly hub: HubSummary;
}
