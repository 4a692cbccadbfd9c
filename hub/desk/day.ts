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
  const stateOf = statesOf(signs, fromMs, nowMs, length);
  return Array.from({ length }, (_, minute) => stateOf(minute));
}

/** How many minutes are in which state, without a list of them: a month of a hundred nodes has four million. */
export function minuteTotals(
  signs: Signs,
  fromMs: number,
  nowMs: number,
  length = minutesPerDay,
): Record<MinuteState, number> {
  const stateOf = statesOf(signs, fromMs, nowMs, length);
  const totals = { recording: 0, buffering: 0, watching: 0, blind: 0, offline: 0, ahead: 0 };
  for (let minute = 0; minute < length; minute++) totals[stateOf(minute)] += 1;
  return totals;
}

function statesOf({ ran, recorded, contact, blind }: Signs, fromMs: number, nowMs: number, length: number) {
  const is = {
    ran: painted(ran, fromMs, length),
    recorded: painted(recorded, fromMs, length),
    contact: painted(contact, fromMs, length),
    blind: painted(blind, fromMs, length),
  };
  const ahead = Math.floor((nowMs - fromMs) / minuteMs - 0.5);
  return (minute: number): MinuteState => {
    if (minute > ahead) return 'ahead';
    const isAtWork = is.ran[minute] === 1 || is.contact[minute] === 1 || is.recorded[minute] === 1;
    if (!isAtWork) return 'offline';
    if (is.blind[minute] === 1) return 'blind';
    if (is.recorded[minute] === 1) return is.contact[minute] === 1 ? 'recording' : 'buffering';
    return 'watching';
  };
}

function painted(spans: readonly Span[], dayFromMs: number, length: number): Uint8Array {
  const minutes = new Uint8Array(length);
  for (const { fromMs, toMs } of spans) {
    const first = Math.max(0, Math.ceil((fromMs - dayFromMs) / minuteMs - 0.5));
    const end = Math.min(length, Math.ceil((toMs - dayFromMs) / minuteMs - 0.5));
    if (end > first) minutes.fill(1, first, end);
  }
  return minutes;
}

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
