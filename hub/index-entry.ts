// From the archive into the catalogue, one file at a time.
import type { Archive } from './archive.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogReader } from './catalog-read.ts';
import type { Entry } from './examine.ts';
import { type Details, hasDetails, type Open, openDetails } from './open-details.ts';

export interface IndexParts {
  readonly archive: Archive;
  readonly catalog: Catalog;
  readonly reader: CatalogReader;
  readonly open: Open;
}

/** Puts what lies in the archive into the catalogue, with what can be opened of it. */
export async function index({ archive, catalog, reader, open }: IndexParts, entry: Entry): Promise<Details> {
  const storedMs = await archive.storedMs(entry);
  const details: Details = hasDetails(entry)
    ? await openDetails(entry, await archive.body(entry), open)
    : { is: 'none' };
  catalog.add(entry, storedMs, details);
  const gone = details.is === 'tombstone' ? details.tombstone.gone.map(({ boot }) => boot) : [];
  if (gone.length > 0) reader.forgetChain(entry.node, gone);
  if (entry.is === 'record') reader.chainGrew(entry.node, entry.boot, entry.number);
  return details;
}
