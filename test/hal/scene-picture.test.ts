import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createScene, type SceneOptions } from '../../hal/camera/scene/scene.ts';

const small: SceneOptions = { seed: 7, time: 'day', width: 320, height: 180, fps: 15 };
const main = new URL('../../hal/camera/scene/main.ts', import.meta.url).pathname;

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function draw(options: SceneOptions, n: number): Uint8Array {
  const scene = createScene(options);
  const bytes = new Uint8Array(scene.frameBytes);
  scene.frame(n, bytes);
  return bytes;
}

function meanLuma(bytes: Uint8Array, { width, height }: SceneOptions): number {
  const luma = bytes.subarray(0, width * height);
  return luma.reduce((sum, value) => sum + value, 0) / luma.length;
}

test('gives the same bytes in another process, in whatever order the pictures are asked for', () => {
  const scene = createScene(small);
  const bytes = new Uint8Array(scene.frameBytes);
  const here = new Map<number, string>();
  for (const n of [1000, 0, 100]) {
    scene.frame(n, bytes);
    here.set(n, hash(bytes));
  }
  const argv = [main, '--seed', '7', '--time', 'day', '--width', '320', '--height', '180', '--fps', '15'];
  const film = execFileSync(process.execPath, [...argv, '--as-fast', '--frames', '1001'], { maxBuffer: 2 ** 28 });
  assert.is(film.length, 1001 * scene.frameBytes);
  for (const [n, expected] of here)
    assert.is(hash(film.subarray(n * scene.frameBytes, (n + 1) * scene.frameBytes)), expected, `frame ${n}`);
});

test('draws another village for another seed', () => {
  const hashes = [1, 2, 3, 4].map((seed) => hash(draw({ ...small, seed }, 0)));
  assert.is(new Set(hashes).size, 4);
});

test('is bright by day, dark but not black by night, whatever the seed', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), (seed) => {
      const day = meanLuma(draw({ ...small, seed }, 0), small);
      const night = meanLuma(draw({ ...small, seed, time: 'night' }, 0), small);
      assert.ok(day > 95 && day < 190, `day ${day}`);
      assert.ok(night > 24 && night < 80, `night ${night}`);
      assert.ok(day > night * 1.8, `day ${day}, night ${night}`);
    }),
    { numRuns: 6 },
  );
});

/** Deviation of one picture's noise, from two pictures of an empty street. */
function grain(time: 'day' | 'night'): number {
  const options = { ...small, time, width: 1280, height: 720 } as const;
  const scene = createScene(options);
  const [a, b] = [new Uint8Array(scene.frameBytes), new Uint8Array(scene.frameBytes)];
  scene.frame(1, a);
  scene.frame(2, b);
  let square = 0;
  const size = options.width * options.height;
  for (let at = 0; at < size; at++) square += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return Math.sqrt(square / size / 2);
}

test('has a little noise by day and much by night', () => {
  const day = grain('day');
  const night = grain('night');
  assert.ok(day > 0.7 && day < 1.5, `day ${day}`);
  assert.ok(night > 2.7 && night < 4.2, `night ${night}`);
});

test('shows nothing but noise changing while nobody is about', () => {
  const scene = createScene(small);
  const [quiet, empty] = [new Uint8Array(scene.frameBytes), new Uint8Array(scene.frameBytes)];
  for (const n of [0, 40, 100]) {
    assert.equal(scene.frame(n, quiet).objects, []);
    scene.frame(n, empty, true);
    assert.is(hash(quiet), hash(empty));
  }
});

test('leaves no trace of a visitor who has gone', () => {
  const scene = createScene(small);
  const bytes = new Uint8Array(scene.frameBytes);
  const busy = [...Array(450).keys()].find((n) => scene.frame(n, bytes).objects.some((one) => one.visible > 0.9));
  assert.ok(busy !== undefined, 'somebody comes within 30 s');
  scene.frame(0, bytes);
  assert.is(hash(bytes), hash(draw(small, 0)));
});

test('gives the small grey picture of the same moment in full range', () => {
  const scene = createScene({ ...small, width: 1280, height: 720 });
  const grey = new Uint8Array(160 * 90);
  assert.equal(scene.grey(3, 160, 90, grey).objects, []);
  const large = new Uint8Array(scene.frameBytes);
  scene.frame(3, large);
  // The mean of each 8x8 block of the large picture is what a scaler would have made of it.
  let off = 0;
  for (let y = 0; y < 90; y++)
    for (let x = 0; x < 160; x++) {
      let sum = 0;
      for (let at = 0; at < 64; at++) sum += large[(y * 8 + (at >> 3)) * 1280 + x * 8 + (at & 7)] ?? 0;
      off += Math.abs(((sum / 64 - 16) * 255) / 219 - (grey[y * 160 + x] ?? 0));
    }
  assert.ok(off / grey.length < 8, `mean difference ${off / grey.length}`);
});

test('refuses a size that cannot be drawn', () => {
  assert.throws(() => createScene({ ...small, width: 322 }), /multiple of 8/);
  assert.throws(() => createScene({ ...small, height: 181 }), /even/);
  assert.throws(() => createScene(small).grey(0, 100, 90, new Uint8Array(9000)), /multiple of 8/);
});

test.run();
