// The hub's word that it held a manifest at a moment of its own clock: one compact JWS a manifest, beside the record in the archive.
import * as z from 'zod';
import { bootSchema, nameSchema, sha256Schema } from './identity.ts';

export const counterSignatureSchema = z.strictObject({
  v: z.literal(1),
  commune: nameSchema,
  node: nameSchema,
  boot: bootSchema,
  /** seq of a record, seg of a segment. */
  number: z.number().int().nonnegative(),
  is: z.enum(['record', 'segment']),
  /** Of the manifest. */
  sha256: sha256Schema,
  /** No later than this the hub had it, by the hub's clock, Unix ms. */
  hubMs: z.number(),
});
export type CounterSignature = z.infer<typeof counterSignatureSchema>;

/** Its file in a boot's folder of the archive and of an export: one line each, in the order in which the records came. */
export const counterSignaturesName = 'hub.jws';
