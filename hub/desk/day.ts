// A node's day, minute by minute: what it saw, what it kept, and when nobody can say. The minutes of a day are 1,440, each in one state.
import type { DatabaseSync } from 'node:sqlite';
import type { Contact, Span } from './contact.ts';

/**
 * `recording`: recorded, and in touch with the hub · `buffering`: recorded while out of touch · `watching`: at work, nothing (yet) said to be recorded ·
 * `blind`: at work, and the camera saw nothing or not its place · `offline`: no sign of it · `ahead`: has not come yet.
 */
export const minuteStates = ['recording', 'buffering', 'watching', 'blind', 'offline', 'ahead'] as const;
export type MinuteState = (typeof minuteStates)[number];

export const minutesPerDay = 1440;
export const minuteMs = 60_000;
export const dayMs = minutesPerDay * minuteMs;

export interface Signs {
  /** The recorder ran. */
  readonly ran: readonly Span[];
  readonly recorded: readonly Span[];
  readonly contact: readonly Span[];
  /** A fault of the camera stood. */
  readonly blind: readonly Span[];
}

/** A minute is what its middle is. `length`: of how many, a day's where it is left out. */
export function minutesOf(signs: Signs, fromMs: number, nowMs: number, length = minutesPerDay): MinuteState[] {
  const { painted, come } = paint(signs, fromMs, nowMs, length);
  return Array.from(painted, (marks, minute) => (minute < come ? stateOf(marks) : 'ahead'));
}

/** How many minutes are in which state, without a list of them: a month of a hundred nodes has four million. */
export function minuteTotals(
  signs: Signs,
  fromMs: number,
  nowMs: number,
  length = minutesPerDay,
): Record<MinuteState, number> {
  const { painted, come } = paint(signs, fromMs, nowMs, length);
  // Counted by their marks first: sixteen sums and one look at each minute.
  const counts = new Uint32Array(everyMark + 1);
  for (let minute = 0; minute < come; minute++) {
    const marks = painted[minute] ?? 0;
    counts[marks] = (counts[marks] ?? 0) + 1;
  }
  const totals = { recording: 0, buffering: 0, watching: 0, blind: 0, offline: 0, ahead: length - come };
  for (const [marks, count] of counts.entries()) totals[stateOf(marks)] += count;
  return totals;
}

const mark = { ran: 1, recorded: 2, contact: 4, blind: 8 } as const;
const everyMark = 15;

function stateOf(marks: number): MinuteState {
  if ((marks & (mark.ran | mark.recorded | mark.contact)) === 0) return 'offline';
  if ((marks & mark.blind) !== 0) return 'blind';
  if ((marks & mark.recorded) === 0) return 'watching';
  return (marks & mark.contact) === 0 ? 'buffering' : 'recording';
}

/** The marks of each minute, and how many of them have come. */
function paint(signs: Signs, fromMs: number, nowMs: number, length: number): { painted: Uint8Array; come: number } {
  const painted = new Uint8Array(length);
  for (const name of ['ran', 'recorded', 'contact', 'blind'] as const)
    for (const span of signs[name]) {
      const end = Math.min(length, firstMinute(span.toMs, fromMs));
      for (let minute = Math.max(0, firstMinute(span.fromMs, fromMs)); minute < end; minute++)
        painted[minute] = (painted[minute] ?? 0) | mark[name];
    }
  return { painted, come: Math.min(length, Math.max(0, Math.floor((nowMs - fromMs) / minuteMs - 0.5) + 1)) };
}

/** Whose middle is not before this moment. */
const firstMinute = (ms: number, fromMs: number) => Math.ceil((ms - fromMs) / minuteMs - 0.5);

/** Faults that leave the node without a picture, or with one of something else. */
const blinding = [
  ...['camera-absent', 'camera-exit', 'camera-hang', 'camera-frozen', 'camera-input', 'camera-recipe'],
  ...['camera-covered', 'camera-sprayed', 'camera-turned', 'camera-blurred', 'camera-dazzled'],
];

export interface DaySigns {
  /** Between two moments that are whole minutes. */
  of(node: string, fromMs: number, toMs: number): Signs;
}

/** Where the signs lie: coverage and segments in the catalogue, contact in the desk's book. */
export function openDaySigns(db: DatabaseSync, contact: Contact): DaySigns {
  const ask = <T>(sql: string) => {
    const statement = db.prepare(sql);
    return (...values: (string | number)[]): T[] => statement.all(...values) as T[];
  };
  const length = 'to_mono_ms - from_mono_ms';
  // A record covers an hour, or a little more where the clock came late.
  const covered = ask<Span & { recorded: number }>(
    `SELECT from_ms AS fromMs, from_ms + ${length} AS toMs, recorded FROM coverage WHERE node = ? AND from_ms > ? - 7200000 AND from_ms < ?`,
  );
  const filmed = db.prepare(
    `SELECT minute FROM filmed_minute WHERE node = ? AND minute >= ? / ${minuteMs} AND minute < ? / ${minuteMs} AND segments > 0 ORDER BY minute`,
  );
  // A month has tens of thousands of them: as arrays they come in a quarter of the time.
  filmed.setReturnArrays(true);
  const faults = ask<{ code: string; standing: number; atMs: number }>(
    `SELECT code, standing, at_ms AS atMs FROM fault WHERE node = ? AND at_ms < ? AND code IN (${blinding.map((code) => `'${code}'`).join(', ')}) ORDER BY boot, seq`,
  );
  return {
    of: (node, fromMs, toMs) => {
      const told = covered(node, fromMs, toMs);
      return {
        ran: told.filter(({ recorded }) => recorded === 0),
        recorded: [
          ...told.filter(({ recorded }) => recorded === 1),
          ...filmedSpans(filmed.all(node, fromMs, toMs) as unknown as [number][]),
        ],
        contact: contact.spans(node, fromMs, toMs),
        blind: standingSpans(faults(node, toMs), toMs),
      };
    },
  };
}

/** `rows`: minutes since 1970, ascending. */
function filmedSpans(rows: readonly (readonly [number])[]): Span[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  for (const [minute] of rows) {
    const last = spans.at(-1);
    if (last?.toMs === minute * minuteMs) last.toMs += minuteMs;
    else spans.push({ fromMs: minute * minuteMs, toMs: (minute + 1) * minuteMs });
  }
  return spans;
}

/** One that is not over stands until `toMs`. */
function standingSpans(faults: readonly { code: string; standing: number; atMs: number }[], toMs: number): Span[] {
  const spans: Span[] = [];
  const since = new Map<string, number>();
  for (const { code, standing, atMs } of faults) {
    const fromMs = since.get(code);
    if (standing === 1) since.set(code, fromMs ?? atMs);
    else if (fromMs !== undefined) {
      spans.push({ fromMs, toMs: atMs });
      since.delete(code);
    }
  }
  for (const fromMs of since.values()) spans.push({ fromMs, toMs });
  return spans;
}
