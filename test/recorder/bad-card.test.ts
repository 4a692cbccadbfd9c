// A card that refuses for a while, is full to the last byte, or is at work in two processes at once.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folders, openOutbox } from '../../agent/outbox.ts';
import { openOwed } from '../../agent/recorder/owed.ts';
import { openRoom } from '../../agent/recorder/room.ts';
import { openTroubles } from '../../agent/recorder/troubles.ts';
import { type Draft, openSpool, type Stored } from '../../agent/spool.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { openSimDisk, type SimDisk, type SimRules } from '../../hal/sim-disk/sim-disk.ts';
import type { DrainClass } from '../../protocol/manifest.ts';
import { parseFileName, splitRecordFile } from '../../protocol/record-file.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { until } from '../support/until.ts';
import { recordsOf } from './records.ts';
import { startScripted, testConfig } from './scripted-camera.ts';

const test = suite<{ node: TestNode }>('a bad card');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const time = { monoMs: 1, wallMs: null, clock: 'none', errorMs: 0 } as const;
const draft = (drainClass: DrainClass, bytes = 100): Draft => ({
  kind: drainClass === 2 ? 'still' : 'log',
  class: drainClass,
  time,
  body: { plain: Buffer.alloc(bytes, drainClass), type: 'text/plain' },
});
const full: Stored = { ok: false, why: 'card-full', cause: new Error('full') };
const done = { ok: true } as Stored;

/** The real card behind a switch: while `refuses` names a code, nothing can be changed on it. */
function switched(): { on: Disk; refuses: string | undefined } {
  const state: { on: Disk; refuses: string | undefined } = { on: disk, refuses: undefined };
  const ask = () => {
    if (state.refuses !== undefined) throw Object.assign(new Error(state.refuses), { code: state.refuses });
  };
  state.on = {
    ...disk,
    create: async (path) => {
      ask();
      return await disk.create(path);
    },
    rename: async (from, to) => {
      ask();
      await disk.rename(from, to);
    },
    link: async (from, to) => {
      ask();
      await disk.link(from, to);
    },
    remove: async (path) => {
      ask();
      await disk.remove(path);
    },
  };
  return state;
}

for (const code of ['EROFS', 'EIO', 'ENOSPC'])
  test(`an event during ${code} is written when the card takes again, and the trouble ends`, async ({ node }) => {
    const card = switched();
    const run = await startScripted(node, testConfig(), card.on);
    await run.see({ is: 'start', recipe: 'scripted', afresh: false });
    await run.see({ is: 'init', bytes: Buffer.from('ftyp moov') });
    await run.film(20);
    const kinds = async () => (await recordsOf(node)).map(({ manifest }) => manifest.kind);
    assert.not((await kinds()).includes('event'));
    card.refuses = code;
    await run.film(3, 'somebody');
    const standing = () => run.recorder.troubles.standing().filter(({ code: word }) => word.startsWith('card-'));
    await until('the trouble', () => standing().length > 0);
    assert.not((await kinds()).includes('event'));
    card.refuses = undefined;
    await until('the event', async () => (await kinds()).includes('event'));
    await until('the end of the trouble', () => standing().length === 0);
    await run.stop();
    const events = (await recordsOf(node)).filter(({ manifest }) => manifest.kind === 'event');
    assert.equal(
      events.map(({ manifest }) => manifest.event?.phase),
      ['new', 'end'],
    );
    assert.is((await recordsOf(node)).filter(({ manifest }) => manifest.kind === 'still').length, 1);
  });

test('what is owed is paid alarms first, in their order, and only as far as the card takes it', async () => {
  const card = { takes: 0, given: [] as string[] };
  const owed = openOwed(async ({ class: drainClass, time: { monoMs } }) => {
    if (card.takes === 0) return full;
    card.takes -= 1;
    card.given.push(`${drainClass}@${monoMs}`);
    return done;
  });
  for (const [index, drainClass] of ([5, 1, 0, 1] as const).entries())
    assert.is((await owed.append({ ...draft(drainClass), time: { ...time, monoMs: index } })).ok, false);
  assert.equal(owed.counts(), { owed: 4, forgone: 0 });
  card.takes = 3;
  await Promise.all([owed.pay(), owed.pay()]);
  assert.equal(card.given, ['0@2', '1@1', '1@3']);
  assert.equal(owed.counts(), { owed: 1, forgone: 0 });
});

test('what is owed has a bound; beyond it the least important goes, and is counted', async () => {
  const owed = openOwed(async () => full);
  for (let count = 0; count < 50; count++) await owed.append(draft(2, 100_000));
  assert.equal(owed.counts(), { owed: 41, forgone: 9 });
  for (let count = 0; count < 20; count++) await owed.append(draft(0));
  const { owed: held, forgone } = owed.counts();
  assert.equal([held, forgone], [60, 10]);
});

test("a debt that can never be paid is in nobody else's way", async () => {
  const owed = openOwed(async ({ class: drainClass }) => {
    if (drainClass !== 0) return full;
    throw new Error('a bug');
  });
  await owed.append(draft(1));
  const failing = { now: true };
  const work = async () => {
    if (failing.now) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  };
  await owed.attempt(0, work).catch(() => undefined);
  assert.is(owed.counts().owed, 2);
  failing.now = false;
  await owed.pay();
  assert.equal(owed.counts(), { owed: 1, forgone: 0 });
});

interface Card {
  readonly sim: SimDisk;
  readonly order: string[];
  readonly make: (rules: { ringBytesMax?: number; spoolBytesMax?: number }) => ReturnType<typeof openRoom>;
  readonly append: (drainClass: DrainClass) => Promise<Stored>;
  readonly names: (folder: string) => Promise<string[]>;
}

async function simulated(node: TestNode, rules: SimRules = {}): Promise<Card> {
  const order: string[] = [];
  const sim = openSimDisk(undefined, {
    ...rules,
    before: (call) => {
      if (call.op === 'rename' || call.op === 'remove') order.push(`${call.op} ${call.to ?? call.path}`);
      return rules.before?.(call);
    },
  });
  const spool = await openSpool(sim, '/data', '/identity', node.maker);
  const troubles = openTroubles(
    spool.append,
    () => time,
    () => undefined,
  );
  return {
    sim,
    order,
    append: (drainClass) => spool.append(draft(drainClass, 3000)),
    make: (given) => {
      const all = { ringBytesMax: 1e9, spoolBytesMax: 1e9, keepFreeBytes: 0, hardFreeBytes: 0, ...given };
      return openRoom(
        sim,
        '/data',
        spool,
        all,
        troubles,
        () => time,
        () => false,
        () => Promise.resolve(true),
      );
    },
    names: (folder) => sim.list(folder),
  };
}

async function goneIn(card: Card, node: TestNode): Promise<string[]> {
  const gone: string[] = [];
  for (const name of await card.names(folders('/data').waiting(1))) {
    if (!name.includes('-tombstone-')) continue;
    const file = splitRecordFile(await card.sim.read(`${folders('/data').waiting(1)}/${name}`));
    const details = JSON.parse(Buffer.from(await node.open(file?.body ?? new Uint8Array())).toString('utf8'));
    gone.push(...details.gone.map(({ sha256 }: { sha256: string }) => sha256));
  }
  return gone;
}

test('what is given up is named before it goes, and the names stay when room is made again', async ({ node }) => {
  const card = await simulated(node);
  for (let count = 0; count < 5; count++) await card.append(5);
  const names = await card.names(folders('/data').waiting(5));
  card.order.length = 0;
  const room = card.make({ spoolBytesMax: 0 });
  await room.make();
  const named = card.order.findIndex((step) => step.startsWith('rename') && step.includes('-tombstone-'));
  const removed = card.order.findIndex((step) => step.startsWith('remove /data/spool/5/'));
  assert.ok(named >= 0 && named < removed, card.order.join('\n'));
  assert.equal(room.counts(), { evicted: 5, lost: 5 });
  await room.make();
  await card.make({ spoolBytesMax: 0 }).make();
  assert.equal(
    await goneIn(card, node),
    names.map((name) => parseFileName(name)?.hash16),
  );
});

test('on a card full to the last byte the reserve makes room for the tombstone; without any, nothing is given up unnamed', async ({
  node,
}) => {
  const rules = { capacityBytes: 400_000 };
  const card = await simulated(node, rules);
  const room = card.make({});
  await room.make();
  assert.ok((await card.names('/data')).includes('reserve'));
  while ((await card.append(5)).ok);
  while ((await card.append(2)).ok);
  const before = (await card.names(folders('/data').waiting(5))).length;
  const tight = card.make({ spoolBytesMax: 100_000 });
  await tight.make();
  const { lost } = tight.counts();
  assert.ok(lost > 0 && lost <= before, `${lost} of ${before}`);
  assert.is((await goneIn(card, node)).length, lost);
  assert.ok((await card.names('/data')).includes('reserve'), 'made again');
});

test('a pinned segment that leaves the ring is not counted as evicted', async ({ node }) => {
  const card = await simulated(node);
  const name = '000001.aabbccdd-0000000001-000000001000-02000-0123456789abcdef.seg';
  const file = await card.sim.create(`/data/ring/${name}`);
  await file.write(Buffer.alloc(100), 0);
  await card.sim.link(`/data/ring/${name}`, `${folders('/data').waiting(3)}/${name}`);
  const room = card.make({ ringBytesMax: 0 });
  await room.make();
  assert.equal(await card.names('/data/ring'), []);
  assert.is(room.counts().evicted, 0);
});

test('a start finds the end of the chain also when the uplink moves it away meanwhile', async ({ node }) => {
  const { sim, append } = await simulated(node);
  const stored = await append(1);
  if (!stored.ok) throw new Error('not stored');
  const outbox = openOutbox(sim, '/data');
  const [item] = await outbox.list(1);
  if (item === undefined) throw new Error('nothing waits');
  const moving: Disk = {
    ...sim,
    list: async (path) => {
      const names = await sim.list(path);
      if (path === folders('/data').quarantine) await outbox.delivered([item]);
      return names;
    },
  };
  const next = await openSpool(moving, '/data', '/identity', node.maker);
  const after = await next.append(draft(1));
  assert.is(after.ok && after.manifest.prev, stored.sha256);
});

test.run();
