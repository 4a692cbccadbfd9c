// A ticket: what a technician carries from the hub to a new node, as a file or a QR code. It is used up by the first node that shows it.
import * as z from 'zod';
import { nameSchema, sha256Schema } from './identity.ts';
import { parseJson } from './parse-json.ts';

const dateSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date, 2026-12-31');

/** A camera that stands on somebody's wall: a household, a school, a shop. */
export const lentSchema = z.strictObject({
  owner: z.string().min(1).max(100),
  /** When the owner agreed, and until when. */
  consentDate: dateSchema,
  consentUntil: dateSchema.optional(),
});
export type Lent = z.infer<typeof lentSchema>;

export const ticketSchema = z.strictObject({
  v: z.literal(1),
  commune: nameSchema,
  node: nameSchema,
  place: z.string().min(1).max(100),
  lent: lentSchema.optional(),
  /** Where the hub takes nodes in: `host:port`, tried in this order. */
  hubs: z
    .array(z.string().regex(/^.{1,253}:\d{1,5}$/, 'must be host:port'))
    .min(1)
    .max(4),
  /** SHA-256 of the commune's CA certificate (DER): the node sends nothing to whoever does not show a certificate of that CA. */
  caSha256: sha256Schema,
  token: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'must be 16 random bytes in base64url'),
  /** Unix ms, by the hub's clock; the hub is the judge of it. */
  expiresMs: z.number(),
});
export type Ticket = z.infer<typeof ticketSchema>;

const mark = 'MATLANG1:';
/** A ticket's text is never longer. */
export const ticketCharsMax = 4096;

export function writeTicket(ticket: Ticket): string {
  return mark + Buffer.from(JSON.stringify(ticket)).toString('base64url');
}

export type TicketRead = { readonly ok: true; readonly ticket: Ticket } | { readonly ok: false; readonly text: string };

/** Takes any text: a ticket file may have comments (`#`) and line ends around its one line. */
export function readTicket(text: string): TicketRead {
  const no = (what: string): TicketRead => ({ ok: false, text: what });
  if (text.length > ticketCharsMax) return no(`a ticket has at most ${ticketCharsMax} characters, not ${text.length}`);
  const line = text
    .split('\n')
    .map((each) => each.trim())
    .find((each) => each !== '' && !each.startsWith('#'));
  if (line === undefined || !line.startsWith(mark)) return no(`a ticket must begin with ${mark}`);
  const parsed = ticketSchema.safeParse(parseJson(Buffer.from(line.slice(mark.length), 'base64url').toString('utf8')));
  if (parsed.success) return { ok: true, ticket: parsed.data };
  const [issue] = parsed.error.issues;
  return no(`not a whole ticket (${issue?.path.map(String).join('.') || 'text'}: ${issue?.message ?? ''})`);
}
