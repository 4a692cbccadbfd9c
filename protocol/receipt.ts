// What the hub says back: what it holds for good, what it still lacks, what it will not take.
import * as z from 'zod';
import { bootSchema, nameSchema, sha256Schema } from './identity.ts';

/** Bodies and segments travel in blocks of this size; a chunk topic's index counts them. Sending several blocks in one chunk is allowed. */
export const blockBytes = 16 * 1024;

export const receiptSchema = z.strictObject({
  v: z.literal(1),
  /** The node this is for: `<commune>/<node>`. */
  aud: z.string().max(65),
  /** The hub's clock, Unix ms. */
  hubMs: z.number(),
  /** Records (seq) and segments (seg) stored for good: `sha256` is the manifest's. */
  stored: z
    .array(
      z.strictObject({
        boot: bootSchema,
        seq: z.number().int().nonnegative().optional(),
        seg: z.number().int().nonnegative().optional(),
        sha256: sha256Schema,
      }),
    )
    .max(1000),
  /** Bodies not whole yet: `id` is the manifest's SHA-256, ranges of blocks [from, to). */
  missing: z
    .array(
      z.strictObject({
        id: sha256Schema,
        ranges: z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])).max(1000),
      }),
    )
    .max(100),
  /** Refused, with the reason; the node keeps them and says so. */
  refused: z.array(z.strictObject({ id: sha256Schema, why: z.string().max(200) })).max(100),
});
export type Receipt = z.infer<typeof receiptSchema>;

export const statusSchema = z.strictObject({
  state: z.enum(['online', 'offline', 'stopped']),
  sinceMs: z.number(),
  release: z.string().max(64),
  boot: z.string().max(32),
  /** The point's name as people say it. */
  title: z.string().max(200),
  /** While the node does not know the time: commands to it carry this in place of a moment. */
  nonce: z.string().max(64).optional(),
});
export type Status = z.infer<typeof statusSchema>;

export const audience = (commune: string, node: string): string =>
  `${nameSchema.parse(commune)}/${nameSchema.parse(node)}`;
