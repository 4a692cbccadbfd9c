// Hours of watch: what people may write, and that every minute of the week is watched exactly when they say so.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readHours, spanHolds, spansOverlap, weekMinutes } from '../../agent/core/config/hours.ts';
import { motionSchema } from '../../agent/core/config/schema.ts';
import { localTime, readLocalTime } from '../../agent/core/local-time.ts';
import { createSchedule } from '../../agent/core/motion/armed.ts';

const test = suite('core/hours');

const polygon: [number, number][] = [
  [0, 0],
  [1, 0],
  [1, 1],
];
const schedule = (...zones: string[][]) =>
  createSchedule(motionSchema.parse({ watch: zones.map((armed, at) => ({ name: `${at}`, polygon, armed })) }));
/** Local time in the week of Monday, 16 November 2026. */
const at = (day: number, time: string): number => {
  const wallMs = readLocalTime(`2026-11-${16 + day}T${time}`);
  assert.ok(wallMs !== undefined);
  return wallMs;
};

test('a night watch ends in the morning, to the minute', () => {
  const night = schedule(['22:00-05:00']);
  for (const day of [0, 3, 6]) {
    assert.is(night(at(day, '21:59:59')), 0);
    assert.is(night(at(day, '22:00:00')), 1);
    assert.is(night(at(day, '04:59:59')), 1);
    assert.is(night(at(day, '05:00:00')), 0);
  }
});

test('days are those on which the watch begins; Sunday night reaches into Monday', () => {
  const weekend = schedule(['T7-CN 20:00-06:00']);
  assert.is(weekend(at(4, '23:00')), 0, 'Friday night');
  assert.is(weekend(at(5, '05:00')), 0, 'Saturday morning');
  assert.is(weekend(at(5, '20:00')), 1, 'Saturday evening');
  assert.is(weekend(at(6, '05:59')), 1, 'Sunday morning');
  assert.is(weekend(at(0, '05:59')), 1, 'Monday morning');
  assert.is(weekend(at(0, '06:00')), 0);
  assert.is(weekend(at(0, '20:00')), 0, 'Monday evening');
});

test('zones have bits of their own, and one without hours always watches', () => {
  const three = schedule(['08:00-09:00'], [], ['08:30-10:00', 'T2 20:00-21:00']);
  assert.is(three(at(0, '08:45')), 0b111);
  assert.is(three(at(0, '09:30')), 0b110);
  assert.is(three(at(0, '20:30')), 0b110);
  assert.is(three(at(1, '20:30')), 0b010);
});

test('while nobody knows the time every zone watches', () => {
  assert.is(schedule(['22:00-05:00'], [])(null) & 0b11, 0b11);
});

test('without zones the whole picture always watches', () => assert.is(schedule()(at(0, '12:00')) & 1, 1));

test('hours may be written in several ways', () => {
  const same = (one: string, other: string) => assert.equal(readHours(one), readHours(other), `${one} is ${other}`);
  same('5:00-9:30', '05:00-09:30');
  same(' 22:00 – 05:00 ', '22:00-05:00');
  same('t2 - t4, cn 08:00-09:00', 'T2,T3,T4,CN 08:00-09:00');
  same('T7-T2 08:00-09:00', 'T7,CN,T2 08:00-09:00');
  same('T2-CN 08:00-09:00', '08:00-09:00');
  same('T4-T4 08:00-09:00', 'T4 08:00-09:00');
});

test('what is no hours is refused', () => {
  const form = ['', '22:00', '22-05', '24:01-05:00', '24:00-05:00', '22:60-05:00', '25:00-05:00', '22:00-05:00 T2'];
  for (const text of [...form, 'T8 22:00-05:00', 'T2- 22:00-05:00', 'T2-T3-T4 22:00-05:00', ', 22:00-05:00'])
    assert.equal(readHours(text), { ok: false, why: 'form' }, text);
  assert.equal(readHours('07:00-07:00'), { ok: false, why: 'empty' });
  assert.ok(readHours('00:00-24:00').ok);
});

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const names = ['T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'CN'];
const someHours = fc.record({
  days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
  from: fc.integer({ min: 0, max: 1439 }),
  lasts: fc.integer({ min: 1, max: 1439 }),
});
const written = ({ days, from, lasts }: { days: number[]; from: number; lasts: number }) =>
  `${days.map((day) => names[day]).join(',')} ${clock(from)}-${clock((from + lasts) % 1440)}`;

/** A clock face for each minute of the week, coloured in by walking minute by minute. */
function walked({ days, from, lasts }: { days: number[]; from: number; lasts: number }): boolean[] {
  const week = Array.from({ length: weekMinutes }, () => false);
  for (const day of days)
    for (let step = 0; step < lasts; step++) week[(day * 1440 + from + step) % weekMinutes] = true;
  return week;
}

test('every minute of the week is as somebody with a clock face would colour it (property)', () => {
  fc.assert(
    fc.property(someHours, (hours) => {
      const read = readHours(written(hours));
      assert.ok(read.ok, written(hours));
      const week = walked(hours);
      for (let minute = 0; minute < weekMinutes; minute++)
        if (read.spans.some((span) => spanHolds(span, minute)) !== week[minute])
          assert.unreachable(`${written(hours)} at minute ${minute}`);
    }),
    { numRuns: 60 },
  );
});

test('the schedule is the same clock face, whatever the date (property)', () => {
  const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2060, 0) });
  fc.assert(
    fc.property(someHours, moment, (hours, wallMs) => {
      // The clock on the wall, by another way than the code goes: seven hours on, minutes since a Monday long ago.
      const minute = Math.floor((wallMs + 7 * 3_600_000 - Date.UTC(2001, 0, 1)) / 60_000) % weekMinutes;
      assert.is(schedule([written(hours)])(wallMs) === 1, walked(hours)[minute]);
    }),
    { numRuns: 200 },
  );
});

test('two windows overlap when a minute of the week is in both, whichever is asked first (property)', () => {
  fc.assert(
    fc.property(someHours, someHours, (one, other) => {
      const [first, second] = [readHours(written(one)), readHours(written(other))];
      assert.ok(first.ok && second.ok);
      const [week, otherWeek] = [walked(one), walked(other)];
      const expected = week.some((watched, minute) => watched && otherWeek[minute]);
      assert.is(
        first.spans.some((a) => second.spans.some((b) => spansOverlap(a, b))),
        expected,
      );
      assert.is(
        second.spans.some((a) => first.spans.some((b) => spansOverlap(a, b))),
        expected,
      );
    }),
    { numRuns: 100 },
  );
});

test('local time is read and told alike; Z and offsets mean what they say', () => {
  const wallMs = readLocalTime('2026-11-22T21:00:30');
  assert.is(wallMs, Date.UTC(2026, 10, 22, 14, 0, 30));
  assert.equal(localTime(wallMs ?? 0), { year: 2026, month: 11, day: 22, weekday: 6, hour: 21, minute: 0, second: 30 });
  assert.is(readLocalTime('2026-11-22T21:00Z'), Date.UTC(2026, 10, 22, 21));
  assert.is(readLocalTime('2026-11-22T21:00+07:00'), Date.UTC(2026, 10, 22, 14));
  for (const text of ['21:00', '2026-11-22', '2026-13-22T21:00', '2026-02-30T21:00', '2026-11-22T25:00', 'mai'])
    assert.is(readLocalTime(text), undefined, text);
});

test.run();
