// When was it? What a start of a node says about the time is weighed as a whole, and what it said before or otherwise is re-timed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCatalog } from '../../hub/catalog.ts';
import type { RecordEntry } from '../../hub/examine.ts';
import { isNews, knownFrom, lineOf, type Saying, segmentAt } from '../../hub/retime.ts';
import type { Stamp } from '../../protocol/manifest.ts';

const noon = Date.UTC(2026, 5, 1, 5);
const year = 365 * 86_400_000;
const hour = 3_600_000;

const say = (
  seq: number,
  monoMs: number,
  wallMs: number | null,
  clock: Stamp['clock'],
  more: Partial<Saying> = {},
) => ({
  ...{ seq, monoMs, wallMs, clock, errorMs: clock === 'none' ? 0 : 100 },
  ...{ storedMs: noon + 10 * year, isAnchor: false, ...more },
});
const known = (sayings: readonly Saying[]) => sayings.map((saying) => knownFrom(lineOf(sayings), saying));

test('what was recorded before the time was known is timed by the anchor that follows, within its error and the drift between', () => {
  const sayings = [say(0, 10_000, null, 'none'), say(1, 110_000, noon, 'ntp', { isAnchor: true })];
  assert.equal(known(sayings), [
    { atMs: noon - 100_000, errorMs: 110, by: 're-timed' },
    { atMs: noon, errorMs: 100, by: 'own' },
  ]);
});

for (const [name, offMs] of [
  ['a year ahead', year],
  ['an hour behind', -hour],
  ['in 1970', -noon],
] as const)
  test(`a clock that was ${name} until the hub said otherwise: all it said is put right, whatever it claimed`, () => {
    const sayings = [
      say(0, 0, noon + offMs, 'rtc'),
      say(1, 5000, noon + 5000 + offMs, 'rtc', { isAnchor: true }),
      say(2, 60_000, noon + 60_000, 'hub', { isAnchor: true }),
      say(3, 70_000, noon + 70_000, 'hub'),
    ];
    assert.equal(
      known(sayings).map(({ atMs, by }) => [atMs - noon, by]),
      [
        [0, 're-timed'],
        [5000, 're-timed'],
        [60_000, 'own'],
        [70_000, 'own'],
      ],
    );
    assert.is(knownFrom(lineOf(sayings), say(0, 0, noon + offMs, 'rtc')).errorMs, 106);
  });

test('a start that never knew the time was no later than when the hub had it; so is one whose clock lies in the hub’s future', () => {
  const stored = { storedMs: noon };
  const ahead = [say(0, 0, noon + year, 'rtc', stored), say(1, 1000, null, 'floor', stored)];
  for (const sayings of [ahead, [say(0, 0, null, 'none', stored)]])
    for (const each of known(sayings)) assert.equal(each, { atMs: noon, errorMs: null, by: 'stored' });
});

test('a segment keeps the wall time it was named by, unless its start knows better', () => {
  const line = lineOf([say(0, 100_000, noon, 'ntp')]);
  const at = (wallMs: number | null, from = line) => segmentAt(from, { monoMs: 40_000, wallMs, storedMs: noon + hour });
  assert.is(at(noon - 60_500), noon - 60_500);
  assert.is(at(noon - 60_000 + year), noon - 60_000);
  assert.is(at(null), noon - 60_000);
  assert.is(segmentAt(undefined, { monoMs: 0, wallMs: null, storedMs: noon }), noon);
});

test('whatever witnesses lie before the hub speaks, each moment is found within the error that is told', () => {
  const start = fc.record({
    driftPpm: fc.integer({ min: -90, max: 90 }),
    liesMs: fc.array(fc.constantFrom(year, -hour, -noon, 40_000), { maxLength: 4 }),
    truths: fc.array(fc.nat(48 * 3600), { minLength: 1, maxLength: 6 }),
    dark: fc.array(fc.nat(48 * 3600), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(start, ({ driftPpm, liesMs, truths, dark }) => {
      const trueAt = (monoMs: number) => noon + monoMs * (1 + driftPpm / 1e6);
      const sayings: Saying[] = [
        ...dark.map((s, n) => say(n, s * 1000, null, 'none' as const)),
        ...liesMs.map((offMs, n) => say(100 + n, n * 1000, trueAt(n * 1000) + offMs, 'rtc', { isAnchor: true })),
        ...truths.map((s, n) => say(200 + n, s * 1000, trueAt(s * 1000) + 50, 'hub', { isAnchor: true })),
      ];
      for (const [index, { atMs, errorMs }] of known(sayings).entries()) {
        const trueMs = trueAt(sayings[index]?.monoMs ?? 0);
        assert.ok(Math.abs(atMs - trueMs) <= (errorMs ?? 0), `${atMs - trueMs} ms off, not within ${errorMs}`);
      }
    }),
  );
});

test('in whatever order records come, the catalogue ends with the same times, and keeps what the node said', () => {
  const dir = mkdtempSync(join(tmpdir(), 'retime-'));
  const sayings = [
    say(0, 0, noon + year, 'rtc'),
    say(1, 1000, null, 'none'),
    say(2, 2000, noon + 2000 + year, 'rtc'),
    say(3, 60_000, noon + 60_000, 'hub', { isAnchor: true }),
    say(4, 61_000, noon + 61_000, 'hub'),
    say(5, 90_000, noon + 90_000, 'ntp', { isAnchor: true, errorMs: 5 }),
  ];
  let turn = 0;
  const afterAll = (order: readonly number[]) => {
    const { catalog } = openCatalog(join(dir, `${turn++}.sqlite`));
    for (const place of order) {
      catalog.add(entryOf(sayings[place] as Saying), noon + hour, { is: 'none' });
      if (place % 2 === 0 && catalog.isRetimeDue()) catalog.retime();
    }
    catalog.retime();
    const rows = catalog.db.prepare('SELECT seq, wall_ms, at_ms, at_error_ms, at_by FROM record ORDER BY seq').all();
    const events = catalog.db.prepare('SELECT id, at_ms, at_by, said_ms FROM event ORDER BY id').all();
    catalog.close();
    return { rows, events };
  };
  try {
    const wanted = afterAll([0, 1, 2, 3, 4, 5]);
    assert.equal(
      wanted.events.map(({ id, at_ms, at_by, said_ms }) => [id, Number(at_ms) - noon, at_by, said_ms]),
      [
        ['e0', 0, 're-timed', noon + year],
        ['e1', 1000, 're-timed', null],
        ['e2', 2000, 're-timed', noon + year + 2000],
        ['e4', 61_000, 'own', noon + 61_000],
      ],
    );
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }), (order) => {
        assert.equal(afterAll(order), wanted);
      }),
      { numRuns: 30 },
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('a saying that changes nothing is no news', () => {
  const line = lineOf([say(3, 60_000, noon, 'hub', { isAnchor: true })]);
  assert.not(isNews(line, say(4, 61_000, noon + 1000, 'hub')));
  assert.not(isNews(line, say(4, 61_000, null, 'none')));
  assert.ok(isNews(line, say(4, 61_000, noon + hour, 'ntp')));
  assert.ok(isNews(undefined, say(4, 61_000, noon, 'ntp')));
});

function entryOf({ seq, monoMs, wallMs, clock, errorMs, isAnchor }: Saying): RecordEntry {
  const boot = '000001.00000001';
  return {
    ...{ is: 'record', jws: '', id: `h${seq}`, node: 'mat-01', boot, number: seq, name: `n${seq}`, body: undefined },
    manifest: {
      ...{
        v: 1,
        commune: 'xa-thu',
        node: 'mat-01',
        boot,
        seq,
        prev: null,
        kind: isAnchor ? 'anchor' : 'event',
        class: 1,
      },
      time: { monoMs, wallMs, clock, errorMs },
      ...(isAnchor ? {} : { event: { id: `e${seq}`, phase: 'new', trigger: 'motion', level: 'event' } }),
      ...{ config: '0'.repeat(64), release: '0' },
    },
  };
}

test.run();
