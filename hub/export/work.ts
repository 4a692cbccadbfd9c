// What all that fills an export works on.
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '../../agent/log.ts';
import type { ArchiveReader } from '../archive.ts';
import type { Audit } from '../audit.ts';
import type { CatalogReader } from '../catalog-read.ts';
import type { Holds } from '../holds.ts';
import type { Open } from '../open-details.ts';
import type { Pack } from './pack.ts';
import type { Asked, Scope, Selection } from './select.ts';

export interface ExportParts {
  readonly commune: string;
  readonly archive: ArchiveReader;
  readonly audit: Audit;
  readonly db: DatabaseSync;
  readonly reader: CatalogReader;
  readonly holds: Holds;
  readonly open: Open;
  /** Public keys of the nodes, `<node>.pub`. */
  readonly keysDir: string;
  /** Of the commune's CA; there may be none. */
  readonly caCertificate: string;
  /** The hub's, PEM. */
  readonly signingKey: string;
  readonly wallMs: () => number;
  readonly log: Log;
}
export interface ExportAsked {
  readonly of: Asked;
  /** Name or number of the case, as people say it. */
  readonly case: string;
  readonly reason: string;
  /** Who takes it out, as in the audit log. */
  readonly actor: string;
}
export interface Work {
  readonly parts: ExportParts;
  readonly asked: ExportAsked;
  readonly scope: Scope;
  readonly selection: Selection;
  readonly pack: Pack;
  readonly atMs: number;
  readonly hold: string;
  readonly audit: { readonly n: number; readonly sha256: string };
  /** Names of files that could not be opened, or are not what was signed; added to as they are found. */
  readonly damaged: string[];
}
