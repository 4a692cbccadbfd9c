// The signed part of a record and of a segment: what stands in clear on the card, on the wire and in the archive.
import * as z from 'zod';
import { bootSchema, namedHashSchema, nameSchema, sha256Schema } from './identity.ts';

export const recordKinds = [
  'event',
  'still',
  'clip',
  'trace',
  'log',
  'fault',
  'vitals',
  'coverage',
  'tombstone',
  'anchor',
  'boot',
] as const;
export type RecordKind = (typeof recordKinds)[number];

/** Drain priority, 0 first: 0 alarms · 1 event manifests, faults, anchors · 2 stills · 3 segments of alarms · 4 segments of events, look-back · 5 traces, vitals, logs. */
export const drainClasses = [0, 1, 2, 3, 4, 5] as const;
export type DrainClass = (typeof drainClasses)[number];
export const drainClassSchema = z.union([
  z.literal(0),
  z.literal(1),
  z.literal(2),
  z.literal(3),
  z.literal(4),
  z.literal(5),
]);

export const levels = ['alarm', 'event'] as const;
export type Level = (typeof levels)[number];

export const triggers = ['motion', 'panic', 'tamper', 'pir', 'door', 'fire', 'keyword', 'bang', 'command'] as const;
export type Trigger = (typeof triggers)[number];

const millis = z.number().int().nonnegative();
/** As many as the digits that a file's name has for them (record-file.ts). */
const numberSchema = z.number().int().nonnegative().max(9_999_999_999);
/** Since the recorder's start: 31 years, the digits that a segment's name has. */
const monoSchema = z.number().nonnegative().max(999_999_999_999);
/** A segment lasts seconds. */
const durationSchema = z.number().nonnegative().max(3_600_000);

/** `monoMs` counts from the recorder's start; `wallMs` is Unix time, null while no clock can be trusted; `errorMs` bounds the error of `wallMs`. */
export const stampSchema = z.strictObject({
  monoMs: monoSchema,
  wallMs: z.number().nullable(),
  clock: z.enum(['none', 'floor', 'hub', 'ntp', 'rtc']),
  errorMs: z.number().nonnegative(),
});
export type Stamp = z.infer<typeof stampSchema>;

/** A segment as a clip names it: identity, hashes of the sealed and the plain bytes, size of the sealed file and its place in time. */
export const segmentRefSchema = z.strictObject({
  boot: bootSchema,
  seg: numberSchema,
  sealedSha256: sha256Schema,
  plainSha256: sha256Schema,
  bytes: z.number().int().nonnegative(),
  firstMonoMs: monoSchema,
  durationMs: durationSchema,
});
export type SegmentRef = z.infer<typeof segmentRefSchema>;

export const manifestSchema = z.strictObject({
  v: z.literal(1),
  commune: nameSchema,
  node: nameSchema,
  boot: bootSchema,
  /** No gaps within a boot, from 0. */
  seq: numberSchema,
  /**
   * SHA-256 of the manifest before this one, across boots; null on a node's very first record. Its first 16 digits where the card would not read that record at a start and
   * only its file's name was known.
   */
  prev: namedHashSchema.nullable(),
  kind: z.enum(recordKinds),
  class: drainClassSchema,
  time: stampSchema,
  /** On kind `event` only. */
  event: z
    .strictObject({
      id: z.string().max(64),
      phase: z.enum(['new', 'update', 'end']),
      trigger: z.enum(triggers),
      level: z.enum(levels),
    })
    .optional(),
  /** On still, clip and trace: what it belongs to. */
  of: z
    .strictObject({
      event: z.string().max(64).optional(),
      part: z.number().int().nonnegative(),
      why: z.enum(['event', 'lookback', 'command']),
    })
    .optional(),
  /** On kind `clip`: the film is the init segment (this record's body) followed by these, in this order. At most 900. */
  segments: z.array(segmentRefSchema).max(900).optional(),
  /** SHA-256 of the init segment. */
  init: sha256Schema.optional(),
  /** On kind `clip`: false where the film ends before its event did (power cut, camera lost). */
  complete: z.boolean().optional(),
  /** On kind `clip`: true on the last part. */
  last: z.boolean().optional(),
  /** The sealed body that follows: its size and hash, the hash of the plaintext and its media type. */
  body: z
    .strictObject({ bytes: millis, sha256: sha256Schema, plainSha256: sha256Schema, type: z.string().max(64) })
    .optional(),
  /** SHA-256 of the active configuration. */
  config: sha256Schema,
  release: z.string().max(64),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const segmentManifestSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal('segment'),
  commune: nameSchema,
  node: nameSchema,
  boot: bootSchema,
  seg: numberSchema,
  /** SHA-256 of the init segment that must stand before this one to play it. */
  init: sha256Schema,
  /** Size of the sealed file. */
  bytes: millis,
  sealedSha256: sha256Schema,
  plainSha256: sha256Schema,
  firstMonoMs: monoSchema,
  durationMs: durationSchema,
  fragments: z.number().int().positive(),
  wallMs: z.number().nullable(),
});
export type SegmentManifest = z.infer<typeof segmentManifestSchema>;
