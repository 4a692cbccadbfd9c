// Times as an officer reads them: Vietnam's own, whatever the machine's zone.
/** A span in one unit: the one in which it is 1 or more. */
export function span(ms, say) {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 60) return say.seconds(Math.max(1, Math.round(seconds)));
  if (seconds < 3600) return say.minutes(Math.round(seconds / 60));
  if (seconds < 86_400) return say.hours(Math.round(seconds / 3600));
  return say.days(Math.round(seconds / 86_400));
}

const zone = 'Asia/Ho_Chi_Minh';
const clock = new Intl.DateTimeFormat('vi', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const day = new Intl.DateTimeFormat('vi', { timeZone: zone, day: '2-digit', month: '2-digit', year: 'numeric' });

export const timeOfDay = (ms) => clock.format(ms);
export const dateOf = (ms) => day.format(ms);

const hourMinute = new Intl.DateTimeFormat('vi', { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false });
const weekday = {
  vi: new Intl.DateTimeFormat('vi', { timeZone: zone, weekday: 'long' }),
  en: new Intl.DateTimeFormat('en', { timeZone: zone, weekday: 'long' }),
};
export const shortTime = (ms) => hourMinute.format(ms);
export const weekdayOf = (ms, say) => weekday[say.language].format(ms);

/** "2026-11-28" of a moment, and the moment at which such a day begins. Vietnam knows no summer time. */
export const isoDay = (ms) => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 10);
/** Of "02:10", since midnight. */
export const hourMs = (time) => Number(time.slice(0, 2)) * 3_600_000 + Number(time.slice(3, 5)) * 60_000;
export const dayStart = (iso) => Date.parse(`${iso}T00:00:00+07:00`);
