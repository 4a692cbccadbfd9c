import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createScene, type SceneObject, type TimeOfDay } from '../../hal/camera/scene/scene.ts';
import type { Rect } from '../../hal/camera/scene/sweep.ts';

const width = 640;
const height = 360;
const marginPixels = 2;

/** Pixels whose luma or colour differs between a picture and the same one without anything that moves. */
function changes(
  scene: ReturnType<typeof createScene>,
  n: number,
): { objects: readonly SceneObject[]; changed: Uint8Array } {
  const [busy, empty] = [new Uint8Array(scene.frameBytes), new Uint8Array(scene.frameBytes)];
  const { objects } = scene.frame(n, busy);
  scene.frame(n, empty, true);
  const changed = new Uint8Array(width * height);
  const plane = width * height;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const pair = plane + (y >> 1) * (width >> 1) + (x >> 1);
      const colour = busy[pair] !== empty[pair] || busy[pair + plane / 4] !== empty[pair + plane / 4];
      changed[at] = busy[at] !== empty[at] || colour ? 1 : 0;
    }
  return { objects, changed };
}

function within({ x, y, w, h }: Rect, px: number, py: number, margin: number): boolean {
  return px >= x - margin && py >= y - margin && px < x + w + margin && py < y + h + margin;
}

function count(changed: Uint8Array, { x, y, w, h }: Rect): number {
  let sum = 0;
  for (let row = Math.max(0, y); row < Math.min(height, y + h); row++)
    for (let column = Math.max(0, x); column < Math.min(width, x + w); column++)
      sum += changed[row * width + column] ?? 0;
  return sum;
}

/** A strip just inside each side of a box. */
function sides({ x, y, w, h }: Rect): Rect[] {
  const deep = marginPixels + 1;
  return [
    { x, y, w, h: deep },
    { x, y: y + h - deep, w, h: deep },
    { x, y, w: deep, h },
    { x: x + w - deep, y, w: deep, h },
  ];
}

function check(seed: number, time: TimeOfDay): number {
  const scene = createScene({ seed, time, width, height, fps: 5 });
  const grey = new Uint8Array(160 * 90);
  let seen = 0;
  for (let n = 40; n < 300; n += 4) {
    if (scene.grey(n, 160, 90, grey).objects.length === 0) continue;
    const { objects, changed } = changes(scene, n);
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
      assert.ok(
        count(changed, one) > 0.25 * one.w * one.h,
        `frame ${n}: ${one.class} ${one.id} hardly changes its box`,
      );
      for (const [side, strip] of sides(one).entries())
        assert.ok(
          count(changed, strip) > 0,
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
