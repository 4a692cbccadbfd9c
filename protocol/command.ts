// Commands to a node and what it answers. Signed by the hub (typ `matlang-command`), for one node, for a short time, run once.
import * as z from 'zod';
import { bootSchema } from './identity.ts';

/** A signed command is never longer. */
export const commandBytesMax = 32 * 1024;
/** A command may not be kept for later than this. */
export const commandAheadMsMax = 24 * 3_600_000;
/** Live pictures stop by themselves after so long; whoever still looks asks again. */
export const liveSecondsMax = 300;

/** A live session: its topic is `out/live/<session>`. */
export const sessionSchema = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits');
const count = z.number().int().nonnegative();
const none = z.strictObject({});
const wholeSeconds = (most: number) => z.number().int().min(1).max(most);
/** What a record lock holds: an event's records and footage, or a stretch of time (Unix ms by the node's clock). */
export const heldSchema = z.union([
  z.strictObject({ event: z.string().min(1).max(64) }),
  z.strictObject({ fromMs: z.number(), toMs: z.number() }),
]);
/** First and last of a run of numbers. */
const runSchema = z.tuple([count, count]);

/** The node's configuration bounds `seconds`. */
const sounder = z.strictObject({ on: z.boolean(), seconds: wholeSeconds(3600).optional() });

const args = {
  /** A still, now. */
  snapshot: none,
  /**
   * `recipient`: the age recipient of this session alone; every message of it is one age file for it. `rate`: `low` is a JPEG every few seconds
   * in place of the film, for a wall; one such session at a time, a new one ends the one before.
   */
  'live.start': z.strictObject({
    session: sessionSchema,
    recipient: z.string().regex(/^age1[0-9a-z]{58}$/, 'must be an age recipient, age1…'),
    seconds: wholeSeconds(liveSecondsMax),
    rate: z.enum(['full', 'low']).optional(),
  }),
  'live.stop': z.strictObject({ session: sessionSchema }),
  /** Minutes that the ring still holds become a clip. Unix ms by the node's clock. */
  lookback: z.strictObject({ fromMs: z.number(), toMs: z.number() }),
  /** A JSON merge patch (RFC 7396) over the node's configuration file; which keys may be set this way is the node's to say. */
  'config.set': z.strictObject({ patch: z.record(z.string().max(64), z.json()) }),
  'record.lock': heldSchema,
  'record.unlock': heldSchema,
  /** Sends again what was delivered before and is still there; without a boot, all of it; without runs, all of that boot. */
  resend: z.strictObject({
    boot: bootSchema.optional(),
    records: z.array(runSchema).max(200).optional(),
    segments: z.array(runSchema).max(200).optional(),
  }),
  lamp: z.strictObject({ on: z.boolean() }),
  siren: sounder,
  strobe: sounder,
  'update.check': none,
  'update.apply': z.strictObject({ version: z.string().max(64).optional() }),
  /** Recorder and uplink begin anew; nothing that is recorded is lost. */
  restart: none,
  /** The camera's owner lends it no longer: the node stops seeing and sending for good. */
  withdraw: none,
} as const;
type Args = typeof args;
export type CommandName = keyof Args;

/** What to do, before it is addressed and signed. */
export type Order = { [Name in CommandName]: { readonly name: Name; readonly args: z.infer<Args[Name]> } }[CommandName];

const envelope = {
  v: z.literal(1),
  /** `<commune>/<node>` */
  aud: z.string().max(65),
  id: z.string().regex(/^[0-9a-zA-Z-]{8,64}$/, 'must be 8 to 64 letters, digits and -'),
};
/** Until when: a moment, or (for a node that does not know the time) so long after it gave out the nonce in its status. */
const timing = {
  expiresAtMs: z.number().optional(),
  ttlMs: z.number().int().min(1000).max(600_000).optional(),
  nonce: z.string().max(64).optional(),
};

const variant = <Name extends CommandName>(name: Name) =>
  z.strictObject({ ...envelope, ...timing, name: z.literal(name), args: args[name] });

export const commandSchema = z
  .discriminatedUnion('name', [
    variant('snapshot'),
    variant('live.start'),
    variant('live.stop'),
    variant('lookback'),
    variant('config.set'),
    variant('record.lock'),
    variant('record.unlock'),
    variant('resend'),
    variant('lamp'),
    variant('siren'),
    variant('strobe'),
    variant('update.check'),
    variant('update.apply'),
    variant('restart'),
    variant('withdraw'),
  ])
  .refine(
    ({ expiresAtMs, ttlMs, nonce }) =>
      expiresAtMs === undefined
        ? ttlMs !== undefined && nonce !== undefined
        : ttlMs === undefined && nonce === undefined,
    { path: ['expiresAtMs'], error: 'must be given, or ttlMs and nonce in its place' },
  );
export type Command = z.infer<typeof commandSchema>;

/** So that who asked can be answered, where the identity at least is sound. */
export const commandIdSchema = z.looseObject({ id: envelope.id });

export const replySchema = z.strictObject({
  v: z.literal(1),
  id: z.string().max(64),
  ok: z.boolean(),
  /**
   * On `ok: false`. `cannot`: this node has no such thing, and will not have it by asking again · `failed`: it tried · `clock`: it does not
   * know the time yet, its status has a nonce · `expired` · `repeated`: it was run before · `busy` · `refused`: forged, malformed or for another ·
   * `gone`: what is asked for is not held here, or not any more.
   */
  why: z.enum(['cannot', 'failed', 'clock', 'expired', 'repeated', 'busy', 'refused', 'gone']).optional(),
  /** For people. */
  text: z.string().max(500),
  /** To `resend`: how many files are sent again. */
  files: count.optional(),
});
export type Reply = z.infer<typeof replySchema>;
