// How a source becomes the three pipes: one or more programs, each one's standard output being the next one's standard input.
import type { Writable } from 'node:stream';
import type { CameraFault } from '../ports.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Given on standard input, which then closes: secrets come this way, not by `args`. First command only. */
  readonly input?: string;
}

export type Pipe = 'fragments' | 'grey' | 'jpeg';

export interface Recipe {
  /** Unique among a driver's recipes; shown by the doctor. */
  readonly name: string;
  readonly commands: readonly [Command, ...Command[]];
  /** Which command gives which pipe, and on which descriptor. The last command's descriptor 1 is always one of ours. */
  readonly gives: Readonly<Record<Pipe, { readonly command: number; readonly fd: 1 | 3 | 4 }>>;
  /** Writes the first command's standard input for as long as the recipe runs, and says what went wrong when it cannot go on. */
  readonly feed?: (into: Writable, signal: AbortSignal) => Promise<Trouble>;
}

export interface Trouble {
  readonly code: CameraFault;
  readonly text: string;
}

/** How one process of a recipe came to its end. */
export interface Ended {
  readonly program: string;
  /** Null when a signal ended it, or when it cannot be ended. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastWords: string;
}

export type Prepared =
  | { readonly ok: true; readonly recipes: readonly [Recipe, ...Recipe[]] }
  | ({ readonly ok: false } & Trouble);

/** A kind of source. */
export interface Driver {
  readonly name: string;
  /** Looks whether the source is there and how it may be used: recipes in the order in which they are to be tried. */
  prepare(signal: AbortSignal): Promise<Prepared>;
  /** What it means that the recipe's processes ended without being asked; 'film-ended' is the orderly end of a film. */
  explain(ended: readonly Ended[], playedMs: number): Trouble;
  /** No grey picture for so long is a hang. */
  readonly hangMs: number;
  /** Longest fragment that still counts as "key frames where asked". */
  readonly fragmentMsMax: number;
  /** A frozen live camera is started anew; a film of a still scene is only reported. */
  readonly restartsWhenFrozen: boolean;
  /** Every start shows the film from its beginning. */
  readonly beginsAfresh: boolean;
  /** A film that goes round. */
  readonly beginsAgain: boolean;
  readonly secrets: readonly string[];
}
