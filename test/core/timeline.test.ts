import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Anchor,
  floorAt,
  hear,
  newTimeline,
  notBefore,
  type Timeline,
  timeAt,
  type Witness,
} from '../../agent/core/timeline.ts';

const noon = Date.UTC(2026, 5, 1, 5);
const year = 365 * 86_400_000;
const hour = 3_600_000;
const floorMs = noon - 30 * 86_400_000;
const errors: Readonly<Record<Witness, number>> = { hub: 200, ntp: 500, rtc: 5000 };
const claim = (by: Witness, monoMs: number, offMs = 0): Anchor => ({
  ...{ by, monoMs, wallMs: noon + monoMs + offMs, errorMs: errors[by] },
});
const told = (claims: readonly Anchor[], from: Timeline = newTimeline(floorMs)) =>
  claims.reduce(
    ({ line, did }, each) => {
      const next = hear(line, each);
      return { line: next.line, did: [...did, ...next.actions.map((action) => action.do)] };
    },
    { line: from, did: [] as string[] },
  );
const offAt = (line: Timeline, monoMs: number) => (timeAt(line, monoMs).wallMs ?? Number.NaN) - (noon + monoMs);

for (const [name, jumpMs] of [
  ['a year ahead', year],
  ['an hour back', -hour],
  ['to 1970', -noon],
] as const) {
  test(`a wall clock that jumps ${name} moves nothing, and is told unless it is before the floor`, () => {
    const { line, did } = told([claim('ntp', 0), claim('ntp', 10_000, jumpMs), claim('ntp', 20_000, jumpMs)]);
    assert.is(offAt(line, 30_000), 0);
    assert.is(did.filter((each) => each === 'doubt').length, noon + jumpMs < floorMs ? 0 : 1);
    const back = told([claim('ntp', 30_000)], line);
    assert.is(offAt(back.line, 40_000), 0);
    assert.not(back.line.doubt);
  });

  test(`a first time that was wrong, ${name}, is put right by the hub at once, floor and all`, () => {
    const wrong = told([claim('ntp', 0, jumpMs)], newTimeline(Math.min(floorMs, floorMs + jumpMs)));
    const { line } = told([claim('hub', 5000)], { ...wrong.line, floorMs: floorAt(wrong.line, 5000) });
    assert.is(offAt(line, 6000), 0);
    assert.ok(floorAt(line, 6000) <= noon + 6000);
  });
}

test('a battery clock with a wrong year gives way to NTP, and never raises the floor', () => {
  const wrong = told([claim('rtc', 0, year)]);
  assert.is(floorAt(wrong.line, 1000), floorMs);
  const { line, did } = told([claim('ntp', 2000)], wrong.line);
  assert.equal(did, ['anchored']);
  assert.is(offAt(line, 3000), 0);
});

test('what the same witness says for ten minutes is believed; what a lesser one says never is', () => {
  const claims = (by: Witness) => Array.from({ length: 70 }, (_, n) => claim(by, 1000 + n * 10_000, hour));
  const same = told([claim('ntp', 0), ...claims('ntp')]);
  assert.is(offAt(same.line, 800_000), hour);
  assert.equal(same.did, ['anchored', 'doubt', 'doubt-over', 'anchored']);
  const lesser = told([claim('hub', 0), ...claims('ntp')]);
  assert.is(offAt(lesser.line, 800_000), 0);
});

test('a jumped clock is told once, however often the hub confirms the right time; its ten minutes begin anew each time', () => {
  const turns = Array.from({ length: 200 }, (_, n) =>
    claim(n % 10 === 9 ? 'hub' : 'ntp', n * 10_000, n % 10 === 9 ? 0 : year),
  );
  const { line, did } = told([claim('hub', -1000), ...turns]);
  assert.equal(did, ['anchored', 'doubt']);
  assert.is(offAt(line, 2_000_000), 0);
  assert.equal(told([claim('ntp', 2_000_000)], line).did, ['doubt-over']);
  // Also where the board's own clock was the anchor, and the hub is not sure enough to be it.
  const hub = { ...claim('hub', 300_000), errorMs: 5000 };
  const insists = Array.from({ length: 50 }, (_, n) => claim('ntp', 1000 + n * 10_000, year));
  const confirmed = told([claim('ntp', 0), ...insists.slice(0, 30), hub, ...insists.slice(30)]);
  assert.is(offAt(confirmed.line, 600_000), 0);
});

test('witnesses that take turns at being a little better are not told each time', () => {
  const turns = Array.from({ length: 100 }, (_, n) => ({
    ...claim(n % 2 === 0 ? 'ntp' : 'hub', n * 60_000),
    errorMs: n % 2 === 0 ? 15 : 12,
  }));
  assert.equal(told(turns).did, ['anchored', 'anchored']);
  assert.is(told(turns).line.anchor?.monoMs, 99 * 60_000);
});

test('without a witness there is no time; before the floor it is called so; a signed moment of the past raises the floor', () => {
  assert.equal(timeAt(newTimeline(floorMs), 5), { monoMs: 5, wallMs: null, clock: 'none', errorMs: 0 });
  const { line } = told([claim('ntp', 0, -noon)]);
  assert.is(timeAt(line, 5).clock, 'floor');
  assert.is(told([claim('ntp', 0)], notBefore(newTimeline(floorMs), noon + 1)).line.anchor, undefined);
});

test('of two that agree the surer is kept, and the error grows with the distance', () => {
  const { line } = told([claim('ntp', 0), claim('hub', 0, 300), claim('rtc', 0, 2000)]);
  assert.is(timeAt(line, 0).clock, 'hub');
  assert.is(timeAt(line, 1_000_000).errorMs, 200 + 100);
});

test('property: as long as every first and surest witness tells the truth within its error, so does the time line, whatever the others say', () => {
  const seed = Date.now() & 0xffff;
  const said = fc.record({
    passedMs: fc.integer({ min: 0, max: 60_000 }),
    honest: fc.boolean(),
    by: fc.constantFrom<Witness>('ntp', 'rtc'),
    off: fc.double({ min: -1, max: 1, noNaN: true }),
    lieMs: fc.constantFrom(year, -hour, -noon, 20_000, -20_000),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 40 }), fc.double({ min: -1, max: 1, noNaN: true }), (all, drift) => {
      // The board's crystal is wrong by as much as it may be; the hub was heard first.
      const trueAt = (monoMs: number) => noon + monoMs * (1 + drift * 100e-6);
      let line = hear(newTimeline(floorMs), { by: 'hub', monoMs: 0, wallMs: noon, errorMs: 200 }).line;
      let monoMs = 0;
      for (const { passedMs, honest, by, off, lieMs } of all) {
        monoMs += passedMs;
        const wallMs = trueAt(monoMs) + (honest ? off * errors[by] : lieMs + off * errors[by]);
        line = hear(line, { by, monoMs, wallMs, errorMs: errors[by] }).line;
        const { wallMs: now, errorMs } = timeAt(line, monoMs);
        assert.ok(Math.abs((now ?? 0) - trueAt(monoMs)) <= errorMs + 0.01, `seed ${seed}`);
        assert.ok(floorAt(line, monoMs) <= trueAt(monoMs) + 0.01, `seed ${seed}`);
      }
    }),
    { seed },
  );
});

test.run();
