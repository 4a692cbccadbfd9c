// The ring in full: any minute of the last hours can be had, of this start and of earlier ones; what is held by order stays.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folders } from '../../agent/outbox.ts';
import { openFootage } from '../../agent/recorder/footage.ts';
import { lookBack } from '../../agent/recorder/look-back.ts';
import { openPinned } from '../../agent/recorder/pinned.ts';
import { openRoom } from '../../agent/recorder/room.ts';
import { openSpool, type Spool } from '../../agent/spool.ts';
import { disk } from '../../hal/disk.ts';
import type { Order } from '../../protocol/command.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { recordsOf } from './records.ts';
import { bootWallMs, startScripted, testConfig } from './scripted-camera.ts';

const test = suite<{ node: TestNode }>('ring');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const quiet = {
  raise: () => undefined,
  over: () => undefined,
  note: () => undefined,
  standing: () => [],
  count: () => 0,
};
const hours = process.env.MATLANG_LONG === undefined ? 1 : 24;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const fragmentBytes = 400;

/** A node that films for so long, as fast as the card goes: real segments, real names, a clock that is wound. */
async function filmed(node: TestNode, spool: Spool, filmedMs: number, ringBytesMax: number) {
  const clock = { monoMs: 0 };
  const now = () => ({ monoMs: clock.monoMs, wallMs: bootWallMs + clock.monoMs, clock: 'ntp', errorMs: 1 }) as const;
  const pinned = openPinned(disk, node.dataDir);
  const rules = { ringBytesMax, spoolBytesMax: 1e9, keepFreeBytes: 0, hardFreeBytes: 0 };
  const onCard = () => Promise.resolve(true);
  const room = openRoom(disk, node.dataDir, spool, rules, quiet, now, () => false, onCard);
  const footage = await openFootage(
    {
      ...{ disk, spool, pinned, now },
      dataDir: node.dataDir,
      maker: node.maker,
      troubles: quiet,
      onSegment: () => undefined,
    },
    'ring',
    testConfig().events,
  );
  footage.init(Buffer.from('ftyp moov'));
  const fragment = Buffer.alloc(fragmentBytes, 7);
  // Ten at a time: longer ones only to have fewer of them.
  for (; clock.monoMs < filmedMs; clock.monoMs += 5000) {
    footage.fragment({ bytes: fragment, monoMs: clock.monoMs, durationMs: 5000 });
    if (clock.monoMs % minuteMs === 0) await footage.settled();
    if (clock.monoMs % (10 * minuteMs) === 0) await room.make();
  }
  await footage.settled();
  await room.make();
  return { clock, world: { disk, dataDir: node.dataDir, spool, pinned, now } };
}

test(`any minute of the last ${hours} h can be had; what came before has gone, oldest first`, async ({ node }) => {
  const spool = await openSpool(disk, node.dataDir, node.identityDir, node.maker);
  const probe = await filmed(node, spool, 2 * minuteMs, 1e9);
  const [name = ''] = await disk.list(folders(node.dataDir).ring);
  const segmentBytes = await disk.size(`${folders(node.dataDir).ring}/${name}`);
  for (const each of await disk.list(folders(node.dataDir).ring))
    await disk.remove(`${folders(node.dataDir).ring}/${each}`);
  assert.ok(probe.clock.monoMs > 0);

  const next = await openSpool(disk, node.dataDir, node.identityDir, node.maker);
  const { world } = await filmed(node, next, hours * 1.2 * hourMs, ((hours * hourMs) / 10_000) * segmentBytes);
  const endMs = hours * 1.2 * hourMs;
  const had = async (fromMs: number) =>
    lookBack(world, 'look-0001', bootWallMs + fromMs, bootWallMs + fromMs + minuteMs);
  for (let fromMs = endMs - hours * hourMs; fromMs + minuteMs <= endMs; fromMs += minuteMs)
    assert.match((await had(fromMs)).text, /60 of 60 s are held/, `${fromMs} ms`);
  assert.equal(await had(0), { ok: false, why: 'gone', text: 'no footage of that time is held here' });
});

const order = (given: Order) => ({ v: 1, aud: 'xa-thu/mat-01', id: 'order-0001', expiresAtMs: 0, ...given }) as const;

test('footage of an earlier start is found by the time its own clock told, and a hole in it is said', async ({
  node,
}) => {
  const first = await startScripted(node, testConfig());
  await first.see({ is: 'init', bytes: Buffer.from('ftyp moov') });
  await first.film(40);
  await first.stop();
  const second = await startScripted(node, testConfig());
  const asked = { fromMs: bootWallMs + 10_000, toMs: bootWallMs + 60_000 };
  const reply = await second.recorder.commands.obey(order({ name: 'lookback', args: asked }));
  assert.match(reply.text, /30 of 50 s are held/);
  await second.stop();
  const clip = (await recordsOf(node)).find(({ manifest }) => manifest.kind === 'clip')?.manifest;
  assert.is(clip?.complete, false);
  assert.is(clip?.boot, second.spool.boot);
  assert.is(clip?.segments?.[0]?.boot, first.spool.boot);
});

test('an event that is held stays, footage and all, when everything else is given up; let go, it goes', async ({
  node,
}) => {
  const run = await startScripted(node, testConfig());
  await run.see({ is: 'start', recipe: 'scripted', afresh: false });
  await run.see({ is: 'init', bytes: Buffer.from('ftyp moov') });
  await run.film(20);
  await run.film(5, 'somebody');
  await run.film(12);
  await run.stop();
  const later = await startScripted(node, testConfig());
  const { obey } = later.recorder.commands;
  const event = `${run.spool.boot}-e0`;
  const held = await obey(order({ name: 'record.lock', args: { event } }));
  assert.ok(held.ok && /\d+ files are held/.test(held.text), held.text);
  assert.ok((await obey(order({ name: 'record.lock', args: { event } }))).ok, 'again is harmless');
  const never = await obey(order({ name: 'record.lock', args: { event: 'e-nobody' } }));
  assert.match(never.text, /nothing of it is here/);
  await later.stop();

  const { dataDir } = node;
  const at = folders(dataDir);
  const spool = await openSpool(disk, dataDir, node.identityDir, node.maker);
  const nothing = { ringBytesMax: 0, spoolBytesMax: 0, keepFreeBytes: 0, hardFreeBytes: 0 };
  const time = { monoMs: 0, wallMs: null, clock: 'none', errorMs: 0 } as const;
  const makeRoom = () =>
    openRoom(
      disk,
      dataDir,
      spool,
      nothing,
      quiet,
      () => time,
      () => false,
      () => Promise.resolve(true),
    ).make();
  const ofEvent = async () =>
    (await recordsOf(node)).filter(({ manifest }) => manifest.event?.id === event || manifest.of?.event === event)
      .length;
  const had = await ofEvent();
  assert.ok(had >= 4);
  await makeRoom();
  assert.is(await ofEvent(), had);
  assert.equal(await disk.list(at.ring), []);
  const segments = (await disk.list(at.held)).filter((name) => name.endsWith('.seg'));
  assert.ok(segments.length > 5, `${segments.length} segments`);

  const end = await startScripted(node, testConfig());
  const fetched = { fromMs: bootWallMs + 20_000, toMs: bootWallMs + 25_000 };
  assert.match(
    (await end.recorder.commands.obey(order({ name: 'lookback', args: fetched }))).text,
    /5 of 5 s are held/,
  );
  assert.ok((await end.recorder.commands.obey(order({ name: 'record.unlock', args: { event } }))).ok);
  await end.stop();
  await makeRoom();
  assert.is(await ofEvent(), 0);
  assert.equal(await disk.list(at.held), []);
});

test.run();
