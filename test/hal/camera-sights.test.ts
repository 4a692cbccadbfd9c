// The queue between a camera and a consumer that may be late.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { queueBounds } from '../../hal/camera/bounds.ts';
import { filterValue } from '../../hal/camera/media-args.ts';
import { sightQueue } from '../../hal/camera/sights.ts';
import type { CameraSight } from '../../hal/ports.ts';

const grey = (): CameraSight => ({ is: 'grey', frame: { width: 1, height: 1, pixels: new Uint8Array(1), monoMs: 0 } });
const jpeg: CameraSight = { is: 'jpeg', bytes: new Uint8Array(1), monoMs: 0 };
const fragment = (bytes = 1): CameraSight => ({
  is: 'fragment',
  bytes: new Uint8Array(bytes),
  monoMs: 0,
  durationMs: 1000,
});
const start: CameraSight = { is: 'start', recipe: 'a', afresh: true };

async function takeAll(sights: readonly CameraSight[]) {
  const given = new Set<Uint8Array>();
  const queue = sightQueue((pixels) => given.add(pixels));
  for (const sight of sights) queue.push(sight);
  queue.end();
  const taken: CameraSight[] = [];
  for await (const sight of queue.take()) taken.push(sight);
  return { taken, given };
}
const count = (sights: readonly CameraSight[], is: CameraSight['is']) =>
  sights.filter((sight) => sight.is === is).length;

test('in time, everything arrives in its order', async () => {
  const sights = [start, grey(), fragment(), jpeg, grey()];
  assert.equal((await takeAll(sights)).taken, sights);
});

test('late, grey pictures and stills are dropped first; that is said once, and taken back when the consumer has caught up', async () => {
  const sights = Array.from({ length: 20 }, () => [grey(), jpeg, fragment()]).flat();
  const { taken, given } = await takeAll([start, ...sights]);
  assert.is(count(taken, 'grey'), queueBounds.greyMax);
  assert.is(count(taken, 'jpeg'), queueBounds.jpegMax);
  assert.is(count(taken, 'fragment'), 20);
  assert.is(given.size, 20, 'every grey buffer comes back');
  assert.equal(
    taken.filter((sight) => sight.is === 'fault').map((sight) => sight.code),
    ['camera-slow-consumer'],
  );
  assert.equal(taken.at(-1), { is: 'recovered', code: 'camera-slow-consumer' });
});

test('fragments are bounded by their bytes, starts and faults never dropped', () => {
  const kinds = fc.constantFrom(0, 1, 2, 3).map((kind) => [start, grey(), jpeg, fragment(2_000_000)][kind] ?? start);
  return fc.assert(
    fc.asyncProperty(fc.array(kinds, { maxLength: 120 }), async (sights) => {
      const { taken } = await takeAll(sights);
      assert.is(count(taken, 'start'), count(sights, 'start'));
      assert.ok(count(taken, 'grey') <= queueBounds.greyMax && count(taken, 'jpeg') <= queueBounds.jpegMax);
      const bytes = taken.reduce((sum, sight) => sum + (sight.is === 'fragment' ? sight.bytes.length : 0), 0);
      assert.ok(bytes <= queueBounds.fragmentBytesMax);
      assert.is(count(taken, 'fragment'), Math.min(12, count(sights, 'fragment')));
    }),
    { numRuns: 50 },
  );
});

test('a waiting consumer is woken, and a queue that ended takes nothing more', async () => {
  const queue = sightQueue(() => undefined);
  const taking = queue.take();
  const first = taking.next();
  queue.push(jpeg);
  assert.equal((await first).value, jpeg);
  const last = taking.next();
  queue.end();
  assert.equal((await last).done, true);
  queue.push(jpeg);
  assert.equal((await queue.take().next()).done, true);
});

test('a path with every sign that means something to a filter is escaped for both readings', () => {
  assert.is(filterValue('/run/a:b'), '/run/a\\\\:b');
  assert.is(filterValue("it's"), "it\\\\\\'s");
  assert.is(filterValue('[a],b;c'), '\\[a\\]\\,b\\;c');
});

test.run();
