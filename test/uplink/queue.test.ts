import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Outbox } from '../../agent/outbox.ts';
import { openQueue } from '../../agent/uplink/queue.ts';
import { recordFileName } from '../../protocol/record-file.ts';

const sha = (seq: number) => seq.toString(16).padStart(64, '0');
const nameOf = (seq: number) =>
  recordFileName({ boot: '000001.00000000', seq, kind: 'event', sha256: sha(seq).slice(48).padEnd(64, '0') });

/** Only names are asked for here; all else is out of bounds. */
function folder(names: string[]) {
  const asked = { lists: 0 };
  const no = () => Promise.reject(new Error('not to be called'));
  const outbox: Outbox = {
    names: async (drainClass) => {
      if (drainClass === 1) asked.lists += 1;
      return drainClass === 1 ? [...names] : [];
    },
    ...{ list: no, size: no, readRange: no, delivered: no, settle: no, quarantine: no },
  };
  return { outbox, asked };
}
const nobody = () => false;

test('100,000 names are handed out oldest first, each once, while few are held and the folder is seldom listed', async () => {
  const names = Array.from({ length: 100_000 }, (_, seq) => nameOf(seq));
  const { outbox, asked } = folder(names);
  const queue = openQueue(outbox);
  await queue.refresh(0, nobody);
  assert.is(queue.counts()[1], 100_000);
  let taken = 0;
  for (let item = queue.take(1); item !== undefined; item = queue.take(1)) {
    assert.is(item.name, nameOf(taken));
    taken += 1;
    if (taken % 100 === 0) {
      names.splice(0, 100);
      queue.ring(1);
      await queue.refresh(taken / 100, nobody);
    }
  }
  assert.is(taken, 100_000);
  assert.ok(asked.lists < 90, `${asked.lists} listings`);
});

test('a doorbell lists a small folder at once; without one it is listed every 5 s', async () => {
  const names = [nameOf(1)];
  const { outbox } = folder(names);
  const queue = openQueue(outbox);
  await queue.refresh(0, nobody);
  names.push(nameOf(2));
  await queue.refresh(4999, nobody);
  assert.is(queue.counts()[1], 1);
  queue.ring(1);
  await queue.refresh(4999, nobody);
  assert.is(queue.counts()[1], 2);
  names.push(nameOf(3));
  await queue.refresh(10_000, nobody);
  assert.is(queue.counts()[1], 3);
});

test('what comes after the link is back goes before the backlog, and each of both oldest first', async () => {
  const names = [nameOf(1), nameOf(2), nameOf(3)];
  const { outbox } = folder(names);
  const queue = openQueue(outbox);
  queue.backlogEnds();
  await queue.refresh(0, nobody);
  names.push(nameOf(4), nameOf(5));
  queue.ring(1);
  await queue.refresh(1, nobody);
  const order = [1, 2, 3, 4].map(() => queue.take(1)?.name);
  assert.equal(order, [nameOf(4), nameOf(5), nameOf(1), nameOf(2)]);
  // Sent a second time: old names that come late are no news.
  names.splice(0, names.length, nameOf(0), nameOf(3), nameOf(6));
  queue.ring(1);
  await queue.refresh(2, nobody);
  assert.is(queue.peek(1)?.name, nameOf(0));
  assert.equal(
    [1, 2, 3].map(() => queue.take(1)?.name),
    [nameOf(6), nameOf(0), nameOf(3)],
  );
});

test('what is fresh is found within two seconds behind 100,000 names', async () => {
  const names = Array.from({ length: 100_000 }, (_, seq) => nameOf(seq));
  const { outbox } = folder(names);
  const queue = openQueue(outbox);
  await queue.refresh(0, nobody);
  assert.is(queue.take(1)?.name, nameOf(0));
  names.push(nameOf(100_000));
  queue.ring(1);
  await queue.refresh(2001, (name) => name === nameOf(0));
  assert.is(queue.take(1)?.name, nameOf(100_000));
  assert.is(queue.take(1)?.name, nameOf(1));
});

test('what is under way, rests, or is not ours is not handed out', async () => {
  const { outbox } = folder([nameOf(1), nameOf(2), nameOf(3), 'notes.txt']);
  const queue = openQueue(outbox);
  queue.rest(nameOf(2), 60_000);
  await queue.refresh(0, (name) => name === nameOf(1));
  assert.is(queue.take(1)?.name, nameOf(3));
  assert.not(queue.has(1));
  await queue.refresh(60_000, (name) => name === nameOf(1));
  assert.is(queue.take(1)?.name, nameOf(2));
});

test('a receipt finds its file by identity and hash, and only by both', async () => {
  const { outbox } = folder(Array.from({ length: 50 }, (_, seq) => nameOf(seq)));
  const queue = openQueue(outbox);
  await queue.refresh(0, nobody);
  const boot = '000001.00000000';
  const hash = sha(7).slice(48).padEnd(64, '0');
  assert.equal(
    queue.find({ boot, seq: 7, sha256: hash }).map((item) => item.name),
    [nameOf(7)],
  );
  assert.equal(queue.find({ boot, seq: 8, sha256: hash }), []);
  assert.equal(queue.find({ boot, seg: 7, sha256: hash }), []);
  assert.equal(queue.find({ boot: '000002.00000000', seq: 7, sha256: hash }), []);
});

test.run();
