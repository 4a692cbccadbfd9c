// What the figures of a board mean: faults with room before they are over, the month's data, and why a run began.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countedBytes, countTraffic, mayGo, unusedMonth } from '../../agent/core/budget.ts';
import { type Health, type HealthAction, healthAtStart, healthStep, isHot } from '../../agent/core/health.ts';
import { startCause } from '../../agent/core/last-end.ts';
import type { Vitals } from '../../hal/ports.ts';

const test = suite('core/vitals');
const well: Vitals = {
  temperatureC: 50,
  throttled: 0,
  memory: { totalBytes: 512 * 1048576, availableBytes: 200 * 1048576 },
  load1: 0.4,
  load15: 0.4,
  uptimeS: 3600,
  card: { freeBytes: 1e9, totalBytes: 3e10, readOnly: false, writtenBytes: 1, errors: 0 },
};

/** A look every 30 s. */
function looks(all: readonly Partial<Vitals>[], clockKnown = true): { state: Health; actions: HealthAction[] } {
  let state = healthAtStart;
  const actions: HealthAction[] = [];
  all.forEach((more, at) => {
    const next = healthStep(state, { monoMs: at * 30_000, board: { ...well, ...more }, clockKnown }, 4);
    state = next.state;
    actions.push(...next.actions);
  });
  return { state, actions };
}
const told = (all: readonly Partial<Vitals>[]) => looks(all).actions.map((action) => `${action.do} ${action.code}`);
const heat = (...all: readonly number[]) => all.map((temperatureC) => ({ temperatureC }));

test('80 °C is too hot; only a minute below 72 °C is cool again', () => {
  assert.equal(told(heat(79.9, 79.9)), []);
  assert.equal(told(heat(80, 75, 73, 72, 72)), ['raise board-hot']);
  assert.equal(told(heat(80, 71, 72, 71, 71)), ['raise board-hot']);
  assert.equal(told(heat(80, 71, 71, 71)), ['raise board-hot', 'over board-hot']);
  assert.is(isHot(looks(heat(85, 75)).state), true);
});

test('firmware bits of now are faults, those since boot are not', () => {
  assert.equal(told([{ throttled: 0xf0000 }]), []);
  assert.equal(told([{ throttled: 0x1 }]), ['raise board-power']);
  assert.equal(told([{ throttled: 0x4 }, { throttled: 0x5 }]), ['raise board-throttled', 'raise board-power']);
});

test('memory, load, file system errors and an unknown clock each have their fault', () => {
  const memory = { totalBytes: 512 * 1048576, availableBytes: 47 * 1048576 };
  assert.equal(told([{ memory, load15: 16 }]), ['raise board-memory']);
  // The mean of a quarter of an hour says something of this run when it has run so long.
  const quarter = Array.from({ length: 30 }, () => ({ load15: 40 }));
  assert.equal(told(quarter), []);
  assert.equal(told([...quarter, { load15: 16 }]), ['raise board-busy']);
  assert.equal(told([...quarter, { load1: 40, load15: 15.9 }]), []);
  assert.equal(told([{ card: { freeBytes: 1, totalBytes: 2, readOnly: false, writtenBytes: null, errors: 1 } }]), [
    'raise medium-errors',
  ]);
  assert.equal(looks([{ uptimeS: 599 }], false).actions, []);
  assert.equal(
    looks([{ uptimeS: 600 }], false).actions.map(({ code }) => code),
    ['clock-unknown'],
  );
});

test('a board that tells nothing is well', () => {
  const silent: Vitals = {
    temperatureC: null,
    throttled: null,
    memory: { totalBytes: 0, availableBytes: 0 },
    load1: 0,
    load15: 0,
    uptimeS: 0,
    card: null,
  };
  assert.equal(told([silent]), []);
});

test('each fault is raised and over in turns, however the figures dance', () => {
  const seed = Date.now() & 0xffff;
  const figure = fc.record({
    temperatureC: fc.integer({ min: 65, max: 90 }),
    throttled: fc.integer({ min: 0, max: 15 }),
  });
  fc.assert(
    fc.property(fc.array(figure, { maxLength: 80 }), (all) => {
      const standing = new Set<string>();
      for (const { do: what, code } of looks(all).actions) {
        assert.is(standing.has(code), what === 'over', `seed ${seed}`);
        if (what === 'raise') standing.add(code);
        else standing.delete(code);
      }
    }),
    { seed },
  );
});

const day = (at: number) => Date.UTC(2026, 10, at, 5);
const rules = { link: 'metered', monthlyBytes: 3000 } as const;
const used = (bytes: number) => ({ month: '2026-11', bytes, counter: undefined });

test('on a metered link video of events keeps to its share of the month, video of alarms to the whole; the rest always goes', () => {
  // On the 15th at noon, 14.5 of 30 days and the first day's share: 3000 × (0.483 + 0.032) = 1546.
  assert.equal(
    [1546, 1547, 2999, 3000].map((bytes) => [3, 4].map((each) => mayGo(each as 3 | 4, used(bytes), rules, day(15)))),
    [
      [true, true],
      [true, false],
      [true, false],
      [false, false],
    ],
  );
  for (const each of [0, 1, 2, 5] as const) assert.is(mayGo(each, used(1e9), rules, day(1)), true);
  assert.is(mayGo(4, used(1e9), { ...rules, link: 'unmetered' }, day(1)), true);
  assert.is(mayGo(4, used(0), { ...rules, monthlyBytes: 0 }, day(30)), false);
});

test('counters that begin anew count from nothing, a restart of ours counts nothing twice, a new month begins at what was new', () => {
  const first = countTraffic(unusedMonth, 500, day(3));
  assert.equal(first, { month: '2026-11', bytes: 0, counter: 500 });
  const second = countTraffic(first, 800, day(3));
  assert.is(second.bytes, 300);
  assert.is(countTraffic(second, 50, day(3)).bytes, 350);
  assert.is(countTraffic({ ...second, counter: undefined }, 900, day(3)).bytes, 300);
  assert.equal(countTraffic(second, 900, Date.UTC(2026, 10, 30, 17)), { month: '2026-12', bytes: 100, counter: 900 });
  assert.is(countTraffic({ month: '', bytes: 70, counter: 10 }, 15, day(3)).bytes, 75);
});

test('only the way out counts; without one, all', () => {
  const link = { up: true, rxBytes: 10, txBytes: 5, signalDbm: null };
  const eth = { ...link, name: 'eth0', isDefault: false };
  assert.is(countedBytes([eth, { ...link, name: 'wwan0', isDefault: true }]), 15);
  assert.is(countedBytes([eth, eth]), 30);
});

test('why a run began is told from boot id, last word, systemd and the watchdog', () => {
  const same = { bootIdBefore: 'a', bootIdNow: 'a', orderly: false, service: undefined, watchdogBits: undefined };
  const service = (result: string, code: string, status: string) => ({ ...same, service: { result, code, status } });
  for (const [last, cause] of [
    [{ ...same, bootIdBefore: undefined }, 'first-start'],
    [{ ...same, orderly: true, service: { result: 'success', code: 'exited', status: '0' } }, 'asked'],
    [service('watchdog', 'killed', 'ABRT'), 'watchdog'],
    [service('oom-kill', 'killed', 'KILL'), 'out-of-memory'],
    [service('signal', 'killed', 'SEGV'), 'killed'],
    [service('exit-code', 'exited', '1'), 'crash'],
    [same, 'killed'],
    [{ ...same, bootIdNow: 'b' }, 'power-cut'],
    [{ ...same, bootIdNow: 'b', orderly: true }, 'machine-restarted'],
    [{ ...same, bootIdNow: 'b', watchdogBits: 0x8020 }, 'hardware-watchdog'],
    [{ ...same, bootIdNow: 'b', watchdogBits: 0x8000 }, 'power-cut'],
  ] as const)
    assert.is(startCause(last).cause, cause, JSON.stringify(last));
});

test.run();
