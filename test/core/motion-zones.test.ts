import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawZones } from '../../agent/core/motion/zones.ts';
import { crossing, height, rules, watch, width } from './motion-film.ts';

const test = suite('core/motion zones');

type Polygon = [number, number][];
const rect = (left: number, top: number, right: number, bottom: number): Polygon => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
const walker = crossing(4000, 10_000, [0, 55], [150, 55], { w: 6, h: 14, grey: 40 });
const walk = { seconds: 13, blocks: [walker] };

test('a rectangle covers exactly the pixels whose centres lie in it', () => {
  const map = drawZones(rules({ watch: [{ name: 'a', polygon: rect(0.25, 0.5, 0.75, 1), level: 'event' }] }));
  assert.is(map.watchedPixels, (width / 2) * (height / 2));
  assert.is(map.bits[45 * width + 40], 1);
  assert.is(map.bits[45 * width + 39], 0);
  assert.is(map.bits[44 * width + 40], 0);
  assert.is(map.bits[89 * width + 119], 1);
  assert.is(map.bits[89 * width + 120], 0);
});

test('a triangle covers half of its rectangle, and a corner turned inwards is left out', () => {
  const triangle = drawZones(rules({ ignore: [{ name: 'a', polygon: [[0, 0], [1, 0], [0, 1]] }] })); // biome-ignore format: a polygon
  assert.ok(Math.abs(triangle.watchedPixels - (width * height) / 2) < width);
  const notch: Polygon = [...rect(0, 0, 1, 1), [0.5, 0.5]];
  const map = drawZones(rules({ watch: [{ name: 'a', polygon: notch, level: 'event' }] }));
  assert.ok(Math.abs(map.watchedPixels - 0.75 * width * height) < width);
});

test('in an ignore zone nothing counts, beside it everything does', () => {
  assert.is(watch(walk, rules({ ignore: [{ name: 'cây', polygon: rect(0, 0.55, 1, 0.8) }] })).events.length, 0);
  assert.is(watch(walk, rules({ ignore: [{ name: 'cây', polygon: rect(0, 0, 1, 0.55) }] })).events.length, 1);
});

test('an ignore zone holds inside a watch zone too', () => {
  const told = { watch: [{ name: 'đường', polygon: rect(0, 0, 1, 1), level: 'alarm' as const }] };
  assert.is(watch(walk, rules(told)).events.length, 1);
  assert.is(watch(walk, rules({ ...told, ignore: [{ name: 'x', polygon: rect(0, 0.5, 1, 1) }] })).events.length, 0);
});

test('only what is in a watch zone counts, for as long as it is there, with its name', () => {
  const { events } = watch(walk, rules({ watch: [{ name: 'cổng', polygon: rect(0.4, 0, 0.7, 1), level: 'event' }] }));
  assert.is(events.length, 1);
  const [event] = events;
  assert.ok(event);
  assert.equal(event.zones, ['cổng']);
  assert.match(event.reason, 'vùng: cổng');
  // The walker's leading edge reaches x = 64 after 2.3 s, his trailing edge leaves x = 112 after 4.5 s.
  assert.ok(event.firstMonoMs >= 6200 && event.firstMonoMs <= 6800, `began ${event.firstMonoMs}`);
  assert.ok(event.lastMonoMs >= 7900 && event.lastMonoMs <= 8600, `ended ${event.lastMonoMs}`);
});

test('the level is alarm from the moment an alarm zone is entered', () => {
  const told = rules({
    watch: [
      { name: 'đường', polygon: rect(0, 0, 1, 1), level: 'event' },
      { name: 'nhà kho', polygon: rect(0.5, 0, 1, 1), level: 'alarm' },
    ],
  });
  const { moving, events } = watch(walk, told);
  assert.is(moving[0]?.level, 'event');
  assert.is(moving.at(-1)?.level, 'alarm');
  const rose = moving.find(({ level }) => level === 'alarm');
  assert.ok(rose !== undefined && rose.monoMs >= 6800 && rose.monoMs <= 7800, `rose at ${rose?.monoMs}`);
  assert.equal(events[0]?.zones, ['đường', 'nhà kho']);
  assert.is(events[0]?.level, 'alarm');
});

test('a zone has its own smallest size', () => {
  const part = (6 * 14) / (width * height);
  const told = (minSize: number) =>
    rules({ minSize: 1, watch: [{ name: 'xa', polygon: rect(0, 0, 1, 1), level: 'event', minSize }] });
  assert.is(watch(walk, told(0.75 * part)).events.length, 1);
  assert.is(watch(walk, told(1.25 * part)).events.length, 0);
});

test('the share is of the watched area', () => {
  const whole = watch(walk).events[0]?.peakShare ?? 0;
  const half =
    watch(walk, rules({ ignore: [{ name: 'trời', polygon: rect(0, 0, 1, 0.5) }] })).events[0]?.peakShare ?? 0;
  assert.ok(Math.abs(half / whole - 2) < 0.1, `${half} over ${whole}`);
});

test('when everything is ignored nothing breaks', () => {
  assert.is(watch(walk, rules({ ignore: [{ name: 'hết', polygon: rect(0, 0, 1, 1) }] })).events.length, 0);
});

test.run();
