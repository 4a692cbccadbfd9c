// The time on the wall, for captions and hours of watch.

/** Việt Nam has been at UTC+7 without summer time since 1975. `Intl` would say the same, for 6 MB of its tables in memory. */
export const utcAheadMs = 7 * 3_600_000;

export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 0 is Monday, 6 Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export function localTime(wallMs: number): LocalTime {
  const at = new Date(wallMs + utcAheadMs);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    weekday: (at.getUTCDay() + 6) % 7,
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

/** `2026-11-22T21:00`, seconds if wanted, as local time; with `Z` or an offset as what it says. Undefined when it is no time. */
export function readLocalTime(text: string): number | undefined {
  const [, face = '', zone = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const faceMs = Date.parse(`${face}Z`);
  // 30 February would be taken for the 2nd of March.
  if (Number.isNaN(faceMs) || !new Date(faceMs).toISOString().startsWith(face)) return undefined;
  const wallMs = zone === '' ? faceMs - utcAheadMs : Date.parse(text);
  return Number.isNaN(wallMs) ? undefined : wallMs;
}
