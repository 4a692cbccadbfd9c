// Nothing is signed for before it is on the disk for good, and a disk that fails costs nothing but time.
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { blockBytes } from '../../protocol/receipt.ts';
import { until } from '../support/until.ts';
import { type Made, makeVillage, type TestSender, type Village } from './village.ts';

const test = suite<{ village: Village; node: TestSender }>('durable');
test.before.each(async (context) => {
  context.village = await makeVillage();
  context.node = await context.village.node('mat-01');
});
test.after.each(({ village }) => village.remove());

interface Told {
  readonly on: Disk;
  readonly steps: string[];
  /** Called before each step; may wait or throw. */
  before: (step: string) => Promise<void>;
}

/** The real disk, telling each durable step within `archive/` and `tmp/`. */
function tellingDisk(dataDir: string): Told {
  const told: Told = { steps: [], before: async () => undefined, on: disk };
  const step = async <T>(name: string, path: string, work: () => Promise<T>): Promise<T> => {
    const place = path.startsWith(join(dataDir, 'archive'))
      ? 'archive'
      : path.startsWith(join(dataDir, 'tmp'))
        ? 'tmp'
        : '';
    if (place === '') return await work();
    await told.before(`${name} ${place}`);
    const done = await work();
    told.steps.push(`${name} ${place}`);
    return done;
  };
  const on: Disk = {
    ...disk,
    create: async (path) => {
      const file = await step('create', path, () => disk.create(path));
      return {
        ...file,
        write: (bytes, at) => step('write', path, () => file.write(bytes, at)),
        sync: () => step('sync', path, () => file.sync()),
      };
    },
    makeFolder: (path) => step('folder', path, () => disk.makeFolder(path)),
    rename: (from, to) => step('rename', to, () => disk.rename(from, to)),
    syncFolder: (path) => step('sync folder', path, () => disk.syncFolder(path)),
  };
  return Object.assign(told, { on });
}

async function begin(village: Village, node: TestSender) {
  const told = tellingDisk(village.config.dataDir);
  const running = await village.start(told.on);
  await node.join(running.hub.broker, 4);
  told.steps.length = 0;
  return { told, running };
}

const archivedNames = async (village: Village, made: Made): Promise<string[]> =>
  await readdir(join(village.config.dataDir, 'archive', made.name, made.boot)).catch(() => []);

test('bytes, name and folder are on the disk before the receipt is signed', async ({ village, node }) => {
  const { told, running } = await begin(village, node);
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  told.before = async (step) => {
    if (step !== 'sync folder archive') return;
    arrived.resolve();
    await held.promise;
  };
  const made = await node.event('e1', 'new');
  await node.send(made);
  await arrived.promise;
  // Everything else is done by now. Another node's refusal comes back meanwhile, so receipts do flow.
  const wrong = await node.record({ node: 'mat-02' }, 'x');
  await node.send(wrong);
  await until('a receipt for something else', () => node.isRefused(wrong) !== undefined);
  assert.not(node.isStored(made));
  assert.is(running.hub.summary().records, 0);
  held.resolve();
  await node.stored(made);
  assert.equal(told.steps, [
    'create tmp',
    'write tmp',
    'write tmp',
    'sync tmp',
    'folder archive',
    'rename archive',
    'sync folder archive',
  ]);
});

for (const failing of ['create tmp', 'write tmp', 'sync tmp', 'rename archive', 'sync folder archive']) {
  test(`a disk that fails at "${failing}" gives no receipt, and the record is taken once it works again`, async ({
    village,
    node,
  }) => {
    const { told, running } = await begin(village, node);
    told.before = async (step) => {
      if (step === failing) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    };
    const small = await node.event('e1', 'new');
    const large = await node.record({ kind: 'still' }, randomBytes(3 * blockBytes), 'image/jpeg');
    const blocks = Math.ceil(large.body.length / blockBytes);
    await node.send(small);
    await node.offer(large);
    await node.missing(large);
    await node.chunk(large, 0, blocks);
    const faults = async () => {
      const answer: { hubFaults: { code: string }[] } = await (await running.get(`api/nodes`)).json();
      return answer.hubFaults.filter(({ code }) => code === 'disk').length;
    };
    await until('both faults', async () => (await faults()) === 2);
    assert.not(node.isStored(small) || node.isStored(large));
    assert.equal(await readdir(join(village.config.dataDir, 'tmp')), []);
    if (failing !== 'sync folder archive') assert.equal(await archivedNames(village, small), []);
    told.before = async () => undefined;
    await node.send(small);
    // All its blocks are here already: the offer alone is enough.
    await node.offer(large);
    await node.stored(small);
    await node.stored(large);
    assert.is(running.hub.summary().rejected, 0);
  });
}

test('many records at once share the flushes of their folder', async ({ village, node }) => {
  const { told } = await begin(village, node);
  const made: Made[] = [];
  for (let count = 0; count < 100; count++) made.push(await node.record({}, 'x'));
  await Promise.all(made.map(node.send));
  for (const each of made) await node.stored(each);
  const [first] = made;
  if (first === undefined) throw new Error('nothing made');
  const flushes = told.steps.filter((step) => step === 'sync folder archive').length;
  assert.is((await archivedNames(village, first)).filter((name) => name.endsWith('.rec')).length, 100);
  assert.ok(flushes < 80, `${flushes} flushes for 100 records`);
});

test('a nearly full disk is not filled: no receipt, no loss, and a word about it', async ({ village, node }) => {
  const told = tellingDisk(village.config.dataDir);
  const room = { freeBytes: 10 };
  const on: Disk = { ...told.on, space: async () => ({ freeBytes: room.freeBytes, totalBytes: 1000 }) };
  Object.assign(village.config, { keepFreeMiB: 1 });
  const running = await village.start(on);
  await node.join(running.hub.broker, 4);
  const made = await node.event('e1', 'new');
  await node.send(made);
  await until('the word', async () => {
    const answer: { hubFaults: { code: string }[] } = await (await running.get(`api/nodes`)).json();
    return answer.hubFaults.some(({ code }) => code === 'disk-full');
  });
  assert.equal([node.isStored(made), running.hub.summary().records], [false, 0]);
  room.freeBytes = 10_000_000;
  await until('being taken', async () => {
    await node.send(made);
    return node.isStored(made);
  });
});

test.run();
