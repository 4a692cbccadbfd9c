import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blockBytes } from '../../protocol/receipt.ts';
import { recordFileName } from '../../protocol/record-file.ts';
import { root } from '../../protocol/topics.ts';
import { startMosquitto, type TestBroker } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { commune, type Made, makeVillage, type Running, type TestSender, type Village } from './village.ts';

const run = promisify(execFile);

interface Context {
  broker: TestBroker | undefined;
  village: Village;
  running: Running;
  node: TestSender;
}

for (const kind of ['aedes', 'mosquitto'] as const) {
  const test = suite<Context>(`ingest over ${kind}`);
  test.before.each(async (context) => {
    context.broker = kind === 'mosquitto' ? await startMosquitto() : undefined;
    context.village = await makeVillage(
      context.broker === undefined ? {} : { broker: `mqtt://127.0.0.1:${context.broker.port}`, mqtt: 5 },
    );
    context.running = await context.village.start();
    context.node = await context.village.node('mat-01');
    await context.node.join(context.running.hub.broker, context.village.config.mqtt);
  });
  test.after.each(async ({ village, broker }) => {
    await village.remove();
    await broker?.close();
  });

  test('a small record is stored byte for byte, receipted, indexed and opens with age', async ({
    village,
    running,
    node,
  }) => {
    const made = await node.event('e1', 'new');
    await node.send(made);
    await node.stored(made);
    const path = archived(village, made, 'event');
    assert.equal(await readFile(path), Buffer.from(made.bytes));
    const { events, records, rejected, firstEventMs, p95EventLatencyMs } = running.hub.summary();
    assert.equal([events, records, rejected], [1, 1, 0]);
    assert.ok(firstEventMs !== null && firstEventMs > 0 && p95EventLatencyMs !== null && p95EventLatencyMs < 5000);
    const sealed = join(village.dir, 'sealed.age');
    await writeFile(sealed, made.body);
    const safe = join(village.dir, 'from-the-safe.txt');
    await writeFile(safe, village.keys.escrow);
    for (const key of [village.keys.unsealKey, safe]) {
      const { stdout } = await run('age', ['-d', '-i', key, sealed]);
      assert.is(JSON.parse(stdout).reason, 'Vật thể 4 % hình, đi 0,3 hình');
    }
  });

  test('a large body is stored from chunks in any order, and only then receipted', async ({
    village,
    running,
    node,
  }) => {
    const made = await node.record({ kind: 'still' }, randomBytes(10 * blockBytes + 77), 'image/jpeg');
    await node.offer(made);
    assert.equal(await node.missing(made), [[0, Math.ceil(made.body.length / blockBytes)]]);
    for (const [index, blocks] of [
      [8, 3],
      [0, 2],
      [5, 3],
      [2, 2],
    ] as const)
      await node.chunk(made, index, blocks);
    await node.chunk(made, 0, 1);
    assert.is(running.hub.summary().records, 0);
    assert.not(node.isStored(made));
    await node.chunk(made, 4, 1);
    await node.stored(made);
    assert.equal(await readFile(archived(village, made, 'still')), Buffer.from(made.bytes));
    assert.equal(await readdir(join(village.config.dataDir, 'incoming', 'mat-01')), []);
  });

  test('after a restart of the hub only the missing blocks are asked for', async ({ village, running, node }) => {
    const made = await node.record({ kind: 'still' }, randomBytes(20 * blockBytes), 'image/jpeg');
    await node.offer(made);
    await node.missing(made);
    await node.chunk(made, 0, 6);
    await node.chunk(made, 10, 4);
    const part = join(village.config.dataDir, 'incoming', 'mat-01', `${made.id}.part`);
    await until(
      'both chunks',
      async () => (await readFile(part)).subarray(made.body.length).filter((mark) => mark === 1).length === 10,
    );
    await node.leave();
    await running.stop();
    const again = await village.start();
    await node.join(again.hub.broker, village.config.mqtt);
    node.receipts.length = 0;
    await node.offer(made);
    const blocks = Math.ceil(made.body.length / blockBytes);
    assert.equal(await node.missing(made), [
      [6, 10],
      [14, blocks],
    ]);
    await node.chunk(made, 14, blocks - 14);
    await node.chunk(made, 6, 4);
    await node.stored(made);
    assert.equal(await readFile(archived(village, made, 'still')), Buffer.from(made.bytes));
  });

  test('a part spoilt while the hub was down is asked for once more, not called wrong', async ({
    village,
    running,
    node,
  }) => {
    const made = await node.record({ kind: 'still' }, randomBytes(4 * blockBytes), 'image/jpeg');
    const blocks = Math.ceil(made.body.length / blockBytes);
    await node.offer(made);
    await node.missing(made);
    await node.chunk(made, 0, 2);
    const part = join(village.config.dataDir, 'incoming', 'mat-01', `${made.id}.part`);
    await until('the chunk', async () => (await readFile(part)).at(made.body.length + 1) === 1);
    await node.leave();
    await running.stop();
    const bytes = await readFile(part);
    await writeFile(part, bytes.fill(0, 0, blockBytes));
    const again = await village.start();
    await node.join(again.hub.broker, village.config.mqtt);
    node.receipts.length = 0;
    await node.offer(made);
    assert.equal(await node.missing(made), [[2, blocks]]);
    await node.chunk(made, 2, blocks - 2);
    await until('to be asked for all of it', async () => (await node.missing(made))[0]?.[0] === 0);
    await node.chunk(made, 0, blocks);
    await node.stored(made);
    assert.is(again.hub.summary().rejected, 0);
  });

  test('what comes twice is receipted twice and stored once', async ({ running, node }) => {
    const made = await node.event('e1', 'new');
    for (let count = 0; count < 5; count++) await node.send(made);
    await until('four duplicates', () => running.hub.summary().duplicates === 4);
    assert.is(running.hub.summary().records, 1);
    node.receipts.length = 0;
    await node.offer(made);
    await node.stored(made);
  });

  test('a flipped bit in the body is refused, whole or in chunks, and the right bytes are taken after it', async ({
    running,
    node,
  }) => {
    const small = await node.event('e1', 'new');
    await node.send({ ...small, bytes: flipped(small.bytes, small.bytes.length - 9) });
    await until('the refusal', () => node.isRefused(small) === 'body');
    const large = await node.record({ kind: 'still' }, randomBytes(3 * blockBytes), 'image/jpeg');
    await node.offer(large);
    await node.missing(large);
    await node.chunk({ ...large, body: flipped(large.body, 20_000) }, 0, 4);
    await until('the refusal', () => node.isRefused(large) === 'body');
    assert.is(running.hub.summary().records, 0);
    await node.deliver(small);
    node.receipts.length = 0;
    await node.deliver(large);
    assert.is(running.hub.summary().records, 2);
  });

  test('a manifest changed by one letter fails its signature', async ({ running, node }) => {
    const made = await node.event('e1', 'new');
    await node.send({ ...made, bytes: flipped(made.bytes, 300) });
    await until('the count', () => running.hub.summary().signatureFailures === 1);
    assert.equal([running.hub.summary().records, running.hub.summary().rejected], [0, 1]);
  });

  test("one node's record on another node's topic is refused", async ({ village, running, node }) => {
    const other = await village.node('mat-02');
    await other.join(running.hub.broker, village.config.mqtt);
    const made = await node.event('e1', 'new');
    await node.publish(`${root(commune, 'mat-02')}/out/record`, made.bytes);
    await until('the refusal', () => other.isRefused(made) === 'signature');
    // The key would fit, the name in the manifest does not.
    const alien = await node.record({ node: 'mat-02' }, 'x');
    await node.send(alien);
    await until('the refusal', () => node.isRefused(alien) === 'other-node');
    assert.is(running.hub.summary().records, 0);
  });

  test('a stranger is refused until its key is there', async ({ village, running, node }) => {
    const made = await node.event('e1', 'new');
    const path = join(village.config.keysDir, 'mat-01.pub');
    const key = await readFile(path);
    await unlink(path);
    await node.send(made);
    await until('the refusal', () => running.hub.summary().rejectedBy['unknown-node'] === 1);
    assert.is(running.hub.summary().records, 0);
    await writeFile(path, key);
    await until('being let in', async () => {
      await node.send(made);
      return node.isStored(made);
    });
  });

  test('another record under a stored identity is refused, told as an alarm, and never replaces the first', async ({
    village,
    running,
    node,
  }) => {
    const first = await node.event('e1', 'new');
    await node.deliver(first);
    const second = await node.event('e1', 'new', { reason: 'something else' }, { boot: first.boot, seq: first.number });
    await node.send(second);
    await until('the refusal', () => node.isRefused(second) === 'conflict');
    assert.equal(await readFile(archived(village, first, 'event')), Buffer.from(first.bytes));
    const answer: { hubFaults: { code: string }[] } = await (await running.get(`api/nodes`)).json();
    assert.is(answer.hubFaults[0]?.code, 'conflict');
    await until(
      'the evidence',
      async () => (await readdir(join(village.config.dataDir, 'conflicts', 'mat-01')).catch(() => [])).length === 1,
    );
    assert.is(running.hub.summary().records, 1);
  });

  test('a broken chain is stored all the same, and counted', async ({ running, node }) => {
    const [a, b, c, d, e, f] = await sixRecords(node);
    for (const made of [f, a, e, b]) if (made !== undefined) await node.deliver(made);
    assert.is(running.hub.summary().chainGaps, 1);
    for (const made of [d, c]) if (made !== undefined) await node.deliver(made);
    assert.is(running.hub.summary().chainGaps, 0);
    await node.deliver(await node.record({ prev: 'f'.repeat(64) }, 'x'));
    assert.is(running.hub.summary().chainGaps, 1);
  });

  test.run();
}

function archived(village: Village, made: Made, kind: 'event' | 'still'): string {
  const name = recordFileName({ boot: made.boot, seq: made.number, kind, sha256: made.id });
  return join(village.config.dataDir, 'archive', made.name, made.boot, name);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

async function sixRecords(node: TestSender): Promise<Made[]> {
  const made: Made[] = [];
  while (made.length < 6) made.push(await node.record({}, 'x'));
  return made;
}
