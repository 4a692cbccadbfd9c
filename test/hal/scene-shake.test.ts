import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createScene, type SceneObject } from '../../hal/camera/scene/scene.ts';
import { shakeAt } from '../../hal/camera/scene/shake.ts';
import { apart, eye, height, width } from './scene-eye.ts';

const large = { seed: 4, time: 'day', width: 320, height: 180, fps: 5 } as const;

test('never shakes further than 4 pixels of a picture 320 wide, and now and then nearly so far', () => {
  let most = 0;
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.double({ min: 0, max: 5000, noNaN: true }), (seed, second) => {
      const { dx, dy } = shakeAt(seed, 1, second, 320);
      most = Math.max(most, Math.abs(dx));
      assert.ok(Math.abs(dx) <= 4 && Math.abs(dy) <= 4, `${dx}, ${dy}`);
      assert.ok(Math.abs(shakeAt(seed, 0.25, second, 320).dx) <= 1);
    }),
    { numRuns: 600 },
  );
  assert.ok(most > 2.5, `${most}`);
});

test('the picture is the calm one moved by what the shake says, between pixels too', () => {
  const [shaken, calm] = [eye('day', { class: 'shake', strength: 1 }), eye('day')];
  const middle = { x: 8, y: 8, w: width - 16, h: height - 16 };
  let moved = 0;
  for (const second of [12, 14, 21, 26, 33]) {
    const { dx, dy } = shakeAt(9, 1, second, width);
    const [seen, still] = [shaken(second), calm(second)];
    const [x, y] = [Math.round(dx), Math.round(dy)];
    const back = still.map((_, at) => seen[at + y * width + x] ?? 0);
    if (x === 0 && y === 0) continue;
    moved++;
    assert.ok(apart(back, still, middle) < apart(seen, still, middle), `at ${second} s by ${dx}, ${dy}`);
  }
  assert.ok(moved > 1);
});

test('the boxes of the truth follow the shaken picture', () => {
  const still = createScene(large);
  const scene = createScene({ ...large, nuisances: [{ class: 'shake', strength: 1 }] });
  const [busy, empty] = [new Uint8Array(scene.frameBytes), new Uint8Array(scene.frameBytes)];
  let seen = 0;
  let shifted = 0;
  for (let n = 40; n < 240; n += 5) {
    const { objects } = scene.frame(n, busy);
    if (objects.length === 0) continue;
    scene.frame(n, empty, true);
    const before = still.frame(n, empty.slice()).objects;
    for (let at = 0; at < 320 * 180; at++) {
      if (Math.abs((busy[at] ?? 0) - (empty[at] ?? 0)) < 4) continue;
      const [x, y] = [at % 320, Math.floor(at / 320)];
      assert.ok(
        objects.some((one) => within(one.touched, x, y)),
        `frame ${n}: ${x},${y} changed outside of all`,
      );
    }
    for (const one of objects) {
      const other = before.find(({ id }) => id === one.id);
      seen++;
      if (other !== undefined && (other.x !== one.x || other.y !== one.y)) shifted++;
      assert.ok(one.x >= 0 && one.y >= 0 && one.x + one.w <= 320 && one.y + one.h <= 180);
    }
  }
  assert.ok(seen > 10 && shifted > seen / 2, `${shifted} of ${seen} moved`);
});

function within({ x, y, w, h }: SceneObject['touched'], px: number, py: number): boolean {
  return px >= x - 2 && py >= y - 2 && px < x + w + 2 && py < y + h + 2;
}

test('gives the same bytes as a process, with several nuisances at once', () => {
  const scene = createScene({
    ...large,
    nuisances: [
      { class: 'compression', strength: 0.7 },
      { class: 'rain', strength: 0.5 },
      { class: 'shake', strength: 0.5 },
    ],
  });
  const main = new URL('../../hal/camera/scene/main.ts', import.meta.url).pathname;
  const size = ['--seed', '4', '--time', 'day', '--width', '320', '--height', '180', '--fps', '5'];
  const what = ['--nuisance', 'compression:0.7', '--nuisance', 'rain', '--nuisance', 'shake:0.5'];
  const argv = [main, ...size, ...what, '--start', '30', '--frames', '4', '--as-fast'];
  const film = execFileSync(process.execPath, argv, { maxBuffer: 2 ** 24 });
  const here = new Uint8Array(scene.frameBytes);
  for (const n of [3, 0, 2, 1]) {
    scene.frame(150 + n, here);
    assert.is(Buffer.compare(here, film.subarray(n * scene.frameBytes, (n + 1) * scene.frameBytes)), 0, `frame ${n}`);
  }
});

test.run();
