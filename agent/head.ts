// `head`: one small file in the identity folder that carries the boot counter and the end of the chain over a full drain.
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '../hal/ports.ts';
import { bootSchema, namedHashSchema } from '../protocol/identity.ts';
import { parseJson } from '../protocol/parse-json.ts';
import { unlessGone } from './gone.ts';
import { writeDurable } from './write-durable.ts';

/** What a newer release adds is passed over: after a roll-back the older one still knows its number, its chain and its time. */
const headSchema = z.object({
  /** The last boot number given out. */
  boot: bootSchema,
  last: z.object({ boot: bootSchema, seq: z.number().int(), sha256: namedHashSchema, name: z.string() }).optional(),
  /** No clock may be believed that is before this (Unix ms). */
  floorMs: z.number(),
});
export type Head = z.infer<typeof headSchema>;

const headPath = (identityDir: string) => join(identityDir, 'head');

/** Undefined on a node's first start, and where the file does not parse (it is written whole or not at all; the listing of the spool then has the say). */
export async function readHead(disk: Disk, identityDir: string): Promise<Head | undefined> {
  const bytes = await unlessGone(disk.read(headPath(identityDir)));
  if (bytes === undefined) return undefined;
  const parsed = headSchema.safeParse(parseJson(Buffer.from(bytes).toString('utf8')));
  return parsed.success ? parsed.data : undefined;
}

export async function writeHead(disk: Disk, identityDir: string, head: Head): Promise<void> {
  await writeDurable(disk, headPath(identityDir), Buffer.from(`${JSON.stringify(head)}\n`));
}
