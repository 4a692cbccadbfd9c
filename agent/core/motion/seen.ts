// What the filter says of a picture: one object, filled anew each time.
import type { Box } from '../../../protocol/details.ts';
import type { Level } from '../../../protocol/manifest.ts';
import type { Picture } from '../events.ts';
import type { TraceRule } from '../trace/sight.ts';
import type { Track } from './track.ts';
import type { ZoneMap } from './zones.ts';

/** What was seen and did not count in this picture, by the rule that held it back (trace/sight.ts says what each means): blobs each, 1 for the whole picture. */
export type Suppressed = Record<Exclude<TraceRule, 'none'>, number>;

/**
 * The picture of `Seen`. It is the same object every time: read it before the next `see`. `boxes`, `zones` and `reason` are made when they are read, and are the
 * reader's own. `share` is the part of the watched area that subjects cover; `boxes` come largest first; `zones` are the names of the watch zones that subjects
 * are in; `sinceMonoMs` is the first moment, before `minMs` had passed, that one of the subjects now in view was seen with its zone armed, and `monoMs` when
 * nothing moves.
 */
export interface MotionSeen extends Picture {
  /** The background is being learned. */
  readonly warming: boolean;
  readonly suppressed: Readonly<Suppressed>;
}

function noneSuppressed(): Suppressed {
  return {
    small: 0,
    light: 0,
    hole: 0,
    unproven: 0,
    restless: 0,
    brief: 0,
    furniture: 0,
    sweep: 0,
    insect: 0,
    upheaval: 0,
    shake: 0,
    disarmed: 0,
    faint: 0,
    low: 0,
  };
}

export interface View {
  readonly seen: MotionSeen;
  begin(monoMs: number, warming: boolean): void;
  /** This subject is in these watch zones now (a bit each), and counts since then. */
  inView(track: Track, zoneBits: number, sinceMs: number): void;
  /** A blob, or the whole picture, does not count by this rule. */
  heldBack(rule: Exclude<TraceRule, 'none'>): void;
}

interface Sizes {
  readonly width: number;
  readonly height: number;
}

/** `reasonOf` puts the largest subject into words, with the zones it is in. */
export function createView(
  { width, height }: Sizes,
  zones: ZoneMap,
  tracks: readonly Track[],
  reasonOf: (track: Track, zoneBits: number, monoMs: number) => string,
): View {
  const suppressed = noneSuppressed();
  const none = noneSuppressed();
  /** Per slot. */
  const zonesOf = new Uint16Array(tracks.length);
  const now = {
    monoMs: 0,
    moving: false,
    sinceMonoMs: 0,
    pixels: 0,
    zoneBits: 0,
    level: 'event' as Level,
    warming: true,
    foremost: undefined as Track | undefined,
  };
  const isInView = (track: Track): boolean => zonesOf[track.slot] !== 0;

  const seen: MotionSeen = {
    is: 'picture',
    suppressed,
    get monoMs() {
      return now.monoMs;
    },
    get moving() {
      return now.moving;
    },
    get sinceMonoMs() {
      return now.sinceMonoMs;
    },
    get share() {
      return zones.watchedPixels === 0 ? 0 : now.pixels / zones.watchedPixels;
    },
    get boxes() {
      return now.moving ? boxesOf(tracks.filter(isInView)) : [];
    },
    get zones() {
      return zoneNames(zones, now.zoneBits);
    },
    get level() {
      return now.level;
    },
    get reason() {
      const { foremost } = now;
      return foremost === undefined ? '' : reasonOf(foremost, zonesOf[foremost.slot] ?? 0, now.monoMs);
    },
    get warming() {
      return now.warming;
    },
  };

  function begin(monoMs: number, warming: boolean): void {
    now.monoMs = monoMs;
    now.moving = false;
    now.sinceMonoMs = monoMs;
    now.pixels = 0;
    now.zoneBits = 0;
    now.level = 'event';
    now.warming = warming;
    now.foremost = undefined;
    Object.assign(suppressed, none);
    zonesOf.fill(0);
  }

  function inView(track: Track, zoneBits: number, sinceMs: number): void {
    zonesOf[track.slot] = zoneBits;
    now.moving = true;
    now.sinceMonoMs = Math.min(now.sinceMonoMs, sinceMs);
    now.pixels += track.area;
    now.zoneBits |= zoneBits;
    if (now.foremost === undefined || track.area > now.foremost.area) now.foremost = track;
    for (let zone = 0; zone < zones.zones.length; zone++)
      if ((zoneBits >> zone) & 1 && zones.zones[zone]?.level === 'alarm') now.level = 'alarm';
  }

  function boxesOf(inView: readonly Track[]): Box[] {
    return inView
      .toSorted((a, b) => b.area - a.area)
      .map(({ box }) => {
        const [left = 0, top = 0, right = 0, bottom = 0] = box;
        return { x: left / width, y: top / height, w: (right - left) / width, h: (bottom - top) / height };
      });
  }

  return {
    seen,
    begin,
    inView,
    heldBack: (rule) => {
      suppressed[rule]++;
    },
  };
}

export function zoneNames(zones: ZoneMap, bits: number): string[] {
  return zones.zones.flatMap(({ name }, zone) => (name !== undefined && (bits >> zone) & 1 ? [name] : []));
}
