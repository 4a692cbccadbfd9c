// Which watch zones watch now: by the hours of the configuration, and for whom they go on beyond them.
import { dayMinutes, readHours, type Span, spanHolds } from '../config/hours.ts';
import type { MotionConfig } from '../config/schema.ts';
import { localTime } from '../local-time.ts';
import type { Track } from './track.ts';

/** As the schema says. */
const zonesMax = 16;
/** Shorter than any quiet time that ends an event. */
const againMs = 250;
/** Every zone watches. */
const allArmed = 2 ** zonesMax - 1;

/** Bits of the watch zones that watch at `wallMs`; all of them where nobody knows the time: a zone that sleeps by a wrong clock would be a hole. */
export type Schedule = (wallMs: number | null) => number;

export function createSchedule({ watch }: Pick<MotionConfig, 'watch'>): Schedule {
  const zones = watch.map(({ armed }) => armed.flatMap(spansOf));
  return (wallMs) => {
    if (wallMs === null || zones.length === 0) return allArmed;
    const { weekday, hour, minute } = localTime(wallMs);
    const at = weekday * dayMinutes + hour * 60 + minute;
    return zones.reduce(
      (bits, spans, zone) =>
        spans.length === 0 || spans.some((span) => spanHolds(span, at)) ? bits | (1 << zone) : bits,
      0,
    );
  };
}

/** The configuration has been read: what is no hours never comes here. */
function spansOf(text: string): readonly Span[] {
  const read = readHours(text);
  if (!read.ok) throw new Error(`no hours: ${text}`);
  return read.spans;
}

export interface Armed {
  /** These zones watch from this moment on. */
  set(bits: number, monoMs: number): void;
  /**
   * Of the zones that a subject is in, those that count: the armed ones, and those in which it has counted before. So an event under way goes on until
   * its motion ends, and nobody else is let into it.
   */
  counting(track: Track, zoneBits: number): number;
  /**
   * First moment the subject may count for: its own, or when the first of these zones was armed over it; when it had counted before and then did not for a while,
   * the moment from which it does again: what was told already is not told twice.
   */
  sinceMs(track: Track, zoneBits: number, monoMs: number): number;
}

export function createArmed(tracks: readonly Track[]): Armed {
  const now = { bits: allArmed };
  const armedSinceMs = new Float64Array(zonesMax).fill(Number.NEGATIVE_INFINITY);
  // A track's place is used again by the next one, which has another birth.
  const held = new Map(tracks.map((track) => [track, { bornMs: 0, bits: 0, sinceMs: 0, lastMs: 0 }]));

  function set(bits: number, monoMs: number): void {
    for (let zone = 0; zone < zonesMax; zone++) if (((bits & ~now.bits) >> zone) & 1) armedSinceMs[zone] = monoMs;
    now.bits = bits;
  }

  function counting(track: Track, zoneBits: number): number {
    const before = held.get(track);
    if (before === undefined) return zoneBits & now.bits;
    if (before.bornMs !== track.bornMs) {
      before.bits = 0;
      before.sinceMs = track.bornMs;
      before.lastMs = Number.POSITIVE_INFINITY;
    }
    before.bornMs = track.bornMs;
    const counts = zoneBits & (now.bits | before.bits);
    before.bits |= counts;
    return counts;
  }

  function sinceMs(track: Track, zoneBits: number, monoMs: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (let zone = 0; zone < zonesMax; zone++)
      if ((zoneBits >> zone) & 1) first = Math.min(first, armedSinceMs[zone] ?? first);
    const known = held.get(track);
    if (known === undefined) return Math.max(track.bornMs, first);
    if (monoMs - known.lastMs > againMs) known.sinceMs = monoMs;
    known.lastMs = monoMs;
    return Math.max(known.sinceMs, first);
  }

  return { set, counting, sinceMs };
}
