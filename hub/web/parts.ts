import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '../../agent/log.ts';
import type { Audit } from '../audit.ts';
import type { Changes } from '../changes.ts';
import type { FilmSource } from '../clip/film.ts';
import type { Summary } from '../counts.ts';
import type { Acks } from '../desk/acks.ts';
import type { Cases } from '../desk/cases.ts';
import type { DaySigns } from '../desk/day.ts';
import type { Desk } from '../desk/desk.ts';
import type { Dispatch } from '../dispatch.ts';
import type { CaseAsked, CaseOpened } from '../export/case.ts';
import type { ExportOpened } from '../export/export.ts';
import type { ExportAsked } from '../export/work.ts';
import type { Holds } from '../holds.ts';
import type { Live } from '../live.ts';
import type { NodeKeys } from '../node-keys.ts';
import type { RetentionRules } from '../retention/due.ts';
import type { Outlook } from '../retention/outlook.ts';
import type { Releases } from '../rollout/acts.ts';

/** What the pages are made from. */
export interface Web extends FilmSource {
  /** Whoever looks at a picture, takes one out or changes something is written down here first. */
  readonly audit: Audit;
  /** What must not be deleted. */
  readonly holds: Holds;
  /** Takes a case out, as a ZIP; hold and audit line are made by it. */
  readonly exportCase: (asked: ExportAsked) => Promise<ExportOpened>;
  readonly exportWhole: (asked: CaseAsked) => Promise<CaseOpened | undefined>;
  readonly cases: Cases;
  readonly outlook: () => Outlook | undefined;
  /** Undefined where nothing is deleted. */
  readonly retention: RetentionRules | undefined;
  /** Accounts, acknowledgements, points, cases. */
  readonly desk: Desk;
  readonly acks: Acks;
  /** What each node did when. */
  readonly signs: DaySigns;
  /** The catalogue with the book attached as `desk`, to be read. */
  readonly db: DatabaseSync;
  readonly keys: NodeKeys;
  readonly changes: Changes;
  readonly releases: Releases;
  readonly summary: () => Summary;
  readonly isConnected: () => boolean;
  /** Commands to nodes, and their live pictures. */
  readonly dispatch: Dispatch;
  readonly live: Live;
  readonly wallMs: () => number;
  /** Names under which this hub may be asked for. */
  readonly hosts: () => readonly string[];
  /** Aborts when the hub stops: long answers end. */
  readonly signal: AbortSignal;
  readonly log: Log;
}
