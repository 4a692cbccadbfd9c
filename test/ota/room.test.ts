// On a card that is full, an update may take the place of what can be had again, and never of what waits for the hub: whatever names a file has there.
import { linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folders } from '../../agent/outbox.ts';
import { disk } from '../../hal/disk.ts';
import { apply } from '../../ota/apply.ts';
import { besideEvidence } from '../../ota/room.ts';
import { shelf } from '../../ota/shelf.ts';
import { folderSource } from '../../ota/trust/source.ts';
import { plantTrust } from '../../ota/trust/store.ts';
import { update } from '../../ota/trust/update.ts';
import { found, nowMs, releaseSmall } from './makers.ts';
import { smallRelease } from './small-release.ts';

const test = suite('ota/room');
const base = mkdtempSync(join(tmpdir(), 'matlang-room-'));
test.after(() => rmSync(base, { recursive: true }));

const mebi = 1024 * 1024;
const segment = (nth: number) =>
  `000001.4334ed5f-${String(nth).padStart(10, '0')}-000000000000-02000-0123456789abcdef.seg`;
const dataDir = join(base, 'data');
const at = folders(dataDir);
const put = (folder: string, nth: number) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, segment(nth)), Buffer.alloc(mebi));
};
const alsoAs = (from: string, nth: number, to: string) => {
  mkdirSync(dirname(to), { recursive: true });
  linkSync(join(from, segment(nth)), to);
};
/** A card on which so much is free. */
const withFree = (freeBytes: number) => ({ ...disk, space: async () => ({ freeBytes, totalBytes: 1024 * mebi }) });
const lacks = async (bytes: number): Promise<boolean> => {
  const shared = { dataDir, into: base, keepFreeBytes: 2 * mebi };
  return (await besideEvidence(withFree(mebi), shared)(bytes)) !== undefined;
};

test('footage that is overwritten anyway or that the hub has gives way, once for each file', async () => {
  assert.is(await lacks(mebi), false, 'no evidence yet');
  for (const nth of [1, 2, 3]) put(at.ring, nth);
  assert.is(await lacks(2 * mebi), false);
  assert.is(await lacks(2 * mebi + 1), true, 'one of three stays for the room that is kept free');
  alsoAs(at.ring, 1, join(at.delivered, segment(1)));
  assert.is(await lacks(2 * mebi + 1), true, 'delivered, and still in the ring: one file');
});

test('what waits or is held by order gives no room, though it lies in the ring as well', async () => {
  alsoAs(at.ring, 2, join(at.waiting(4), segment(2)));
  assert.is(await lacks(2 * mebi), true);
  assert.is(await lacks(mebi), false);
  alsoAs(at.ring, 3, join(at.held, `${'0'.repeat(16)}-${segment(3)}`));
  assert.is(await lacks(mebi), true);
  assert.is(await lacks(0), false);
  put(at.waiting(0), 9);
  assert.is(await lacks(0), false);
});

test('an update from a stick is refused where it would need their place, and done when the hub has them', async () => {
  const [repo, root] = [join(base, 'repo'), join(base, 'opt')];
  mkdirSync(root);
  assert.ok(plantTrust(shelf, root, found(repo)).ok);
  await releaseSmall(repo, join(base, 'made'), '1.0.0', 'exit 0', { 'app/recorder.js': 'x'.repeat(2 * mebi - 4096) });
  const rules = { root, selfTestArgs: [], selfTestMsMax: 10_000 };
  const shared = { dataDir, into: root, keepFreeBytes: 2 * mebi };
  const mayUse = besideEvidence(withFree(mebi), shared);
  const world = { shelf, rules, source: folderSource(repo), referenceMs: nowMs, told: () => undefined, mayUse };
  const refused = await update(world);
  assert.ok(!refused.ok && refused.why === 'no-room', JSON.stringify(refused));
  for (const [nth, from] of [
    [9, 0],
    [2, 4],
  ] as const)
    renameSync(join(at.waiting(from), segment(nth)), join(at.delivered, segment(nth)));
  assert.ok((await update(world)).ok);
});

test('so is a plain folder, on a node that was never given a root of trust', async () => {
  const [root, from] = [join(base, 'plain'), join(base, 'folder')];
  mkdirSync(root);
  await smallRelease(from, '1.0.0', 'exit 0', { 'app/recorder.js': 'x'.repeat(2 * mebi) });
  put(at.waiting(1), 7);
  put(at.waiting(1), 8);
  const shared = { dataDir, into: root, keepFreeBytes: 2 * mebi };
  const rules = { root, selfTestArgs: [], selfTestMsMax: 10_000, mayUse: besideEvidence(withFree(mebi), shared) };
  const refused = await apply(shelf, rules, from);
  assert.ok(!refused.ok && refused.why === 'no-room', JSON.stringify(refused));
  assert.match(refused.text, 'what waits for the hub');
  assert.equal(readdirSync(join(root, 'releases')), [], 'nothing was written');
  for (const nth of [7, 8]) renameSync(join(at.waiting(1), segment(nth)), join(at.delivered, segment(nth)));
  assert.ok((await apply(shelf, rules, from)).ok);
});

test.run();
