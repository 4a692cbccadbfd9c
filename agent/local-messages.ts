// What recorder and uplink say to one another over the local socket: one JSON object a line, checked on both sides.
import * as z from 'zod';
import { commandSchema, replySchema, sessionSchema } from '../protocol/command.ts';
import { sha256Schema } from '../protocol/identity.ts';
import { drainClassSchema } from '../protocol/manifest.ts';

/** A line longer than this ends the connection. */
export const lineBytesMax = 64 * 1024;

export const recorderMessageSchema = z.discriminatedUnion('is', [
  /** A new file waits in this class. */
  z.strictObject({ is: z.literal('doorbell'), class: drainClassSchema }),
  /** Any JSON record; the uplink adds the state of the link and publishes it. */
  z.strictObject({ is: z.literal('vitals'), vitals: z.record(z.string().max(64), z.unknown()) }),
  z.strictObject({
    is: z.literal('status'),
    boot: z.string().max(32),
    release: z.string().max(64),
    configSha256: sha256Schema,
    /** Why a newer configuration was refused. */
    configError: z.string().max(4000).optional(),
  }),
  z.strictObject({ is: z.literal('reply'), reply: replySchema }),
  /** A sealed piece of live picture lies under this name in the run folder; whoever takes it removes it. */
  z.strictObject({
    is: z.literal('live'),
    session: sessionSchema,
    file: z.string().regex(/^live-[0-9a-f]{32}-\d{1,6}\.age$/),
  }),
]);
export type RecorderMessage = z.infer<typeof recorderMessageSchema>;

export const uplinkMessageSchema = z.discriminatedUnion('is', [
  /** Signed by the hub, meant for this node, not expired, not seen before: all that is checked already. */
  z.strictObject({ is: z.literal('command'), command: commandSchema }),
  z.strictObject({
    is: z.literal('fault'),
    code: z.string().max(64),
    standing: z.boolean(),
    text: z.string().max(2000),
  }),
  /** The hub's clock at the moment of sending this line, Unix ms; off by at most `errorMs`. */
  z.strictObject({ is: z.literal('hubTime'), hubMs: z.number(), errorMs: z.number().nonnegative() }),
  z.strictObject({
    is: z.literal('link'),
    state: z.enum(['online', 'offline']),
    queued: z.number().int().nonnegative(),
    /** Null when nothing waits, or its age cannot be known. */
    oldestAgeMs: z.number().nonnegative().nullable(),
    /** Bytes handed to the broker since the uplink started. */
    sentBytes: z.number().nonnegative(),
  }),
]);
export type UplinkMessage = z.infer<typeof uplinkMessageSchema>;
