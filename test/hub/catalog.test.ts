import { readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rebuiltTables } from '../../hub/catalog-schema.ts';
import type { NodeView } from '../../hub/web/nodes.ts';
import { until } from '../support/until.ts';
import { makeClip, makeFilm } from './films.ts';
import { makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

const test = suite<{ village: Village; running: Running; node: TestSender }>('catalogue');
test.before.each(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.node = await context.village.node('mat-01');
  await context.node.join(context.running.hub.broker, 4);
});
test.after.each(({ village }) => village.remove());

/** A bit of everything. */
async function fill(node: TestSender): Promise<void> {
  const film = await makeFilm(6);
  await node.deliver(await node.event('e1', 'new'));
  await node.deliver(
    await node.event(
      'e1',
      'update',
      { reason: 'more' },
      { event: { id: 'e1', phase: 'update', trigger: 'panic', level: 'alarm' } },
    ),
  );
  const { clip, segments } = await makeClip(node, film, 'e1', 0, 6);
  for (const segment of segments) await node.deliver(segment);
  await node.deliver(clip);
  const end = { event: { id: 'e1', phase: 'end', trigger: 'panic', level: 'alarm' } } as const;
  await node.deliver(await node.event('e1', 'end', { endedBy: 'quiet' }, end));
  await node.deliver(
    await node.record({ kind: 'fault' }, JSON.stringify({ code: 'camera-hang', standing: true, text: 'no picture' })),
  );
  const lost = { boot: '000001.00000000', number: 9, sha256: 'a'.repeat(64), bytes: 5 };
  const gone = ['still', 'segment'].map((kind) => ({ ...lost, kind }));
  await node.deliver(await node.record({ kind: 'tombstone' }, JSON.stringify({ why: 'quota', gone })));
  node.reboot();
  await node.deliver(
    await node.event('e2', 'new', {}, { time: { monoMs: 5, wallMs: null, clock: 'none', errorMs: 0 } }),
  );
}

function dump(village: Village): Record<string, unknown[]> {
  const db = new DatabaseSync(join(village.config.dataDir, 'index.sqlite'), { readOnly: true });
  const tables = rebuiltTables.filter((table) => table !== 'shelf' && table !== 'retime_due');
  const rows = tables.map((table) => [table, db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()]);
  db.close();
  return Object.fromEntries(rows);
}

test('a lost, a damaged and a foreign catalogue are rebuilt equal from the archive', async ({
  village,
  running,
  node,
}) => {
  await fill(node);
  await running.stop();
  const before = dump(village);
  assert.is(before.event?.length, 2);
  // The button that somebody pressed while another moved: that is what it is about.
  assert.match(JSON.stringify(before.event?.[0]), '"cause":"panic"');
  assert.is(before.segment?.length, 3);
  const path = join(village.config.dataDir, 'index.sqlite');
  const spoil: readonly (() => Promise<void>)[] = [
    () => rm(path),
    () => writeFile(path, 'not a database'),
    async () => {
      const db = new DatabaseSync(path);
      db.exec('PRAGMA user_version = 99');
      db.close();
    },
  ];
  for (const damage of spoil) {
    await damage();
    const again = await village.start();
    assert.is(again.hub.reindexed.added, 10);
    await again.stop();
    assert.equal(dump(village), before);
  }
});

test('what the catalogue lacks is added at start, and what has gone from the archive is forgotten', async ({
  village,
  running,
  node,
}) => {
  await fill(node);
  await running.stop();
  const before = dump(village);
  const db = new DatabaseSync(join(village.config.dataDir, 'index.sqlite'));
  db.exec(
    "DELETE FROM record WHERE kind = 'clip'; DELETE FROM event WHERE id = 'e2'; DELETE FROM record WHERE event_id = 'e2'; DELETE FROM shelf",
  );
  db.close();
  const behind = await village.start();
  assert.equal(behind.hub.reindexed, { added: 2, bad: 0, afresh: false });
  await behind.stop();
  assert.equal(dump(village), before);
  const idle = await village.start();
  assert.equal(idle.hub.reindexed, { added: 0, bad: 0, afresh: false });
  await idle.stop();
  const archive = join(village.config.dataDir, 'archive', 'mat-01');
  const [boot = ''] = (await readdir(archive)).sort().reverse();
  for (const name of await readdir(join(archive, boot))) await unlink(join(archive, boot, name));
  const less = await village.start();
  assert.is(less.hub.summary().events, 1);
});

test('a file in the archive that is not what its name says is told, not shown', async ({ village, running, node }) => {
  await fill(node);
  await running.stop();
  const archive = join(village.config.dataDir, 'archive', 'mat-01');
  const [boot = ''] = (await readdir(archive)).sort();
  const name = `${boot}-0000000099-event-0123456789abcdef.rec`;
  await writeFile(join(archive, boot, name), 'rubbish\n');
  const again = await village.start();
  assert.is(again.hub.reindexed.bad, 1);
  assert.is(again.hub.summary().events, 2);
});

test('records of one event merge to the same row in whatever order they come', async ({ village, running }) => {
  let turn = 0;
  const rows = new Set<string>();
  const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });
  const property = fc.asyncProperty(order, async (places) => {
    const name = `mat-1${turn++}`;
    const sender = await village.node(name);
    await sender.join(running.hub.broker, 4);
    const at = (seconds: number) => ({
      time: { monoMs: seconds * 1000, wallMs: 1_700_000_000_000 + seconds * 1000, clock: 'ntp', errorMs: 1 } as const,
    });
    const made = [
      await sender.event('e', 'new', { reason: 'a' }, at(0)),
      await sender.event(
        'e',
        'update',
        { reason: 'b' },
        { ...at(3), event: { id: 'e', phase: 'update', trigger: 'motion', level: 'alarm' } },
      ),
      await sender.event('e', 'update', { reason: 'c', zones: ['x'] }, at(6)),
      await sender.event('e', 'end', { reason: 'd', lastMonoMs: 9000 }, at(9)),
    ];
    for (const place of places) {
      const each = made[place];
      if (each !== undefined) await sender.deliver(each);
    }
    const { events }: { events: Record<string, unknown>[] } = await (await running.get(`api/events?limit=200`)).json();
    const { node: _node, title: _title, ...row } = events.find(({ node }) => node === name) ?? {};
    rows.add(JSON.stringify(row));
    await sender.leave();
  });
  await fc.assert(property, { numRuns: 10 });
  assert.is(rows.size, 1, [...rows].join('\n'));
  assert.match([...rows][0] ?? '', /"level":"alarm","ended":true,"durationMs":8000,"reason":"d"/);
});

test('a node that gave records up and said so has no gap', async ({ running, node }) => {
  const kept = await node.record({}, 'kept');
  const given = await node.record({ kind: 'still' }, 'given up');
  const after = await node.record({}, 'after');
  await node.deliver(kept);
  await node.deliver(after);
  assert.is(running.hub.summary().chainGaps, 1);
  const gone = [{ boot: given.boot, number: given.number, kind: 'still', sha256: given.id, bytes: given.body.length }];
  await node.deliver(await node.record({ kind: 'tombstone' }, JSON.stringify({ why: 'quota', gone })));
  await until('the tombstone to count', () => running.hub.summary().chainGaps === 0);
});

test('pieces of a film that the node gave up are told as lost, not as on their way; what came all the same is here', async ({
  running,
  node,
}) => {
  await node.deliver(await node.event('e1', 'new'));
  const { clip, segments } = await makeClip(node, await makeFilm(6), 'e1', 0, 6);
  const [first, second, third] = segments;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three pieces were made');
  await node.deliver(clip);
  await node.deliver(first);
  const pieces = async () => {
    const { events } = await (await running.get('api/events')).json();
    const { here, gone, of } = events[0].clips[0];
    return { here, gone, of };
  };
  assert.equal(await pieces(), { here: 1, gone: 0, of: 3 });
  const givenUp = [second, third].map(({ boot, number, id, bytes }) => ({
    ...{ boot, number, kind: 'segment', sha256: id.slice(0, 16), bytes: bytes.length },
  }));
  await node.deliver(await node.record({ kind: 'tombstone' }, JSON.stringify({ why: 'quota', gone: givenUp })));
  assert.equal(await pieces(), { here: 1, gone: 2, of: 3 });
  const care = async () => (await (await running.get('api/care/mat-01')).json()).givenUp;
  assert.equal(await care(), { records: 0, segments: 2 });
  // A cut had left it there although it was named.
  await node.deliver(second);
  assert.equal(
    [await pieces(), await care()],
    [
      { here: 2, gone: 1, of: 3 },
      { records: 0, segments: 1 },
    ],
  );
});

test('what stood when a start was cut off stands no more with the next, which tells what stands', async ({
  village,
  running,
  node,
}) => {
  const { cookie } = await signIn(village.config.dataDir, running.hub.url, 'chief');
  const standing = async () => {
    const answer = await fetch(new URL('api/nodes', running.hub.url), { headers: { cookie } });
    const { nodes }: { nodes: NodeView[] } = JSON.parse(await answer.text());
    return nodes[0]?.faults.map(({ code }) => code);
  };
  const fault = async (code: string, isStanding: boolean) =>
    await node.deliver(
      await node.record({ kind: 'fault' }, JSON.stringify({ code, standing: isStanding, text: 'as it was' })),
    );
  await fault('camera-hang', true);
  await fault('board-hot', true);
  await fault('board-hot', false);
  assert.equal(await standing(), ['camera-hang']);
  node.reboot();
  await node.deliver(await node.record({ kind: 'boot' }, '{}'));
  assert.equal(await standing(), []);
  await fault('card-full', true);
  assert.equal(await standing(), ['card-full']);
});

test.run();
