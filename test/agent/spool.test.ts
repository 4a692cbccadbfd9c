import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draftOf, folders, openOutbox } from '../../agent/outbox.ts';
import { type Draft, openSpool, type Spool } from '../../agent/spool.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { foldBoot, foldNode } from '../../hub/chain.ts';
import { manifestSchema } from '../../protocol/manifest.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { sha256, verify } from '../../protocol/sign.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';

const test = suite<{ node: TestNode }>('spool');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const time = { monoMs: 1, wallMs: null, clock: 'none', errorMs: 0 } as const;
const draft = (text: string, drainClass: Draft['class'] = 1): Draft => ({
  kind: 'log',
  class: drainClass,
  time,
  body: { plain: Buffer.from(text), type: 'text/plain' },
});
const open = (node: TestNode, on: Disk = disk): Promise<Spool> =>
  openSpool(on, node.dataDir, node.identityDir, node.maker);

async function appended(spool: Spool, text: string) {
  const stored = await spool.append(draft(text));
  if (!stored.ok) throw new Error(String(stored.cause));
  return stored;
}

test('a record is a signed manifest and a body that only the hub can open', async ({ node }) => {
  const stored = await appended(await open(node), 'chào xã');
  const bytes = await readFile(join(folders(node.dataDir).waiting(1), stored.name));
  assert.not(bytes.includes('chào xã'));
  const file = splitRecordFile(bytes);
  const checked = await verify(file?.jws ?? '', 'matlang-record', node.verifyingKey);
  const manifest = manifestSchema.parse(checked.ok ? checked.payload : undefined);
  assert.is(manifest.body?.sha256, sha256(file?.body ?? ''));
  assert.is(manifest.body?.plainSha256, sha256('chào xã'));
  assert.is(Buffer.from(await node.open(file?.body ?? new Uint8Array())).toString(), 'chào xã');
});

test('a start after a newer release goes on where that one stopped, whatever it had added to the head', async ({
  node,
}) => {
  await appended(await open(node), 'một');
  const path = join(node.identityDir, 'head');
  const head = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, `${JSON.stringify({ ...head, floorMs: 5_000, later: { added: true } })}\n`);
  const next = await appended(await open(node), 'hai');
  assert.is(next.name.slice(0, 6), '000002');
  const after = JSON.parse(await readFile(path, 'utf8'));
  assert.is(after.floorMs, 5_000);
});

test('records written at once are chained in the order of the calls', async ({ node }) => {
  const spool = await open(node);
  const stored = await Promise.all(Array.from({ length: 20 }, (_, at) => appended(spool, `n${at}`)));
  stored.forEach((each, at) => {
    assert.is(each.manifest.seq, at);
    assert.is(each.manifest.prev, at === 0 ? null : stored[at - 1]?.sha256);
  });
});

test('the chain goes on over a restart, with a higher boot number', async ({ node }) => {
  const last = await appended(await open(node), 'before');
  const spool = await open(node);
  const next = await appended(spool, 'after');
  assert.is(next.manifest.prev, last.sha256);
  assert.is(next.manifest.seq, 0);
  assert.ok(spool.boot > last.manifest.boot);
});

test('the chain goes on when everything was delivered and evicted', async ({ node }) => {
  const spool = await open(node);
  await appended(spool, 'one');
  const last = await appended(spool, 'two');
  for (const name of await readdir(folders(node.dataDir).waiting(1))) {
    await spool.beforeRemoving(name);
    await rm(join(folders(node.dataDir).waiting(1), name));
  }
  assert.is((await appended(await open(node), 'three')).manifest.prev, last.sha256);
});

test('the boot number never repeats, not even when head and spool disagree', async ({ node }) => {
  const first = await open(node);
  await appended(first, 'x');
  await rm(join(node.identityDir, 'head'));
  const second = await open(node);
  assert.ok(second.boot.slice(0, 6) > first.boot.slice(0, 6));
  await rm(node.dataDir, { recursive: true });
  const third = await open(node);
  assert.ok(third.boot.slice(0, 6) > second.boot.slice(0, 6));
});

test('a torn head is passed over; the listing has the say', async ({ node }) => {
  const last = await appended(await open(node), 'x');
  await truncate(join(node.identityDir, 'head'), 10);
  assert.is((await appended(await open(node), 'y')).manifest.prev, last.sha256);
});

test('a newest record whose manifest is damaged does not end the chain', async ({ node }) => {
  const spool = await open(node);
  const good = await appended(spool, 'good');
  const bad = await appended(spool, 'bad');
  const path = join(folders(node.dataDir).waiting(1), bad.name);
  const bytes = await readFile(path);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await writeFile(path, bytes);
  assert.is((await appended(await open(node), 'next')).manifest.prev, good.sha256);
});

test('a newest record that the card will not read is named by what its file name tells of its hash', async ({
  node,
}) => {
  const spool = await open(node);
  const good = await appended(spool, 'good');
  const unread = await appended(spool, 'unread');
  const failing: Disk = {
    ...disk,
    read: (path) =>
      path.endsWith(unread.name)
        ? Promise.reject(Object.assign(new Error('sector'), { code: 'EIO' }))
        : disk.read(path),
  };
  const next = await appended(await open(node, failing), 'next');
  assert.is(next.manifest.prev, unread.sha256.slice(0, 16));
  const boots = [[good, unread], [next]].flatMap((stored, at) => {
    const links = stored.map(({ manifest: { seq, prev }, sha256: hash }) => ({ seq, prev, sha256: hash }));
    return foldBoot(String(at), links) ?? [];
  });
  assert.equal(foldNode(boots), { state: 'linked', gaps: 0 });
});

test('a draft is offered to nobody, and cleared at the next start', async ({ node }) => {
  await appended(await open(node), 'whole');
  const outbox = openOutbox(disk, node.dataDir);
  const [whole] = await outbox.names(1);
  for (const folder of [folders(node.dataDir).waiting(1), folders(node.dataDir).ring])
    await writeFile(draftOf(join(folder, whole ?? '')), 'half');
  assert.equal([await outbox.names(1), (await outbox.list(1)).length], [[whole], 1]);
  await open(node);
  assert.equal(
    [await readdir(folders(node.dataDir).waiting(1)), await readdir(folders(node.dataDir).ring)],
    [[whole], []],
  );
});

test('drafts that an older release left in a folder of their own are cleared at the next start', async ({ node }) => {
  const { formerDrafts } = folders(node.dataDir);
  await mkdir(formerDrafts, { recursive: true });
  await writeFile(join(formerDrafts, '000001.0badf00d-7.seg'), 'half');
  await open(node);
  assert.equal(await readdir(formerDrafts), []);
});

test('a full card is told, costs no number, and the next record follows without a gap', async ({ node }) => {
  const full = { is: false };
  const failing: Disk = {
    ...disk,
    create: async (path) => {
      const file = await disk.create(path);
      return {
        ...file,
        write: (bytes, at) =>
          full.is ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : file.write(bytes, at),
      };
    },
  };
  const spool = await open(node, failing);
  await appended(spool, 'a');
  full.is = true;
  const refused = await spool.append(draft('b'));
  assert.is(refused.ok ? 'stored' : refused.why, 'card-full');
  assert.is((await readdir(folders(node.dataDir).waiting(1))).length, 1);
  full.is = false;
  assert.is((await appended(spool, 'c')).manifest.seq, 1);
});

test('each record is durable before it is acknowledged: file, name, folder, in this order', async ({ node }) => {
  const steps: string[] = [];
  const told = (step: string, doing: Promise<void>) => {
    steps.push(step);
    return doing;
  };
  const watched: Disk = {
    ...disk,
    create: async (path) => {
      const file = await disk.create(path);
      return {
        ...file,
        write: (bytes, at) => told('write', file.write(bytes, at)),
        sync: () => told('sync', file.sync()),
      };
    },
    rename: (from, to) => told('rename', disk.rename(from, to)),
    syncFolder: (path) => told('syncFolder', disk.syncFolder(path)),
  };
  const spool = await open(node, watched);
  steps.length = 0;
  await appended(spool, 'x');
  assert.equal(steps, ['write', 'sync', 'rename', 'syncFolder']);
});

test('the outbox lists a class oldest first, and what is delivered stays on the card', async ({ node }) => {
  const spool = await open(node);
  const names = [(await appended(spool, 'a')).name, (await appended(spool, 'b')).name];
  await writeFile(join(folders(node.dataDir).waiting(1), 'rubbish'), 'x');
  const outbox = openOutbox(disk, node.dataDir);
  const waiting = await outbox.list(1);
  assert.equal(
    waiting.map(({ name }) => name),
    names,
  );
  const [first] = waiting;
  if (first === undefined) throw new Error('nothing waits');
  await outbox.delivered([first]);
  assert.equal(
    (await outbox.list(1)).map(({ name }) => name),
    names.slice(1),
  );
  assert.equal(await readdir(folders(node.dataDir).delivered), names.slice(0, 1));
  await rename(join(folders(node.dataDir).waiting(1), names[1] ?? ''), join(node.dir, 'away'));
  assert.is(await outbox.size({ ...first, name: names[1] ?? '' }), undefined);
});

test.run();
