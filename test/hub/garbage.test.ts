import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blockBytes } from '../../protocol/receipt.ts';
import { root } from '../../protocol/topics.ts';
import { startMosquitto, type TestBroker } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { commune, type Made, makeVillage, type Running, type TestSender, type Village } from './village.ts';

interface Context {
  broker: TestBroker;
  village: Village;
  running: Running;
  node: TestSender;
}

const test = suite<Context>('garbage');
test.before(async (context) => {
  context.broker = await startMosquitto();
  context.village = await makeVillage({ broker: `mqtt://127.0.0.1:${context.broker.port}`, mqtt: 5 });
  context.running = await context.village.start();
  context.node = await context.village.node('mat-01');
  await context.node.join(context.running.hub.broker, 5);
});
test.after(async ({ village, broker }) => {
  await village.remove();
  await broker.close();
});

const id = fc.stringMatching(/^[0-9a-f]{64}$/);
const topic = fc.oneof(
  fc.constantFrom('record', 'status', 'vitals', 'reply', 'config', 'live/x', 'chunk', 'record/more', 'nothing'),
  fc.tuple(id, fc.nat({ max: 1_000_000 })).map(([name, index]) => `chunk/${name}/${index}`),
  fc.stringMatching(/^[a-zA-Z0-9 ./%_-]{1,40}$/),
);
const node = fc.constantFrom('mat-01', 'mat-01', 'hub', 'stranger', '..', 'MAT-01', 'a'.repeat(80));
const segmentOf = (payload: object) => Buffer.from(JSON.stringify(payload)).toString('base64url');
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.json().map((text) => Buffer.from(text)),
  fc.object().map((payload) => Buffer.from(`${segmentOf({ alg: 'EdDSA' })}.${segmentOf(payload)}.AAAA\n`)),
  fc.constantFrom(Buffer.from('..\n'), Buffer.from('\n'), Buffer.from('a.b.c\nbody'), Buffer.alloc(700_000, 0x61)),
);

test('random bytes on every topic are counted and change nothing', async ({ running, node: sender }) => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(node, topic, payload), { minLength: 1, maxLength: 20 }),
    async (messages) => {
      for (const [name, what, bytes] of messages) await sender.publish(`${root(commune, name)}/out/${what}`, bytes);
      assert.equal([running.hub.summary().records, running.hub.summary().segments], [0, 0]);
    },
  );
  // One of each kind for certain, whatever chance brings.
  const known: [string, string, Uint8Array][] = [
    ['mat-01', 'record', Buffer.from('\n')],
    ['mat-01', 'record', Buffer.from('..\n')],
    ['stranger', 'record', Buffer.from('a.b.c\nbody')],
    ['mat-01', 'nothing', Buffer.from('x')],
  ];
  await fc.assert(property, { numRuns: 60, examples: [[known]] });
  // What was published has been taken by the broker; the hub may still be reading.
  for (const why of ['topic', 'unknown-node', 'not-a-record', 'signature'] as const)
    await until(why, () => (running.hub.summary().rejectedBy[why] ?? 0) > 0, 60_000);
  await until('all to be counted', () => running.hub.summary().rejected > 50, 60_000);
});

test('mutations of a real record are never stored, and the record itself is', async ({ running, node: sender }) => {
  const made = await sender.event('e1', 'new');
  const property = fc.asyncProperty(
    fc.nat({ max: made.bytes.length - 1 }),
    fc.integer({ min: 1, max: 255 }),
    async (at, change) => {
      const bytes = Uint8Array.from(made.bytes);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      await sender.send({ ...made, bytes });
    },
  );
  await fc.assert(property, { numRuns: 150 });
  const cut = fc.asyncProperty(fc.integer({ min: 0, max: made.bytes.length - 1 }), async (length) => {
    // Cut right behind the manifest line it is an honest offer.
    if (length === made.jws.length + 1) return;
    await sender.send({ ...made, bytes: made.bytes.subarray(0, length) });
  });
  await fc.assert(cut, { numRuns: 50 });
  const before = running.hub.summary();
  assert.is(before.records, 0);
  await sender.deliver(made);
  await until('the record', () => running.hub.summary().records === 1);
});

test('chunks that are too long, not whole, or beyond the body are refused; the body still arrives', async ({
  running,
  node: sender,
}) => {
  const made = await sender.record({ kind: 'still' }, Buffer.alloc(3 * blockBytes + 5, 1), 'image/jpeg');
  await sender.offer(made);
  await sender.missing(made);
  const before = running.hub.summary().rejectedBy.chunk ?? 0;
  const wrong: readonly [number, Uint8Array][] = [
    [0, new Uint8Array(100)],
    [0, new Uint8Array(0)],
    [3, new Uint8Array(blockBytes)],
    [900, new Uint8Array(blockBytes)],
    [0, new Uint8Array(65 * blockBytes)],
  ];
  for (const [index, body] of wrong) await sender.chunk({ ...made, body: padded(index, body) }, index, 66);
  await until('five refusals', () => (running.hub.summary().rejectedBy.chunk ?? 0) === before + wrong.length);
  await sender.chunk(made, 0, 4);
  await sender.stored(made);
});

test('a node that offers more than it may loses its oldest parts, and can offer them again', async ({
  running,
  node: sender,
}) => {
  const offers: Made[] = [];
  for (let count = 0; count < 70; count++)
    offers.push(await sender.record({ kind: 'still' }, Buffer.alloc(2 * blockBytes, count), 'image/jpeg'));
  for (const made of offers) await sender.offer(made);
  const [first, last] = [offers[0], offers.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no offers');
  await sender.missing(last);
  const strayed = running.hub.summary().strayChunks;
  await sender.chunk(first, 0, 3);
  await until('the stray', () => running.hub.summary().strayChunks === strayed + 1);
  await sender.deliver(first);
});

/** So that `chunk` sends exactly these bytes at this index. */
function padded(index: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([new Uint8Array(index * blockBytes), bytes]);
}

test.run();
