// While the card refuses, records live in memory: seen and sent from there at once, copied to the card in their order when it takes again.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folders, isDraft, openOutbox } from '../../agent/outbox.ts';
import { besideRefuge, openRefuge, type Refuge } from '../../agent/refuge.ts';
import { type Draft, openSpool, type Spool } from '../../agent/spool.ts';
import { emptyImage } from '../../hal/sim-disk/image.ts';
import { openSimDisk, type SimDisk } from '../../hal/sim-disk/sim-disk.ts';
import {
  type DrainClass,
  drainClasses,
  type Manifest,
  manifestSchema,
  type RecordKind,
} from '../../protocol/manifest.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { readUnverified, sha256 } from '../../protocol/sign.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';

const test = suite<{ node: TestNode }>('refuge');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const place = { dataDir: '/data', identityDir: '/identity', memoryDir: '/run/refuge' };
const at = folders(place.dataDir);
const time = { monoMs: 1, wallMs: null, clock: 'none', errorMs: 0 } as const;
const draft = (drainClass: DrainClass, bytes = 100, kind: RecordKind = 'event'): Draft => ({
  kind,
  class: drainClass,
  time,
  body: { plain: Buffer.alloc(bytes, drainClass), type: 'text/plain' },
});

interface Stage {
  readonly card: SimDisk;
  readonly refuge: Refuge;
  /** What is done the next time a folder of the card is flushed. */
  readonly says: { refuses: string | undefined; meanwhile: (() => Promise<void>) | undefined };
  readonly open: () => Promise<Spool>;
  readonly outbox: ReturnType<typeof openOutbox>;
}

/** A card that refuses changes while it is told to; with EIO also what is read of the data folder. */
function stage(node: TestNode, refuses?: string): Stage {
  const says: Stage['says'] = { refuses, meanwhile: undefined };
  const reads = ['read', 'list', 'size'];
  const card = openSimDisk(emptyImage, {
    before: ({ op, path }) => {
      const isRead = reads.includes(op);
      return isRead && (says.refuses !== 'EIO' || path.startsWith(place.identityDir)) ? undefined : says.refuses;
    },
  });
  const memory = openSimDisk(emptyImage);
  const flushed = async (path: string) => {
    const now = says.meanwhile;
    says.meanwhile = undefined;
    await now?.();
    await card.syncFolder(path);
  };
  const refuge = openRefuge({ ...card, syncFolder: flushed }, memory, place);
  return {
    ...{ card, refuge, says },
    open: () => openSpool(refuge.disk, place.dataDir, place.identityDir, node.maker),
    outbox: openOutbox(besideRefuge(card, memory, place.dataDir, place.memoryDir), place.dataDir),
  };
}

/** The first try tells that the card refuses, the second goes to memory: what the recorder does. */
async function append(spool: Spool, what: Draft): Promise<string> {
  const stored = await spool.append(what);
  const again = stored.ok ? stored : await spool.append(what);
  if (!again.ok) throw again.cause;
  return again.name;
}

async function chainOn(card: SimDisk): Promise<string[]> {
  const links: (Manifest & { hash: string })[] = [];
  for (const folder of [at.delivered, ...drainClasses.map(at.waiting)])
    for (const name of await card.list(folder)) {
      const jws = splitRecordFile(await card.read(`${folder}/${name}`))?.jws ?? '';
      links.push({ ...manifestSchema.parse(readUnverified(jws)), hash: sha256(jws) });
    }
  links.sort((one, other) => (one.boot < other.boot ? -1 : one.boot > other.boot ? 1 : one.seq - other.seq));
  return links.map(({ prev, seq }, index) => `${seq}${prev === (links[index - 1]?.hash ?? null) ? '' : ' BROKEN'}`);
}

for (const code of ['EROFS', 'EIO'])
  test(`an alarm during ${code} is for the uplink to see at once, and on the card in its place of the chain when it takes again`, async ({
    node,
  }) => {
    const { card, refuge, says, open, outbox } = stage(node);
    const spool = await open();
    await append(spool, draft(1));
    says.refuses = code;
    const name = await append(spool, draft(0));
    assert.equal(
      (await outbox.list(0)).map((item) => item.name),
      [name],
    );
    assert.is(refuge.trouble()?.why, code === 'EROFS' ? 'card-read-only' : 'card-error');
    const later = await append(spool, draft(1));
    const [alarm] = await outbox.list(0);
    if (alarm === undefined) throw new Error('no alarm');
    assert.ok(((await outbox.readRange(alarm, 0, 100))?.length ?? 0) > 0);
    await outbox.delivered([alarm]);
    assert.equal(await outbox.list(0), []);
    assert.is(await refuge.copy(), false);
    assert.is(await spool.between(refuge.settle), false);
    assert.is(await refuge.held(), 2);

    says.refuses = undefined;
    assert.is(await refuge.copy(), true);
    // What is written between the copy and the end of it.
    const last = await append(spool, draft(1));
    assert.is(await spool.between(refuge.settle), true);
    assert.equal([refuge.trouble(), await refuge.held()], [undefined, 0]);
    assert.equal(await card.list(at.delivered), [name]);
    assert.equal((await card.list(at.waiting(1))).slice(1), [later, last]);
    await append(spool, draft(1));
    assert.equal(await chainOn(card), ['0', '1', '2', '3', '4']);
    assert.equal((await Promise.all(at.all().map(card.list))).flat().filter(isDraft), []);
  });

test('what the uplink delivers while memory is emptied is not left in it', async ({ node }) => {
  const { card, refuge, says, open, outbox } = stage(node);
  const spool = await open();
  says.refuses = 'EROFS';
  const name = await append(spool, draft(0));
  const [alarm] = await outbox.list(0);
  if (alarm === undefined) throw new Error('no alarm');
  says.refuses = undefined;
  assert.is(await refuge.copy(), true);
  says.meanwhile = async () => void (await outbox.delivered([alarm]));
  assert.is(await spool.between(refuge.settle), true);
  assert.equal([refuge.trouble(), await refuge.held()], [undefined, 0]);
  assert.equal(await card.list(at.delivered), [name]);
});

test('a node that starts on a card it cannot write to works in memory, and so does its next start', async ({
  node,
}) => {
  const { card, refuge, says, open, outbox } = stage(node, 'EIO');
  const first = await open().catch(() => open());
  await append(first, draft(0));
  const second = await open();
  assert.is.not(second.boot, first.boot);
  await append(second, draft(0));
  assert.is((await outbox.list(0)).length, 2);
  says.refuses = undefined;
  assert.is(await refuge.copy(), true);
  assert.is(await second.between(refuge.settle), true);
  assert.equal(await chainOn(card), ['0', '0']);
  const third = await open();
  assert.ok(third.boot.slice(0, 6) > second.boot.slice(0, 6));
});

test('memory has a bound, the last half of it is for events; what the hub has makes room', async ({ node }) => {
  const { says, refuge, open, outbox } = stage(node);
  const spool = await open();
  says.refuses = 'EROFS';
  const mebi = 1024 * 1024;
  const fill = async (kind: RecordKind, drainClass: DrainClass) => {
    let count = 0;
    for (; count < 20; count++) {
      const stored = await append(spool, draft(drainClass, mebi, kind)).catch((error: NodeJS.ErrnoException) => error);
      if (typeof stored !== 'string') {
        assert.is(stored.code, 'ENOSPC');
        return count;
      }
    }
    return count;
  };
  assert.is(await fill('still', 2), 4);
  assert.is(await fill('event', 0), 4);
  assert.is(refuge.trouble()?.why, 'card-read-only');
  await outbox.delivered(await outbox.list(2));
  assert.is(await fill('event', 0), 4);
});

test('a full card is not fled from before room has been made', async ({ node }) => {
  const { says, refuge, open } = stage(node);
  const spool = await open();
  says.refuses = 'ENOSPC';
  assert.is((await spool.append(draft(0))).ok, false);
  assert.is(refuge.trouble(), undefined);
  refuge.enter('card-full', 'nothing can be given up');
  assert.is((await spool.append(draft(0))).ok, true);
});

test.run();
