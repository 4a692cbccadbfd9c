import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createScene, type TimeOfDay } from '../../hal/camera/scene/scene.ts';
import { changedIn, changesIn, sidesOf, within } from './scene-changes.ts';

const width = 640;
const height = 360;
const marginPixels = 2;

function check(seed: number, time: TimeOfDay): number {
  const scene = createScene({ seed, time, width, height, fps: 5 });
  const grey = new Uint8Array(160 * 90);
  let seen = 0;
  for (let n = 40; n < 300; n += 4) {
    if (scene.grey(n, 160, 90, grey).objects.length === 0) continue;
    const { objects, changed } = changesIn(scene, n, width, height);
    for (let at = 0; at < changed.length; at++) {
      if (changed[at] === 0) continue;
      const [x, y] = [at % width, Math.floor(at / width)];
      assert.ok(
        objects.some((one) => within(one.touched, x, y, marginPixels)),
        `frame ${n}: ${x},${y} changed outside of all`,
      );
    }
    for (const one of objects) {
      assert.ok(
        one.x >= 0 && one.y >= 0 && one.x + one.w <= width && one.y + one.h <= height,
        `frame ${n}: box leaves the picture`,
      );
      assert.ok(one.visible >= 0 && one.visible <= 1);
      if (one.visible < 0.05) continue;
      seen++;
      assert.ok(within(one.touched, one.x, one.y, 0) && within(one.touched, one.x + one.w - 1, one.y + one.h - 1, 0));
      // Who is hidden for the most part shows here and there in his box: between leaves, on both sides of a post.
      const least = one.visible < 0.5 ? 0.1 : 0.25;
      const part = changedIn(changed, width, one) / (one.w * one.h);
      assert.ok(
        part > least,
        `frame ${n}: ${one.class} ${one.id}, visible ${one.visible}, changes ${part} of its box ${one.w}x${one.h}`,
      );
      for (const [side, strip] of sidesOf(one, marginPixels + 1).entries())
        assert.ok(
          changedIn(changed, width, strip) > 0,
          `frame ${n}: nothing of ${one.class} ${one.id} at side ${side} of ${JSON.stringify(one)}`,
        );
    }
  }
  return seen;
}

test('boxes hold every changed pixel and are tight, by day and night, whatever the seed', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.constantFrom<TimeOfDay>('day', 'night'), (seed, time) => {
      assert.ok(check(seed, time) > 5, 'a minute has visitors');
    }),
    { numRuns: 6 },
  );
});

test('says how much of someone is hidden or outside', () => {
  const scene = createScene({ seed: 3, time: 'day', width, height, fps: 5 });
  const bytes = new Uint8Array(scene.frameBytes);
  const shares = new Map<number, number[]>();
  for (let n = 0; n < 600; n++)
    for (const one of scene.frame(n, bytes).objects) shares.set(one.id, [...(shares.get(one.id) ?? []), one.visible]);
  assert.ok(shares.size >= 5);
  for (const [id, list] of shares) {
    // Everyone comes in from the edge or from behind a house, and is seen in full at some time.
    assert.ok((list[0] ?? 1) < 0.8, `${id} begins at ${list[0]}`);
    assert.ok(Math.max(...list) > 0.95, `${id} at most ${Math.max(...list)}`);
  }
});

test.run();
