import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Held, type Place, planRoom } from '../../agent/core/eviction.ts';
import { parseFileName, recordFileName, segmentFileName } from '../../protocol/record-file.ts';

const boot = '000001.aabbccdd';
const hash = 'c'.repeat(64);
const rules = { ringBytesMax: 1000, spoolBytesMax: 1000, keepFreeBytes: 100, hardFreeBytes: 100 };
const none = () => false;

function record(place: Place, seq: number, bytes: number): Held {
  return held(place, recordFileName({ boot, seq, kind: 'still', sha256: hash }), bytes);
}
function segment(place: Place, seg: number, bytes: number): Held {
  return held(place, segmentFileName({ boot, seg, firstMonoMs: seg * 1000, durationMs: 1000, sha256: hash }), bytes);
}
function held(place: Place, name: string, bytes: number): Held {
  const file = parseFileName(name);
  if (file === undefined) throw new Error(name);
  return { place, name, bytes, file };
}
const numbers = (list: readonly Held[]) => list.map(({ file }) => (file.is === 'record' ? file.seq : file.seg));

test('a ring that is exactly full stays; one byte more costs the oldest segment', () => {
  const ring = [segment('ring', 1, 500), segment('ring', 0, 500)];
  assert.equal(planRoom(ring, 5000, rules, none).remove, []);
  assert.equal(numbers(planRoom([...ring, segment('ring', 2, 1)], 5000, rules, none).remove), [0]);
});

test('what the hub has goes before anything that it has not', () => {
  const plan = planRoom([record(5, 0, 400), record('delivered', 9, 400), record(1, 1, 400)], 5000, rules, none);
  assert.equal(numbers(plan.remove), [9]);
  assert.equal(plan.lost, []);
});

test('a card that runs full gives up delivered records, then the ring, then un-sent classes 5, 4, 2, 1', () => {
  const all = [
    record('delivered', 0, 10),
    segment('ring', 1, 10),
    record(5, 2, 10),
    segment(4, 3, 10),
    record(2, 4, 10),
    record(1, 5, 10),
    record(0, 6, 10),
    segment(3, 7, 10),
  ];
  const plan = planRoom(all, 0, rules, none);
  assert.equal(numbers(plan.remove), [0, 1, 2, 3, 4, 5]);
  assert.equal(numbers(plan.lost), [2, 3, 4, 5]);
});

test('between the two marks only what the hub has and old footage goes, below the hard one what was never sent', () => {
  const marks = { ...rules, hardFreeBytes: 50 };
  const all = [record('delivered', 0, 10), segment('ring', 1, 10), record(5, 2, 10), record(5, 3, 10)];
  assert.equal(numbers(planRoom(all, 30, marks, none).remove), [0, 1]);
  assert.equal(numbers(planRoom(all, 29, marks, none).remove), [0, 1, 2]);
});

test('room is made for two segments even where the mark is lower than one: else new footage would fail beside old', () => {
  const ring = [0, 1, 2].map((seg) => segment('ring', seg, 300));
  assert.equal(numbers(planRoom(ring, 101, rules, none).remove), [0, 1]);
  assert.equal(numbers(planRoom(ring, 600, rules, none).remove), []);
});

test('what is held by order is never given up unsent; sent, or as footage, its other name stays', () => {
  const all = [
    record(5, 2, 10),
    record('held', 2, 10),
    segment('ring', 1, 10),
    segment('held', 1, 10),
    record(5, 3, 10),
  ];
  const plan = planRoom(all, 0, rules, none);
  assert.equal(numbers(plan.remove), [1, 3]);
  assert.equal(numbers(plan.lost), [3]);
});

test('a ring sized to the card leaves the spool its share, and some minutes where others fill the card', () => {
  const mebi = 1024 * 1024;
  const auto = {
    ringBytesMax: 'auto',
    spoolBytesMax: 100 * mebi,
    keepFreeBytes: 10 * mebi,
    hardFreeBytes: 5 * mebi,
  } as const;
  const ring = Array.from({ length: 30 }, (_, seg) => segment('ring', seg, 10 * mebi));
  // 300 of ours and 20 free: 210 for the ring.
  assert.equal(numbers(planRoom(ring, 20 * mebi, auto, none).remove), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(planRoom(ring, 500 * mebi, auto, none).remove, []);
  assert.is(planRoom(ring, 15 * mebi, { ...auto, spoolBytesMax: 4000 * mebi }, none).remove.length, 24);
});

test('un-sent alarms and their footage stay even when nothing else is left to give up', () => {
  assert.equal(planRoom([record(0, 0, 10_000), segment(3, 1, 10_000)], 0, rules, none).remove, []);
});

test('a pinned segment frees no room when the ring drops its name, so the ring goes on', () => {
  const pinned = [segment('ring', 0, 60), segment(3, 0, 60)];
  const plan = planRoom([...pinned, segment('ring', 1, 60)], 50, rules, none);
  assert.equal(
    plan.remove.map(({ place, file }) => [place, file.is === 'segment' && file.seg]),
    [
      ['ring', 0],
      ['ring', 1],
    ],
  );
});

test('delivered records that are still needed go after all others that the hub has, and before anything that it has not', () => {
  const [needed, other] = [record('delivered', 3, 600), record('delivered', 4, 300)];
  const spared = (name: string) => name === needed.name;
  assert.equal(planRoom([needed, other, record(1, 5, 200)], 5000, rules, spared).remove, [other]);
  const more = planRoom([needed, record(5, 6, 300), record(1, 5, 200)], 5000, rules, spared);
  assert.equal([more.remove, more.lost], [[needed], []], 'the trace that waits stays');
  assert.equal(planRoom([needed], 150, { ...rules, keepFreeBytes: 200 }, spared).remove, [], 'above the hard mark');
});

test('the plan never names an un-sent alarm, gives up nothing beside what the hub has, and takes each place oldest first', () => {
  const places: Place[] = ['ring', 'delivered', 0, 1, 2, 3, 4, 5];
  const item = fc.record({ place: fc.constantFrom(...places), seq: fc.nat(200), bytes: fc.nat(600) });
  fc.assert(
    fc.property(
      fc.uniqueArray(item, { selector: ({ place, seq }) => `${place}-${seq}`, maxLength: 40 }),
      fc.nat(300),
      (items, free) => {
        const all = items.map(({ place, seq, bytes }) =>
          place === 'ring' ? segment(place, seq, bytes) : record(place, seq, bytes),
        );
        const plan = planRoom(all, free, rules, (name) => name.includes('0000000007'));
        for (const each of plan.remove) {
          assert.ok(each.place !== 0 && each.place !== 3);
        }
        const gone = new Set(plan.remove);
        if (plan.lost.length > 0) assert.ok(all.every((each) => each.place !== 'delivered' || gone.has(each)));
        for (const place of places) {
          const order = numbers(
            plan.remove.filter((each) => each.place === place && !each.name.includes('0000000007')),
          );
          assert.equal(
            order,
            [...order].sort((a, b) => a - b),
          );
        }
        for (const each of plan.lost) assert.type(each.place, 'number');
      },
    ),
  );
});

test.run();
