// What the sealed bodies hold. Only the hub and the escrow key can read these.
import * as z from 'zod';
import { bootSchema } from './identity.ts';
import { levels, recordKinds, triggers } from './manifest.ts';

/** A box in parts of the picture: x, y of the upper left corner, width and height, each 0 to 1. */
export const boxSchema = z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
export type Box = z.infer<typeof boxSchema>;

/** What can be done to the camera's picture. */
export const pictureTampers = ['covered', 'sprayed', 'turned', 'blurred', 'dazzled'] as const;
export type PictureTamper = (typeof pictureTampers)[number];
export const tamperKinds = [...pictureTampers, 'frozen'] as const;
export type TamperKind = (typeof tamperKinds)[number];

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
  /** Set when the picture itself says that somebody works on the camera; `sinceMonoMs` is the last moment at which it was good. */
  tamper: z.strictObject({ kind: z.enum(tamperKinds), sinceMonoMs: z.number() }).optional(),
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

/** Which parts of the hour before were recorded: ranges of monotonic ms. */
export const coverageDetailsSchema = z.strictObject({
  /** The start whose time this is, where it is not the record's own: it was cut off before it could say. */
  boot: bootSchema.optional(),
  fromMonoMs: z.number(),
  toMonoMs: z.number(),
  recorded: z.array(z.strictObject({ fromMonoMs: z.number(), toMonoMs: z.number() })).max(4000),
});
export type CoverageDetails = z.infer<typeof coverageDetailsSchema>;

const between = z.strictObject({ least: z.number(), most: z.number() });

/**
 * Why an event was one: body of a record of kind `trace` that is `of` the event, `application/json`, at most 15,000 bytes whatever the event's length.
 * Times are ms since the event's `firstMonoMs`, shares and places parts of the analysed picture, cells 8x8 of its pixels: a letter for the column from the
 * left, a number for the row from the top (docs/ref/trace.md).
 */
export const eventTraceSchema = z.strictObject({
  event: z.string().max(64),
  /** Size of the analysed picture. */
  width: z.number().int(),
  height: z.number().int(),
  /** Pictures analysed while it went on. */
  pictures: z.number().int(),
  /** What was in force, and between which values the filter's own bar and its estimate of noise moved, grey levels. */
  thresholds: z.strictObject({
    sensitivity: z.number().int(),
    minSize: z.number(),
    minMs: z.number(),
    bar: between,
    noise: between,
  }),
  /** Part of the picture that subjects covered, over time. */
  shares: z.array(z.tuple([z.number(), z.number()])).max(120),
  /** Where subjects were: `c7`, `c7–d9`. */
  cells: z.array(z.string().max(12)).max(40),
  /** The subjects that were there longest. `way`: ms, x, y, width, height. `needs`: the lowest sensitivity at which it counted. */
  tracks: z
    .array(
      z.strictObject({
        fromMs: z.number(),
        toMs: z.number(),
        proof: z.enum(['travel', 'stay']).nullable(),
        needs: z.number().int(),
        peakShare: z.number(),
        contrast: z.number(),
        way: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])).max(24),
      }),
    )
    .max(12),
  /** What was held back meanwhile, by which rule and where; `cells` is null for the whole picture, `needs` 11 for never. */
  held: z
    .array(
      z.strictObject({
        rule: z.string().max(20),
        times: z.number().int(),
        pictures: z.number().int(),
        cells: z.string().max(12).nullable(),
        fromMs: z.number(),
        toMs: z.number(),
        needs: z.number().int(),
      }),
    )
    .max(16),
});
export type EventTrace = z.infer<typeof eventTraceSchema>;
