// What is known about a camera under supervision, what can be seen of it, and what can be done about it. The deciding is in supervise.ts.
import type { CameraFault } from '../ports.ts';

export interface Rules {
  /** Until the first grey picture. */
  readonly startMs: number;
  readonly hangMs: number;
  readonly frozenMs: number;
  readonly restartsWhenFrozen: boolean;
  readonly fragmentMsMax: number;
  /** A proven recipe that fails this often in a row, without proving itself again, is left. */
  readonly failuresMax: number;
  readonly backOffMs: { readonly first: number; readonly max: number };
  /** Running for so long makes earlier failures old. */
  readonly calmMs: number;
  readonly beginsAgain: boolean;
}

export type Phase =
  | { readonly name: 'waiting'; readonly untilMs: number }
  | { readonly name: 'preparing' }
  | { readonly name: 'starting'; readonly recipe: string; readonly sinceMs: number }
  | Running
  /** Ended by us; `thenMs` is when to begin again, undefined when not at all. */
  | { readonly name: 'stopping'; readonly thenMs: number | undefined }
  | { readonly name: 'over' };
export interface Running {
  readonly name: 'running';
  readonly recipe: string;
  readonly sinceMs: number;
  readonly greyMs: number;
  readonly changedMs: number;
  readonly fragmentMs: number;
  readonly proven: boolean;
}

export interface Supervised {
  readonly phase: Phase;
  /** Recipes that failed; those are not tried again until all have. */
  readonly left: readonly { readonly recipe: string; readonly why: string }[];
  readonly recipes: readonly string[];
  /** Recipes that have proven themselves since the process began. */
  readonly proven: readonly string[];
  readonly standing: readonly CameraFault[];
  /** In a row. */
  readonly failures: number;
  readonly restarts: number;
}

export type Seen =
  | { readonly is: 'tick' }
  | { readonly is: 'ready'; readonly recipes: readonly string[] }
  | { readonly is: 'refused'; readonly code: CameraFault; readonly text: string }
  | { readonly is: 'grey'; readonly same: boolean }
  /** The fragment stream cannot be played, or the self-test's decoder says no. */
  | { readonly is: 'unfit'; readonly why: string }
  | { readonly is: 'fragment'; readonly durationMs: number; readonly startsWithKey: boolean }
  | { readonly is: 'proven' }
  /** Every process of the recipe is gone, asked or not. */
  | { readonly is: 'gone'; readonly code: CameraFault; readonly text: string }
  /** Begin anew with what the driver now offers; no fault. */
  | { readonly is: 'renew' }
  | { readonly is: 'stop' };

export type Action =
  | { readonly do: 'prepare' }
  | { readonly do: 'start'; readonly recipe: string }
  | { readonly do: 'end' }
  | { readonly do: 'say'; readonly fault: CameraFault; readonly text: string }
  | { readonly do: 'recover'; readonly fault: CameraFault }
  | { readonly do: 'film-over' }
  | { readonly do: 'finish' };

/** `luck` is 0 to 1, for the jitter of the back-off. */
export interface Moment {
  readonly monoMs: number;
  readonly luck: number;
}
export interface Step {
  readonly state: Supervised;
  readonly actions: readonly Action[];
}
