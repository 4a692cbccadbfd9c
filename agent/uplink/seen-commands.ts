// Which commands were run: kept on the card until they expire, so that none runs twice, also not after a restart.
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '../../hal/ports.ts';
import { unlessGone } from '../gone.ts';
import { writeDurable } from '../write-durable.ts';

export interface SeenCommands {
  has(id: string): boolean;
  /** Durable on return. False where as many as may be are open: an old one would have to be forgotten. Throws what the disk throws. */
  add(id: string, untilMs: number): Promise<boolean>;
  /** It did not run after all. */
  remove(id: string): Promise<void>;
  /** Those that expired before `nowMs`; call it only with a time that is known. */
  forget(nowMs: number): void;
}

/** A command lives a day at most; a desk gives a few dozen. */
const rememberedMax = 256;
const fileSchema = z.array(z.tuple([z.string().max(64), z.number()])).max(rememberedMax);

/** A file that does not parse is as good as none: it is written whole or not at all. */
export async function openSeenCommands(disk: Disk, dataDir: string): Promise<SeenCommands> {
  const path = join(dataDir, 'commands.json');
  const bytes = await unlessGone(disk.read(path));
  const seen = new Map(bytes === undefined ? [] : parse(bytes));
  const write = () => writeDurable(disk, path, Buffer.from(`${JSON.stringify([...seen])}\n`));
  return {
    has: (id) => seen.has(id),
    add: async (id, untilMs) => {
      if (seen.size >= rememberedMax) return false;
      seen.set(id, untilMs);
      await write();
      return true;
    },
    remove: async (id) => {
      if (seen.delete(id)) await write();
    },
    forget: (nowMs) => {
      for (const [id, untilMs] of seen) if (untilMs <= nowMs) seen.delete(id);
    },
  };
}

function parse(bytes: Uint8Array): [string, number][] {
  try {
    return fileSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data ?? [];
  } catch {
    return [];
  }
}
