// What an export says of itself: `contents.jws`, signed by the hub. What it names is all that belongs to it.
import * as z from 'zod';
import { bootSchema, nameSchema, sha256Schema } from './identity.ts';

const number = z.number().int().nonnegative();
const path = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/, 'must be a plain path within the export')
  .refine((text) => !text.split('/').some((part) => part === '.' || part === '..'), 'must be a path within the export');

export const exportContentsSchema = z.strictObject({
  v: z.literal(1),
  commune: nameSchema,
  /** Case, reason and who took it out, as they were told. */
  case: z.string().max(200),
  reason: z.string().max(1000),
  actor: z.string().max(128),
  /** The hub's clock, Unix ms. */
  hubMs: z.number(),
  of: z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('event'), node: nameSchema, id: z.string().max(64) }),
    z.strictObject({ is: z.literal('range'), node: nameSchema, fromMs: z.number(), toMs: z.number() }),
  ]),
  /** The hold under which the originals stay at the hub. */
  hold: z.uuid(),
  /** Every other file of the export. */
  files: z.array(z.strictObject({ path, bytes: number, sha256: sha256Schema })).max(250_000),
  /** Each clip and the opened files that it is made of: the film is `init` followed by `parts`. */
  clips: z
    .array(
      z.strictObject({
        boot: bootSchema,
        seq: number,
        /** A copy for players, with its times moved to zero; null where parts are missing or cannot be opened. */
        video: path.nullable(),
        init: path.nullable(),
        parts: z.array(z.strictObject({ boot: bootSchema, seg: number, path: path.nullable() })).max(900),
      }),
    )
    .max(10_000),
  /** The hub's own log: its last line when this was taken out. */
  audit: z.strictObject({ n: number, sha256: sha256Schema }),
});
export type ExportContents = z.infer<typeof exportContentsSchema>;

/** Names within an export. */
export const exportNames = {
  contents: 'contents.jws',
  sums: 'SHA256SUMS',
  sheetHtml: 'bien-ban.html',
  sheetPdf: 'bien-ban.pdf',
  howTo: 'huong-dan-kiem-tra.txt',
} as const;
