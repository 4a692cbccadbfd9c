// Is the hub itself there, and does it have this record? `POST /here` at the enrolment door, asked by a node whose new release is on trial or that wants to know the time.
// The answer is signed for one question (JWS, typ `matlang-here`): a broker, a proxy or an older answer cannot give it.
import * as z from 'zod';
import { bootSchema, sha256Schema } from './identity.ts';

export const hereRequestSchema = z.strictObject({
  v: z.literal(1),
  nonce: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits'),
  record: z.strictObject({ boot: bootSchema, seq: z.number().int().nonnegative(), sha256: sha256Schema }).optional(),
});

export const hereAnswerSchema = z.strictObject({
  v: z.literal(1),
  /** The node that asked: `<commune>/<node>`. */
  aud: z.string().max(65),
  nonce: z.string().max(32),
  /** The hub's clock, Unix ms. */
  hubMs: z.number(),
  /** The hub hears its broker and has room: what a node sends now would be stored. */
  taking: z.boolean(),
  /** The record that was asked after is stored for good; false also where none was asked after. */
  stored: z.boolean(),
});
export type HereAnswer = z.infer<typeof hereAnswerSchema>;
