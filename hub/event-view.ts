// An event as pages are told of it, from its row in the catalogue.
import * as z from 'zod';
import { type Box, eventDetailsSchema } from '../protocol/details.ts';

export interface EventView {
  readonly node: string;
  readonly id: string;
  readonly title: string;
  /** Unix ms. */
  readonly atMs: number;
  /** The true moment lies no farther from `atMs`; null where it is only known that it was no later. */
  readonly errorMs: number | null;
  /** `own`: as the node said. `re-timed`: by what the same start of the node said before or later. `stored`: when the hub had it. */
  readonly timeBy: 'own' | 're-timed' | 'stored';
  /** What the node said, right or wrong; null where it knew no time. */
  readonly saidMs: number | null;
  /** Where only the hub's time is known: it was no earlier than this, by the last moment that is known of an earlier start. */
  readonly afterMs: number | null;
  readonly trigger: string;
  readonly level: string;
  readonly ended: boolean;
  readonly durationMs: number | null;
  readonly reason: string | null;
  readonly zones: readonly string[];
  readonly endedBy: string | null;
  /** Where the subject was, each box in parts of the picture. */
  readonly boxes: readonly Box[];
  readonly still: string | null;
  readonly clips: readonly ClipView[];
}
export interface ClipView {
  readonly url: string;
  readonly part: number;
  readonly durationMs: number;
  /** Segments that are here, of those that the clip is made of. */
  readonly here: number;
  /** Segments that will never come: the node gave them up for want of room. */
  readonly gone: number;
  readonly of: number;
  /** False where the film ends before its event did. */
  readonly complete: boolean;
}
/** What `eventHead` reads. */
export const eventColumns = `SELECT e.node, e.id, coalesce(n.title, e.node) AS title, e.at_ms, e.at_error_ms, e.at_by, e.said_ms, e.cause, e.level, e.ended,
  e.details FROM event e LEFT JOIN node n ON n.node = e.node`;

export interface EventRow {
  readonly node: string;
  readonly id: string;
  readonly title: string;
  readonly at_ms: number;
  readonly at_error_ms: number | null;
  readonly at_by: EventView['timeBy'];
  readonly said_ms: number | null;
  readonly cause: string;
  readonly level: string;
  readonly ended: number;
  readonly details: string | null;
}

const detailsSchema = z.preprocess(
  (text) => (typeof text === 'string' ? JSON.parse(text) : null),
  eventDetailsSchema.nullable(),
);

export function eventHead(row: EventRow): EventHead {
  const details = detailsSchema.parse(row.details);
  return {
    node: row.node,
    id: row.id,
    title: row.title,
    atMs: row.at_ms,
    errorMs: row.at_error_ms,
    timeBy: row.at_by,
    saidMs: row.said_ms,
    trigger: row.cause,
    level: row.level,
    ended: row.ended === 1,
    durationMs: details === null ? null : details.lastMonoMs - details.firstMonoMs,
    reason: details?.reason ?? null,
    zones: details?.zones ?? [],
    endedBy: details?.endedBy ?? null,
    boxes: details?.boxes ?? [],
  };
}

/** What its own row tells. */
type EventHead = Omit<EventView, 'afterMs' | 'still' | 'clips'>;
