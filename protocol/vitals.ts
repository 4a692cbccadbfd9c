// How a node is, as it says on `out/vitals`. Not signed, not kept: what must be proven stands in records.
import * as z from 'zod';

const count = z.number().int().nonnegative();

/** What waits on the node for the hub's receipt. `oldestAgeMs` is null when nothing waits or its age cannot be known. */
export const queueSchema = z.looseObject({
  /** Event records among the files. */
  events: count.optional(),
  files: count,
  oldestAgeMs: z.number().nonnegative().nullable(),
});

/** What the board tells from /proc and /sys. */
export const boardSchema = z.looseObject({
  temperatureC: z.number().nullable().optional(),
  /** Raspberry Pi firmware bits, see the firmware's get_throttled. */
  throttled: z.number().nullable().optional(),
  load1: z.number().optional(),
  uptimeS: z.number().optional(),
  memory: z.looseObject({ totalBytes: z.number(), availableBytes: z.number() }).optional(),
  card: z.looseObject({ freeBytes: z.number(), totalBytes: z.number(), readOnly: z.boolean() }).nullable().optional(),
});

/** `onTrial`: what the recorder runs has not been proven yet · `back`: the last release that this node went back from, and why · `last`: the newest word about an update. */
export const updateSchema = z.looseObject({
  onTrial: z.boolean().optional(),
  back: z
    .looseObject({ release: z.string().max(64), why: z.string().max(2000) })
    .nullable()
    .optional(),
  last: z.looseObject({ is: z.string().max(32), release: z.string().max(64), why: z.string().max(64) }).optional(),
});

/** Loose: a newer node may say more. What a board does not tell is null or absent. */
export const vitalsSchema = z.looseObject({
  queue: queueSchema.optional(),
  camera: z
    .looseObject({
      driver: z.string().max(64).optional(),
      recipe: z.string().max(200).nullable().optional(),
      restarts: count.optional(),
    })
    .optional(),
  board: boardSchema.optional(),
  /** `kind`: `metered` or `unmetered`. */
  link: z.looseObject({ kind: z.string().max(32).optional() }).optional(),
  /** What the recorder runs. The status names what the uplink runs: for a while after a switch another. */
  release: z.string().max(64).optional(),
  /** Where its software stands. */
  update: updateSchema.optional(),
  /** What is wrong now. */
  faults: z
    .array(z.looseObject({ code: z.string().max(64), text: z.string().max(2000) }))
    .max(64)
    .optional(),
});
export type VitalsMessage = z.infer<typeof vitalsSchema>;
/** A longer vitals or status payload is refused unread. */
export const vitalsBytesMax = 16 * 1024;
