// Footage that waits: in the ring too, in the spool alone, or delivered meanwhile.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folders } from '../../agent/outbox.ts';
import { openPinned } from '../../agent/recorder/pinned.ts';
import { roomRules } from '../../agent/recorder/room.ts';
import { openSimDisk, type SimDisk } from '../../hal/sim-disk/sim-disk.ts';
import { testConfig } from './scripted-camera.ts';

const test = suite('pinned');
const at = folders('/data');
const name = 'one.seg';

async function card(...places: readonly string[]): Promise<SimDisk> {
  const disk = openSimDisk();
  for (const folder of at.all()) await disk.makeFolder(folder);
  for (const folder of places) await disk.create(`${folder}/${name}`);
  return disk;
}

async function placesOf(disk: SimDisk): Promise<string[]> {
  const places = [];
  for (const folder of at.all())
    if ((await disk.list(folder)).includes(name)) places.push(folder.slice('/data/'.length));
  return places;
}

test('what the ring has gets a second name, one class higher when its event becomes an alarm', async () => {
  const disk = await card(at.ring);
  const pinned = openPinned(disk, '/data');
  assert.is(await pinned.pin(name, 'event'), 4);
  assert.equal(await placesOf(disk), ['ring', 'spool/4']);
  assert.is(await pinned.pin(name, 'alarm'), 3);
  assert.equal(await placesOf(disk), ['ring', 'spool/3']);
  assert.is(await pinned.pin(name, 'event'), 3, 'what an alarm needs stays where it is');
});

test('what never was in the ring moves up all the same, also by a start that does not know it', async () => {
  const disk = await card(at.waiting(4));
  const pinned = openPinned(disk, '/data');
  pinned.born(name, 'event');
  assert.is(await pinned.pin(name, 'event'), 4);
  assert.is(await pinned.pin(name, 'alarm'), 3);
  assert.equal(await placesOf(disk), ['spool/3']);
  const later = await card(at.waiting(4));
  assert.is(await openPinned(later, '/data').pin(name, 'alarm'), 3);
  assert.ok((await placesOf(later)).includes('spool/3'));
});

test('what is delivered needs no pin; what is nowhere throws', async () => {
  const disk = await card(at.delivered);
  assert.is(await openPinned(disk, '/data').pin(name, 'alarm'), 3);
  assert.equal(await placesOf(disk), ['delivered']);
  try {
    await openPinned(await card(), '/data').pin(name, 'alarm');
    assert.unreachable('nothing to pin');
  } catch (error) {
    assert.is((error as { code?: string }).code, 'ENOENT');
  }
});

test("where there is no ring, its share is the spool's", () => {
  const mebi = 1024 * 1024;
  const ruled = (storage: string) => roomRules(testConfig(`storage: { ${storage} }`).storage);
  assert.equal(
    [ruled('spoolMiB: 100, ringMiB: 50').ringBytesMax, ruled('spoolMiB: 100, ringMiB: 50').spoolBytesMax],
    [50 * mebi, 100 * mebi],
  );
  assert.is(ruled('profile: events, spoolMiB: 100, ringMiB: 50').spoolBytesMax, 150 * mebi);
  assert.is(ruled('profile: events, spoolMiB: 100').spoolBytesMax, Number.POSITIVE_INFINITY);
});

test.run();
