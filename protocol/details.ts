// What the sealed bodies hold. Only the hub and the escrow key can read these.
import * as z from 'zod';
import { levels, recordKinds, triggers } from './manifest.ts';

/** A box in parts of the picture: x, y of the upper left corner, width and height, each 0 to 1. */
export const boxSchema = z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
export type Box = z.infer<typeof boxSchema>;

/** Body of an event record, `application/json`. Shares are parts of the watched area, 0 to 1. */
export const eventDetailsSchema = z.strictObject({
  id: z.string(),
  trigger: z.enum(triggers),
  level: z.enum(levels),
  /** First and last moment the subject was seen (monotonic ms of the boot), without quiet time, pre-roll or post-roll. */
  firstMonoMs: z.number(),
  lastMonoMs: z.number(),
  peakShare: z.number(),
  boxes: z.array(boxSchema).max(32),
  zones: z.array(z.string()).max(64),
  /** Why this was an event, in words and figures. */
  reason: z.string().max(500),
  /** Set on phase `end` when something other than quiet ended it. */
  endedBy: z.enum(['quiet', 'stop', 'camera-lost', 'film-end', 'power-cut']).optional(),
});
export type EventDetails = z.infer<typeof eventDetailsSchema>;

export const faultDetailsSchema = z.strictObject({
  code: z.string().max(64),
  /** True when a fault stands, false when it is over. */
  standing: z.boolean(),
  text: z.string().max(2000),
});
export type FaultDetails = z.infer<typeof faultDetailsSchema>;

/** Names records that were given up, unsent, to make room. */
export const tombstoneDetailsSchema = z.strictObject({
  why: z.enum(['quota', 'damaged', 'card-lost']),
  gone: z
    .array(
      z.strictObject({
        boot: z.string(),
        /** seq of a record or seg of a segment. */
        number: z.number().int(),
        kind: z.enum([...recordKinds, 'segment']),
        sha256: z.string(),
        bytes: z.number(),
      }),
    )
    .max(500),
});
export type TombstoneDetails = z.infer<typeof tombstoneDetailsSchema>;

/** Which parts of the hour before were recorded: ranges of monotonic ms, and how many segments stood for them. */
export const coverageDetailsSchema = z.strictObject({
  fromMonoMs: z.number(),
  toMonoMs: z.number(),
  recorded: z.array(z.strictObject({ fromMonoMs: z.number(), toMonoMs: z.number() })).max(4000),
});
export type CoverageDetails = z.infer<typeof coverageDetailsSchema>;
