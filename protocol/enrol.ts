// What a node and its hub say to each other over TLS when the node joins (`POST /enrol`) and when its certificate is renewed (`POST /renew`).
import * as z from 'zod';
import { bootSchema, nameSchema, sha256Schema } from './identity.ts';
import { lentSchema } from './ticket.ts';

/** Neither side says more at once. */
export const enrolBytesMax = 32 * 1024;
const pem = z.string().max(4096);

/** Signed by the node's own signing key, which it brings along (JWS, typ `matlang-enrol`): whoever joins holds both private keys. */
export const enrolRequestSchema = z.strictObject({
  v: z.literal(1),
  token: z.string().max(64),
  /** PKCS #10, PEM: the TLS key. */
  csr: pem,
  /** Ed25519, SPKI PEM. */
  signingKey: pem,
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;

export const renewRequestSchema = z.strictObject({ v: z.literal(1), csr: pem });

export const renewAnswerSchema = z.strictObject({
  v: z.literal(1),
  certificate: pem,
  ca: pem,
  /** The hub's signing key, Ed25519, SPKI PEM. */
  hubKey: pem,
  /** age recipients: whom the node seals for. */
  recipients: z.array(z.string().max(100)).min(1).max(8),
  hubMs: z.number(),
});
export type RenewAnswer = z.infer<typeof renewAnswerSchema>;

/** `order`: a signed command `withdraw`, for a node that the broker lets in no more and that must hear of it. */
export const renewRefusalSchema = z.looseObject({ error: z.string().max(200), order: z.string().max(4096).optional() });

export const enrolAnswerSchema = renewAnswerSchema.extend({
  commune: nameSchema,
  node: nameSchema,
  place: z.string().max(100),
  broker: z.string().max(300),
  mqtt: z.union([z.literal(4), z.literal(5)]),
  /** Where renewals are asked for: `host:port`. */
  hubs: z.array(z.string().max(260)).min(1).max(4),
  lent: lentSchema.optional(),
  /** When a lent camera may watch, as `motion.armed` has it. */
  armed: z.array(z.string().max(60)).max(16).optional(),
  /** The last record of the node that had this name before: the new chain begins where it ended. */
  predecessor: z
    .strictObject({
      boot: bootSchema,
      seq: z.number().int().nonnegative(),
      sha256: sha256Schema,
      name: z.string().max(120),
    })
    .optional(),
});
export type EnrolAnswer = z.infer<typeof enrolAnswerSchema>;

/** Who the hub is on a certificate, and (`use_identity_as_username`) at the broker; no node can have this name. */
export const hubIdentity = (commune: string): string => `hub:${commune}`;
