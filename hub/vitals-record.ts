// A node's own account of its vitals, written every quarter of an hour whether or not anybody hears it: it closes the gaps in the plots that an outage has left.
import * as z from 'zod';
import { boardSchema } from '../protocol/vitals.ts';
import type { ArchiveReader } from './archive.ts';
import { type Catalog, vitalSlotMs } from './catalog.ts';
import type { Entry } from './examine.ts';
import { limits } from './limits.ts';
import type { Open } from './open-details.ts';

const bodySchema = z.looseObject({
  samples: z.array(z.looseObject({ wallMs: z.number().nullable(), board: boardSchema })).max(1000),
});

const keptMs = limits.vitalSlots * vitalSlotMs;

interface Parts {
  readonly archive: Pick<ArchiveReader, 'body'>;
  readonly catalog: Pick<Catalog, 'history' | 'together'>;
  readonly open: Open;
  readonly wallMs: () => number;
}

/** Nothing for other records. What cannot be read leaves its gap: the record itself lies in the archive. */
export async function keepHistory({ archive, catalog, open, wallMs }: Parts, entry: Entry): Promise<void> {
  if (entry.is !== 'record' || entry.manifest.kind !== 'vitals' || entry.body === undefined) return;
  const plain = await archive
    .body(entry)
    .then(open)
    .catch(() => undefined);
  const samples = plain === undefined ? [] : samplesIn(plain);
  const nowMs = wallMs();
  catalog.together(() => {
    // Without a clock nobody knows where in a plot it belongs, and a clock may be wrong.
    for (const { wallMs: atMs, board } of samples)
      if (atMs !== null && atMs > nowMs - keptMs && atMs <= nowMs) catalog.history(entry.node, { board }, atMs);
  });
}

function samplesIn(plain: Uint8Array): z.infer<typeof bodySchema>['samples'] {
  try {
    return bodySchema.safeParse(JSON.parse(Buffer.from(plain).toString('utf8'))).data?.samples ?? [];
  } catch {
    return [];
  }
}
