// Brings the catalogue into line with the archive: after a crash, a lost or damaged catalogue, or on request. Only folders that changed
// since they were last compared are listed, so a start with nothing to do costs one look at each.
import type { Log } from '../agent/log.ts';
import type { Archive, Shelf } from './archive.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogReader } from './catalog-read.ts';
import type { CounterSigner } from './counter-sign.ts';
import { examineManifest } from './examine.ts';
import { index } from './index-entry.ts';
import type { NodeKeys } from './node-keys.ts';
import type { Open } from './open-details.ts';

export interface ReindexParts {
  readonly commune: string;
  readonly archive: Archive;
  readonly catalog: Catalog;
  readonly counterSigner: CounterSigner;
  readonly reader: CatalogReader;
  readonly keys: NodeKeys;
  readonly open: Open;
  readonly wallMs: () => number;
  readonly log: Log;
}
export interface Reindexed {
  readonly added: number;
  /** Files in the archive that are not what their name says, or whose signature does not hold. */
  readonly bad: number;
  /** True when the catalogue knew of files that are no longer there, so that all was read anew. */
  readonly afresh: boolean;
}

export async function reindex(parts: ReindexParts, afresh: boolean): Promise<Reindexed> {
  const { archive, catalog, counterSigner } = parts;
  const changed = (await archive.shelves()).filter((shelf) => afresh || known(catalog, shelf) !== shelf.mtimeMs);
  if (!afresh && (await someAreGone(parts, changed))) return await reindex(parts, true);
  if (afresh) catalog.empty();
  let added = 0;
  let bad = 0;
  for (const shelf of changed) {
    const indexed = indexedNames(catalog, shelf);
    for (const name of await archive.names(shelf)) {
      if (indexed.has(name)) continue;
      if (await addFile(parts, shelf, name)) added += 1;
      else bad += 1;
    }
    await counterSigner.complete(shelf, indexedNames(catalog, shelf));
    catalog.db.prepare('INSERT OR REPLACE INTO shelf VALUES (?, ?, ?)').run(shelf.node, shelf.boot, shelf.mtimeMs);
  }
  catalog.retime();
  await addConflicts(parts);
  return { added, bad, afresh };
}

function known(catalog: Catalog, { node, boot }: Shelf): unknown {
  return catalog.db.prepare('SELECT mtime_ms FROM shelf WHERE node = ? AND boot = ?').get(node, boot)?.mtime_ms;
}

function indexedNames(catalog: Catalog, { node, boot }: Shelf): Set<string> {
  const rows = catalog.db
    .prepare(
      'SELECT name FROM record WHERE node = ?1 AND boot = ?2 UNION ALL SELECT name FROM segment WHERE node = ?1 AND boot = ?2',
    )
    .all(node, boot);
  return new Set(rows.map(({ name }) => String(name)));
}

/** Merged rows cannot be taken apart again: when a file has gone, everything is read anew. */
async function someAreGone({ archive, catalog }: ReindexParts, changed: readonly Shelf[]): Promise<boolean> {
  const shelves = new Set((await archive.shelves()).map(({ node, boot }) => `${node}/${boot}`));
  const boots = catalog.db.prepare('SELECT node, boot FROM record UNION SELECT node, boot FROM segment').all();
  if (boots.some(({ node, boot }) => !shelves.has(`${node}/${boot}`))) return true;
  for (const shelf of changed) {
    const names = new Set(await archive.names(shelf));
    for (const name of indexedNames(catalog, shelf)) if (!names.has(name)) return true;
  }
  return false;
}

async function addFile(parts: ReindexParts, { node, boot }: Shelf, name: string): Promise<boolean> {
  const { archive, commune, keys, catalog, wallMs, log } = parts;
  const place = { node, boot, name };
  const jws = await archive.manifest(place);
  const key = await keys.of(node);
  if (jws === undefined || key === undefined) {
    log('error', 'cannot index', { ...place, why: key === undefined ? 'no key for this node' : 'no manifest' });
    return false;
  }
  const entry = await examineManifest(jws, { commune, node, key });
  if (typeof entry === 'string' || entry.name !== name) {
    const why = typeof entry === 'string' ? entry : 'name';
    catalog.hubFault({ atMs: wallMs(), node, code: 'damaged', text: `${boot}/${name}: ${why}` });
    return false;
  }
  await index(parts, entry);
  return true;
}

/** Evidence of conflicts outlives the catalogue. */
async function addConflicts({ archive, catalog, keys, wallMs }: ReindexParts): Promise<void> {
  const known = new Set(
    catalog.db
      .prepare("SELECT text FROM hub_fault WHERE code = 'conflict'")
      .all()
      .map(({ text }) => String(text)),
  );
  for (const node of await keys.names()) {
    for (const name of await archive.conflicts(node)) {
      if ([...known].some((text) => text.includes(hash16(name)))) continue;
      catalog.hubFault({ atMs: wallMs(), node, code: 'conflict', text: `${name}: kept as evidence` });
    }
  }
}

const hash16 = (name: string): string => name.slice(0, name.lastIndexOf('.')).split('-').at(-1) ?? '';
