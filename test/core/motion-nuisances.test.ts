import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMover } from '../../agent/core/motion/mover.ts';
import { createSteadier } from '../../agent/core/motion/steady.ts';
import { crossing, height, watch, width } from './motion-film.ts';

const test = suite('core/motion nuisances');
const person = { w: 10, h: 22, grey: 30 };

/** A wall with a grain of its own: a fixed number per pixel, -1 to 1. */
const grain = Float32Array.from(
  { length: width * height },
  (_, i) => ((i * 7919 + (i >> 3) * 104_729) % 211) / 105 - 1,
);
const textured = (scene: Float32Array): void => {
  for (let i = 0; i < scene.length; i++) scene[i] = (scene[i] ?? 0) + 40 * (grain[i] ?? 0);
};

/** Moves the scene by parts of a pixel. */
function moved(scene: Float32Array, dx: number, dy: number): void {
  const before = scene.slice();
  const at = (x: number, y: number) =>
    before[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))] ?? 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [left, top] = [Math.floor(x + dx), Math.floor(y + dy)];
      const [u, v] = [x + dx - left, y + dy - top];
      scene[y * width + x] =
        (at(left, top) * (1 - u) + at(left + 1, top) * u) * (1 - v) +
        (at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u) * v;
    }
}
const shake = (scene: Float32Array, ms: number): void =>
  moved(scene, 1.8 * Math.sin(ms / 130) * Math.sin(ms / 2900), 1.2 * Math.sin(ms / 170) * Math.cos(ms / 2300));

test('the shake of the camera is found to a sixth of a pixel', () => {
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return 128 + 40 * Math.sin(x / 3 + y / 11) + 40 * Math.sin(y / 4 + x / 19) + 20 * Math.sin((x * y) / 400);
  });
  const mean = Float32Array.from(pixels);
  const light = { gain: 1, offset: 0, noise: 1, agreed: 1 };
  const shifts = fc.record({
    dx: fc.double({ min: -4, max: 4, noNaN: true }),
    dy: fc.double({ min: -4, max: 4, noNaN: true }),
  });
  fc.assert(
    fc.property(shifts, ({ dx, dy }) => {
      const steadier = createSteadier(width, height, mean);
      steadier.mark();
      steadier.steady(createMover(width, height).move(pixels, -dx, -dy), light, undefined);
      const off = Math.hypot(steadier.shift.dx - dx, steadier.shift.dy - dy);
      assert.ok(off < 1 / 6, `${off} off`);
    }),
    { numRuns: 60 },
  );
});

test('a shaking pole is no event, and who walks through is one', () => {
  assert.equal(watch({ seconds: 60, paint: shake }).events, []);
  const { events } = watch({
    seconds: 40,
    paint: shake,
    blocks: [crossing(25_000, 31_000, [10, 50], [140, 50], person)],
  });
  assert.is(events.length, 1);
});

/** A soft bright spot that is elsewhere in each picture: at most three pictures, then another. */
function insects(scene: Float32Array, ms: number): void {
  const picture = Math.round(ms / 200);
  for (const swarm of [1, 2, 3]) {
    if ((picture + swarm) % 4 === 3) continue;
    const chance = (picture * 37 + swarm * 101) % 97;
    const [x, y, radius] = [(chance * 61) % width, (chance * 29) % height, 4 + (chance % 5)];
    for (let row = Math.max(0, y - radius); row < Math.min(height, y + radius); row++)
      for (let column = Math.max(0, x - radius); column < Math.min(width, x + radius); column++) {
        const glow = Math.max(0, 1 - Math.hypot(column - x, row - y) / radius);
        scene[row * width + column] = (scene[row * width + column] ?? 0) + 130 * glow;
      }
  }
}

test('insects before the lens are no event', () => {
  assert.equal(watch({ seconds: 120, paint: insects, light: (grey) => 0.5 * grey, noise: 4 }).events, []);
});

/** Light with hard edges that goes across the street. */
const beam = (scene: Float32Array, ms: number): void => {
  textured(scene);
  const left = ((ms % 6000) - 1500) / 20;
  for (let y = 20; y < 80; y++)
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + 45); x++)
      scene[y * width + x] = (scene[y * width + x] ?? 0) * 2.2;
};

test('headlights that sweep over a wall are no event; a person on the same wall is one', () => {
  const night = (grey: number) => 0.4 * grey;
  assert.equal(watch({ seconds: 40, paint: beam, light: night }).events, []);
  const walker = crossing(8000, 14_000, [10, 50], [140, 50], { ...person, grey: 230 });
  assert.is(watch({ seconds: 20, paint: textured, light: night, blocks: [walker] }).events.length, 1);
});

test('a switched infrared filter that turns some greys over everywhere is no event', () => {
  const infrared = (grey: number, ms: number) => (ms >= 9000 && grey > 92 && grey < 130 ? grey + 70 : grey);
  assert.equal(watch({ seconds: 24, light: infrared }).events, []);
});

test.run();
