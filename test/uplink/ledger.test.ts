import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { acked, announced, askedFor, cutChunk, type Entry, nextBytes, openLedger } from '../../agent/uplink/ledger.ts';
import type { Parcel } from '../../agent/uplink/parcel.ts';
import { blockBytes } from '../../protocol/receipt.ts';
import { parseFileName } from '../../protocol/record-file.ts';

const name = '000001.00000000-0000000001-000000002000-02000-0123456789abcdef.seg';
const named = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Error('the test is wrong');
  return found;
};
const parcel = (blocks: number, spare = 0): Parcel => ({
  item: { class: 4, name, file: named(parseFileName(name)) },
  ...{ id: 'a'.repeat(64), bodyStart: 700, bodyBytes: blocks * blockBytes - spare, blocks, whole: false, wallMs: 0 },
});
function offered(blocks: number, spare = 0): { ledger: ReturnType<typeof openLedger>; entry: Entry } {
  const ledger = openLedger();
  ledger.add(parcel(blocks, spare));
  const entry = named(ledger.entries[0]);
  announced(entry, 0);
  acked(entry, 10);
  return { ledger, entry };
}
const sendAll = (entry: Entry, blocksMax = 4) => {
  const sent: number[] = [];
  for (let cut = cutChunk(entry, blocksMax, 20); cut !== undefined; cut = cutChunk(entry, blocksMax, 20)) {
    assert.is(cut.start, 700 + cut.index * blockBytes);
    sent.push(cut.index);
    acked(entry, 30);
  }
  return sent;
};

test('the hub is asked again when it does not answer in time, each time with more patience', () => {
  const { entry } = offered(4);
  assert.is(entry.dueMs, 10_010);
  announced(entry, 10_010);
  assert.is(entry.dueMs, Number.POSITIVE_INFINITY, 'its time begins when the broker has the offer');
  acked(entry, 10_020);
  assert.is(entry.dueMs, 30_020);
});

test('an answer that comes again, while it is obeyed or after, sends nothing twice', () => {
  const { entry } = offered(8);
  assert.ok(askedFor(entry, [[0, 8]], 500));
  assert.not(askedFor(entry, [[0, 8]], 500), 'while being obeyed');
  assert.equal(sendAll(entry), [0, 4]);
  assert.not(askedFor(entry, [[0, 8]], 500), 'a repetition after the last chunk');
  assert.not(askedFor(entry, [[0, 8]], 501), 'a second answer to the first offer');
  announced(entry, 10_030);
  assert.not(askedFor(entry, [[0, 8]], 500), 'the old answer to the new offer');
  assert.ok(askedFor(entry, [[2, 3]], 502));
  assert.equal(sendAll(entry), [2]);
});

test('ranges beyond the body, empty or upside down ask for nothing', () => {
  const { entry } = offered(4);
  for (const ranges of [[], [[4, 9]], [[3, 3]], [[3, 1]]] as [number, number][][])
    assert.not(askedFor(entry, ranges, 1));
  assert.is(entry.stage, 'waiting');
});

test('the last chunk ends where the body ends', () => {
  const { entry } = offered(5, 100);
  askedFor(entry, [[0, 5]], 1);
  assert.is(nextBytes(entry, 4), 4 * blockBytes);
  cutChunk(entry, 4, 0);
  assert.is(nextBytes(entry, 4), blockBytes - 100);
});

test('after a cut everything is announced anew, but not what the hub has left unanswered before', () => {
  const { ledger, entry } = offered(4);
  askedFor(entry, [[0, 4]], 1);
  cutChunk(entry, 1, 0);
  ledger.reconnected();
  assert.is(entry.stage, 'ready');
  assert.is(entry.unacked, 0);
  announced(entry, 1000);
  acked(entry, 1000);
  announced(entry, 11_000);
  acked(entry, 11_000);
  ledger.reconnected();
  assert.is(entry.stage, 'waiting');
  assert.is(entry.dueMs, 31_000);
  ledger.hubIsBack();
  assert.is(entry.dueMs, 0);
});

test('a hub that greets is told again what the broker took before and nobody answered, but not what was sent just now', () => {
  const { ledger, entry } = offered(4);
  ledger.greeted(400);
  assert.is(entry.dueMs, 10_010, 'its answer may be on the way');
  ledger.greeted(2000);
  assert.is(entry.dueMs, 0);
  announced(entry, 2000);
  ledger.greeted(9000);
  assert.is(entry.dueMs, Number.POSITIVE_INFINITY, 'the broker does not have it yet');
  acked(entry, 9001);
  assert.ok(askedFor(entry, [[0, 4]], 1));
  ledger.greeted(20_000);
  assert.is(entry.stage, 'asked');
});

test('whatever the hub lacks, in whatever pieces it is cut: the sum of the pieces is what it asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat(39),
      fc.nat(39),
      fc.integer({ min: 1, max: 6 }),
      (blocks, one, other, most) => {
        const { entry } = offered(blocks);
        const [from, to] = [Math.min(one, other), Math.min(blocks, Math.max(one, other) + 1)];
        if (!askedFor(entry, [[from, to]], 1)) return assert.ok(from >= to);
        sendAll(entry, most);
        assert.is(entry.sentBytes, (to - from) * blockBytes);
        assert.is(entry.stage, 'waiting');
        assert.is(entry.unacked, 0);
      },
    ),
  );
});

test.run();
