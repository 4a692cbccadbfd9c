// What the virtual node and the lab say to each other, one JSON object a line.
import type { HealOutcome } from '../../../agent/heal.ts';

/** To the node, once: begin. */
export interface Go {
  /** False: flushes are left out, a control that must lose. */
  readonly flushes: boolean;
  /** Which entries of `spool/` are the hub's by now: they are delivered. */
  readonly delivered: readonly string[];
}

export interface Linked {
  readonly boot: string;
  readonly seq: number;
  readonly sha256: string;
  readonly prev: string | null;
}

export type GuestWord =
  | { readonly is: 'parked' }
  | {
      readonly is: 'healed';
      readonly identity: HealOutcome;
      readonly data: HealOutcome;
      readonly why: string;
      readonly tookMs: number;
    }
  /** What lies on the card and holds: each name once. */
  | { readonly is: 'have'; readonly names: readonly string[] }
  /** A name behind which there is something else than it says. */
  | { readonly is: 'torn'; readonly name: string; readonly why: string }
  | { readonly is: 'links'; readonly links: readonly Linked[] }
  /** Where the footage of an earlier start ends. */
  | { readonly is: 'footage'; readonly boot: string; readonly toMonoMs: number }
  | { readonly is: 'running'; readonly boot: string; readonly tookMs: number }
  /** Acknowledged: it must be there after any cut. */
  | { readonly is: 'kept'; readonly name: string }
  /** Footage of this start begins here, and an event goes on. */
  | { readonly is: 'filming'; readonly fromMonoMs: number }
  | { readonly is: 'tick'; readonly monoMs: number }
  | { readonly is: 'failed'; readonly why: string };
