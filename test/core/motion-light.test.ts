import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Block, crossing, height, watch, width } from './motion-film.ts';

const test = suite('core/motion light and noise');

const person = { w: 6, h: 14, grey: 40 };

test('ten minutes of noise are no event', () => {
  assert.equal(watch({ seconds: 600, noise: 4 }).events, []);
});

test('noise of any seed and strength is no event', () => {
  const plan = fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    noise: fc.double({ min: 0, max: 25, noNaN: true }),
  });
  fc.assert(
    fc.property(plan, ({ seed, noise }) => watch({ seconds: 20, seed, noise }).events.length === 0),
    { numRuns: 30 },
  );
});

test('noise that rises at dusk is no event, and a person in it is one', () => {
  const night = { seconds: 20, noise: 7, light: (grey: number) => 0.4 * grey };
  assert.equal(watch(night).events, []);
  const walker = crossing(8000, 14_000, [10, 50], [140, 50], { w: 10, h: 22, grey: 220 });
  assert.is(watch({ ...night, blocks: [walker] }).events.length, 1);
});

test('somebody little darker than the road is seen in the noise of a dark night, and the noise alone is no event', () => {
  const walker = crossing(20_000, 28_000, [10, 52], [140, 52], { w: 6, h: 14, grey: 78 });
  const { events } = watch({ seconds: 40, noise: 12, blocks: [walker] });
  assert.is(events.length, 1);
  assert.ok(Math.abs((events[0]?.firstMonoMs ?? 0) - 20_000) < 2000);
});

test('a lamp that changes the whole picture at once is no event, up or down', () => {
  for (const gain of [0.5, 0.75, 1.3])
    assert.equal(
      watch({ seconds: 20, light: (grey, ms) => (ms < 8000 ? grey : grey * gain) }).events,
      [],
      `gain ${gain}`,
    );
});

test('a cloud that takes seconds is no event', () => {
  const cloud = (grey: number, ms: number) => grey * (1 - 0.4 * Math.min(1, Math.max(0, (ms - 6000) / 4000)));
  assert.equal(watch({ seconds: 20, light: cloud }).events, []);
});

test('lightning is no event', () => {
  const flash = (grey: number, ms: number) => (ms >= 8000 && ms < 8400 ? Math.min(255, grey * 1.8 + 40) : grey);
  assert.equal(watch({ seconds: 20, light: flash }).events, []);
});

test('auto-exposure that darkens the picture at each car gives one event a car', () => {
  const car = (fromMs: number): Block =>
    crossing(fromMs, fromMs + 4000, [-40, 48], [160, 48], { w: 44, h: 34, grey: 235 });
  const cars = [4000, 11_000, 18_000];
  const exposure = (grey: number, ms: number) => {
    const dark = cars.reduce((most, at) => Math.max(most, 1 - Math.abs(ms - at - 2000) / 3000), 0);
    return grey * (1 - 0.45 * dark);
  };
  const { events } = watch({ seconds: 26, light: exposure, blocks: cars.map(car) });
  assert.is(events.length, 3);
  for (const [i, event] of events.entries()) {
    const at = cars[i] ?? 0;
    assert.ok(Math.abs(event.firstMonoMs - at) <= 1000, `car ${i} began at ${event.firstMonoMs}`);
    assert.ok(Math.abs(event.lastMonoMs - at - 4000) <= 1200, `car ${i} ended at ${event.lastMonoMs}`);
  }
});

test('a person is seen before, during and after the light changes', () => {
  const walker = crossing(6000, 16_000, [10, 50], [140, 50], person);
  const { events, pictures } = watch({
    seconds: 20,
    blocks: [walker],
    light: (grey, ms) => (ms < 11_000 ? grey : 0.6 * grey),
  });
  assert.is(events.length, 1);
  assert.not(pictures.some(({ moving, monoMs }) => !moving && monoMs > 7000 && monoMs < 15_600));
});

/** A lamp that shines on a part of the street: brightest in the middle, nothing 36 pixels away. */
const glow = (fromMs: number, strength: number) => (scene: Float32Array, ms: number) => {
  if (ms < fromMs) return;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      scene[y * width + x] =
        (scene[y * width + x] ?? 0) * (1 + strength * Math.max(0, 1 - Math.hypot(x - 90, y - 55) / 36));
};

test('a patch of light with soft edges that comes and stays is no event', () => {
  assert.equal(watch({ seconds: 16, paint: glow(6000, 0.6) }).events, []);
});

test('a patch of light is taken in within two seconds', () => {
  const { pictures } = watch({ seconds: 14, paint: glow(6000, 0.6) });
  const suppressed = pictures.filter(({ suppressedLight }) => suppressedLight > 0).map(({ monoMs }) => monoMs);
  assert.ok(suppressed.length > 0);
  assert.ok((suppressed.at(-1) ?? 0) < 8500, `still there at ${suppressed.at(-1)}`);
});

test('the infrared filter that turns the picture over is no event, and afterwards people are seen again', () => {
  const walker = crossing(14_000, 19_000, [10, 55], [140, 55], person);
  const infrared = (grey: number, ms: number) => (ms < 8000 ? grey : 230 - 0.8 * grey);
  const { events } = watch({ seconds: 22, light: infrared, blocks: [walker] });
  assert.is(events.length, 1);
  assert.is(events[0]?.firstMonoMs, 14_000);
});

test('a camera that is turned learns its new view: no event, and afterwards people are seen again', () => {
  const mirror = (scene: Float32Array, ms: number) => {
    if (ms < 8000) return;
    for (let y = 0; y < height; y++) scene.subarray(y * width, (y + 1) * width).reverse();
    scene.reverse();
  };
  const walker = crossing(14_000, 19_000, [10, 25], [140, 25], person);
  const { events, pictures } = watch({ seconds: 22, paint: mirror, blocks: [walker] });
  assert.equal(
    events.map(({ firstMonoMs }) => firstMonoMs),
    [14_000],
  );
  assert.ok(pictures.some(({ warming, monoMs }) => warming && monoMs > 8000));
});

test('a camera that turns up its gain at once floods nothing with noise', () => {
  assert.equal(watch({ seconds: 16, noise: (ms) => (ms < 8000 ? 1 : 14) }).events, []);
});

test('leaves that sway as they did while the place was learned are no event', () => {
  const leaves: Block[] = Array.from({ length: 12 }, (_, i) => ({
    fromMs: 0,
    toMs: 90_000,
    w: 7,
    h: 5,
    grey: i % 2 === 0 ? 40 : 190,
    at: (ms) => [20 + 9 * i + 3 * Math.sin(ms / 430 + i), 10 + ((7 * i) % 30) + 2 * Math.cos(ms / 310 + 2 * i)],
  }));
  assert.equal(watch({ seconds: 90, blocks: leaves }).events, []);
});

test('two runs over the same pictures see the same', () => {
  const plan = fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    y: fc.integer({ min: 0, max: 70 }),
    grey: fc.integer({ min: 0, max: 255 }),
    w: fc.integer({ min: 2, max: 60 }),
  });
  fc.assert(
    fc.property(plan, ({ seed, y, grey, w }) => {
      const film = { seconds: 9, seed, blocks: [crossing(3000, 7000, [0, y], [150, y], { w, h: 16, grey })] };
      assert.equal(watch(film), watch(film));
    }),
    { numRuns: 10 },
  );
});

test.run();
