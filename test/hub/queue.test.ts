import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { burstGapMs, burstsOf, type Open } from '../../hub/desk/queue.ts';

const minute = 60_000;
const event = (node: string, atMs: number, level: 'alarm' | 'event' = 'event'): Open => ({
  ...{ node, atMs, level, id: `${node} ${atMs}` },
  trigger: level === 'alarm' ? 'panic' : 'motion',
});

test('500 events of 35 nodes in ten minutes are 35 rows', () => {
  const storm = Array.from({ length: 500 }, (_, count) => event(`mat-${count % 35}`, (count * 10 * minute) / 500));
  const rows = burstsOf(storm);
  assert.is(rows.length, 35);
  assert.is(
    rows.reduce((sum, { count }) => sum + count, 0),
    500,
  );
});

test('a quiet spell begins a new row, a shorter one does not', () => {
  assert.is(burstsOf([event('a', 0), event('a', burstGapMs)]).length, 1);
  assert.is(burstsOf([event('a', 0), event('a', burstGapMs + 1)]).length, 2);
});

test('alarms stand above events, the one that waits longest on top; events newest first', () => {
  const rows = burstsOf([
    event('quiet-old', 1 * minute),
    event('alarm-new', 9 * minute, 'alarm'),
    event('quiet-new', 10 * minute),
    event('alarm-old', 2 * minute, 'alarm'),
  ]);
  assert.equal(
    rows.map(({ node }) => node),
    ['alarm-old', 'alarm-new', 'quiet-new', 'quiet-old'],
  );
});

test('a row with an alarm in it is an alarm, and shows the oldest alarm first', () => {
  const [row] = burstsOf([event('a', 3, 'alarm'), event('a', 1), event('a', 2, 'alarm'), event('a', 4)]);
  assert.equal([row?.level, row?.head, row?.alarmMs, row?.alarms, row?.count], ['alarm', 'a 2', 2, 2, 4]);
});

test('whatever waits: each event is in exactly one row, and no row holds a pause', () => {
  const events = fc.array(
    fc.record({
      node: fc.constantFrom('a', 'b', 'c'),
      atMs: fc.nat({ max: 100 * minute }),
      isAlarm: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(events, (made) => {
      const open = made.map(({ node, atMs, isAlarm }, index) => ({
        ...event(node, atMs, isAlarm ? 'alarm' : 'event'),
        id: String(index),
      }));
      const rows = burstsOf(open);
      for (const each of open) {
        const fits = rows.filter(
          ({ node, fromMs, toMs }) => node === each.node && fromMs <= each.atMs && each.atMs <= toMs,
        );
        assert.is(fits.length, 1);
      }
      assert.is(
        rows.reduce((sum, { count }) => sum + count, 0),
        open.length,
      );
      const levels = rows.map(({ level }) => level);
      assert.equal(levels, levels.toSorted());
    }),
  );
});

test.run();
