// Hours as people write them, `22:00-05:00` or `T7-CN 18:00-06:00`, as spans of the week.

/** Minutes from Monday 00:00. `fromMinute` lies in the week, `toMinute` up to a day after it: a night may reach into the next week. */
export interface Span {
  readonly fromMinute: number;
  readonly toMinute: number;
}
export type HoursRead =
  | { readonly ok: true; readonly spans: readonly Span[] }
  /** `form` is no hours at all; `empty` begins and ends at the same time, and could mean nothing or everything. */
  | { readonly ok: false; readonly why: 'form' | 'empty' };

export const dayMinutes = 24 * 60;
export const weekMinutes = 7 * dayMinutes;

/** As Vietnamese counts them: the second day is Monday, Chủ Nhật is Sunday. */
const dayNames: readonly string[] = ['T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'CN'];
const everyDay = dayNames.map((_, day) => day);
const form = /^\s*(?:(?<days>[a-z0-9,\s–-]+?)\s+)?(?<from>\d{1,2}:\d\d)\s*[-–]\s*(?<to>\d{1,2}:\d\d)\s*$/iu;

/** A window that ends at or before its beginning ends on the next day; its days are those on which it begins. */
export function readHours(text: string): HoursRead {
  const groups = form.exec(text)?.groups;
  const from = minuteOf(groups?.from);
  const to = minuteOf(groups?.to);
  const days = groups?.days === undefined ? everyDay : daysOf(groups.days);
  if (from === undefined || to === undefined || days === undefined || from === dayMinutes)
    return { ok: false, why: 'form' };
  if (from === to) return { ok: false, why: 'empty' };
  const lasts = to > from ? to - from : to + dayMinutes - from;
  const spans = days.map((day) => {
    const fromMinute = day * dayMinutes + from;
    return { fromMinute, toMinute: fromMinute + lasts };
  });
  return { ok: true, spans };
}

/** Where they only touch, one takes over from the other. */
export const spansOverlap = (one: Span, other: Span): boolean =>
  [-weekMinutes, 0, weekMinutes].some(
    (shift) => one.fromMinute < other.toMinute + shift && other.fromMinute + shift < one.toMinute,
  );

/** `minute` of the week, 0 to 10,079. */
export const spanHolds = ({ fromMinute, toMinute }: Span, minute: number): boolean =>
  (minute >= fromMinute && minute < toMinute) || minute + weekMinutes < toMinute;

/** 0 to 1440: 24:00 is the end of a day. */
function minuteOf(text: string | undefined): number | undefined {
  const [hour = Number.NaN, minute = Number.NaN] = (text ?? '').split(':').map(Number);
  const at = hour * 60 + minute;
  return minute < 60 && at <= dayMinutes ? at : undefined;
}

/** `T2-T6,CN`: days by number, 0 is Monday; a range may run over Sunday. */
function daysOf(text: string): readonly number[] | undefined {
  const found = new Set<number>();
  for (const part of text.toUpperCase().split(',')) {
    const [first = -1, last = first, ...more] = part.split(/[-–]/u).map((name) => dayNames.indexOf(name.trim()));
    if (first < 0 || last < 0 || more.length > 0) return undefined;
    for (let day = first; ; day = (day + 1) % dayNames.length) {
      found.add(day);
      if (day === last) break;
    }
  }
  return [...found].sort((a, b) => a - b);
}
