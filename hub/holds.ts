// What must stay, by order: `holds/<id>.json`, one file a hold, durable. Whoever deletes from the archive asks here first, file by file.
// A command beside the running hub may make or release holds too: the folder is read again whenever it has changed.
import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeDurable } from '../agent/write-durable.ts';
import type { Disk } from '../hal/ports.ts';
import { bootSchema, nameSchema } from '../protocol/identity.ts';
import { parseFileName } from '../protocol/record-file.ts';
import type { Place } from './archive.ts';
import { limits } from './limits.ts';

const holdSchema = z.strictObject({
  v: z.literal(1),
  id: z.uuid(),
  case: z.string().max(200),
  reason: z.string().max(1000),
  actor: z.string().max(128),
  atMs: z.number(),
  /** Files of the archive. */
  places: z
    .array(
      z.strictObject({
        node: nameSchema,
        boot: bootSchema,
        name: z
          .string()
          .refine((name) => parseFileName(name) !== undefined, 'must be the name of a record or a segment'),
      }),
    )
    .max(limits.placesPerHold),
  released: z.strictObject({ atMs: z.number(), actor: z.string().max(128), reason: z.string().max(1000) }).optional(),
});
export type Hold = z.infer<typeof holdSchema>;
export type HoldAsked = Pick<Hold, 'case' | 'reason' | 'actor' | 'places'>;

export interface Holds {
  /** Resolves when it is on the disk. */
  hold(asked: HoldAsked): Promise<Hold>;
  /** Undefined where there is no such hold, or it has been released before. The hold stays on record. */
  release(id: string, actor: string, reason: string): Promise<Hold | undefined>;
  /** Rejects when a hold cannot be read: what is held must not be unknown while something is deleted. */
  isHeld(place: Place): Promise<boolean>;
  /** Oldest first, released ones too. */
  all(): Promise<readonly Hold[]>;
}

const holdsDir = (dataDir: string): string => join(dataDir, 'holds');

interface Known {
  /** The folder's, when it was read. */
  readonly mtimeNs: bigint;
  readonly holds: ReadonlyMap<string, Hold>;
  /** Files that a standing hold names. */
  readonly held: ReadonlySet<string>;
}

export async function openHolds(disk: Disk, dataDir: string, wallMs: () => number): Promise<Holds> {
  const dir = holdsDir(dataDir);
  await disk.makeFolder(dir);
  let known = await readAll(dir);
  const current = async (): Promise<Known> => {
    const { mtimeNs } = await stat(dir, { bigint: true });
    if (mtimeNs !== known.mtimeNs) known = await readAll(dir);
    return known;
  };
  const write = async (hold: Hold): Promise<Hold> => {
    await writeDurable(disk, join(dir, `${hold.id}.json`), Buffer.from(`${JSON.stringify(hold)}\n`));
    known = await readAll(dir);
    return hold;
  };
  return {
    hold: (asked) => write(holdSchema.parse({ v: 1, id: randomUUID(), atMs: wallMs(), ...asked })),
    release: async (id, actor, reason) => {
      const hold = (await current()).holds.get(id);
      if (hold === undefined || hold.released !== undefined) return undefined;
      return await write(holdSchema.parse({ ...hold, released: { atMs: wallMs(), actor, reason } }));
    },
    isHeld: async (place) => (await current()).held.has(keyOf(place)),
    all: async () => [...(await current()).holds.values()].sort((one, other) => one.atMs - other.atMs),
  };
}

async function readAll(dir: string): Promise<Known> {
  // The time first: what comes while the files are read is seen the next time.
  const { mtimeNs } = await stat(dir, { bigint: true });
  const names = (await readdir(dir)).filter((name) => /^[0-9a-f-]{36}\.json$/.test(name));
  const all = await Promise.all(
    names.map(async (name) => read(join(dir, name), await readFile(join(dir, name), 'utf8'))),
  );
  const standing = all.filter(({ released }) => released === undefined);
  return {
    mtimeNs,
    holds: new Map(all.map((hold) => [hold.id, hold])),
    held: new Set(standing.flatMap(({ places }) => places.map(keyOf))),
  };
}

const keyOf = ({ node, boot, name }: Place): string => `${node}/${boot}/${name}`;

function read(path: string, text: string): Hold {
  try {
    return holdSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} is not a hold: ${String(cause)}`, { cause });
  }
}
