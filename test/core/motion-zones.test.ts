// Where motion counts, from which size on, and when.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createArmed } from '../../agent/core/motion/armed.ts';
import { createMotion } from '../../agent/core/motion/motion.ts';
import { newTrack } from '../../agent/core/motion/track.ts';
import { drawZones, perspective } from '../../agent/core/motion/zones.ts';
import { crossing, film, height, rules, watch, width } from './motion-film.ts';

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

test('who counts again after he did not for a while counts from then on, so that nothing is told twice', () => {
  const track = { ...newTrack(), bornMs: 4000 };
  const armed = createArmed([track]);
  const since = (monoMs: number) => {
    armed.counting(track, 1);
    return armed.sinceMs(track, 1, monoMs);
  };
  assert.equal([4800, 5000, 5200, 7400, 7600].map(since), [4000, 4000, 4000, 7400, 7400]);
  track.bornMs = 9000;
  assert.is(since(9600), 9000, 'another one in the same place');
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

test('near holds at the lower edge of a zone, far at its upper one, the mean length half way', () => {
  const zone = { name: 'đường', polygon: rect(0.2, 0.3, 0.8, 0.9), minSize: { near: 0.09, far: 0.01 } };
  const [sizes] = drawZones(rules({ watch: [zone] })).zones;
  const partAt = (foot: number) => (sizes?.minPixelsAt[foot * height] ?? 0) / (width * height);
  const near = (part: number, expected: number) =>
    assert.ok(Math.abs(part - expected) < 1e-9, `${part}, not ${expected}`);
  near(partAt(0.3), 0.01);
  near(partAt(0.6), 0.04);
  near(partAt(0.9), 0.09);
  near(partAt(0), 0.01);
  near(partAt(1), 0.09);
  near((sizes?.minPixels ?? 0) / (width * height), 0.01);
});

test('a zone without a size of its own takes the picture’s, which follows the picture’s edges', () => {
  const picture = drawZones(rules({ minSize: { near: 0.09, far: 0.01 } }));
  const zoned = drawZones(
    rules({ minSize: { near: 0.09, far: 0.01 }, watch: [{ name: 'a', polygon: rect(0, 0.5, 1, 0.7) }] }),
  );
  assert.equal(zoned.zones[0]?.minPixelsAt, picture.zones[0]?.minPixelsAt);
});

test('what is nearer never needs less, and every size lies between far and near (property)', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const drawn = fc.tuple(part, part, part, part, fc.array(part, { minLength: 2 }));
  fc.assert(
    fc.property(drawn, ([a, b, y1, y2, feet]) => {
      fc.pre(y1 !== y2);
      const [far, near] = [Math.min(a, b), Math.max(a, b)];
      const sizeAt = perspective({ near, far }, Math.min(y1, y2), Math.max(y1, y2));
      const sizes = feet.sort((one, other) => one - other).map(sizeAt);
      // A rounding apart: roots are taken and squared again.
      const little = 1e-12;
      for (const [at, size] of sizes.entries()) {
        assert.ok(size >= far - little && size <= near + little);
        assert.ok(at === 0 || size >= (sizes[at - 1] ?? 0) - little);
      }
    }),
  );
});

test('the same walker counts far away and not near by, where more is asked', () => {
  const part = (6 * 14) / (width * height);
  const told = (polygon: Polygon) =>
    rules({ watch: [{ name: 'đường', polygon, minSize: { near: 2 * part, far: 0.5 * part } }] });
  // His feet are at 69 of 90.
  assert.is(watch(walk, told(rect(0, 0.6, 1, 1))).events.length, 1, 'feet near the upper edge');
  assert.is(watch(walk, told(rect(0, 0, 1, 0.8))).events.length, 0, 'feet near the lower edge');
});

/** What is seen of the walk while the zones' bits change at some moments. */
function armedWalk(told: Parameters<typeof rules>[0], bitsAt: (ms: number) => number) {
  const motion = createMotion(rules(told));
  return [...film(walk)].map((frame) => {
    motion.arm(bitsAt(frame.monoMs));
    const { moving, sinceMonoMs, zones, level, suppressed } = motion.see(frame);
    return { ms: frame.monoMs, moving, sinceMonoMs, zones, level, disarmed: suppressed.disarmed };
  });
}
const wholeAs = (name: string, level: 'alarm' | 'event' = 'event') => ({ name, polygon: rect(0, 0, 1, 1), level });

test('in a zone that is not armed nothing moves, and what would have is told', () => {
  const seen = armedWalk({ watch: [wholeAs('sân')] }, () => 0);
  assert.not.ok(seen.some(({ moving }) => moving));
  assert.ok(seen.filter(({ disarmed }) => disarmed > 0).length > 20);
});

test('a zone that is armed over somebody counts him from that moment', () => {
  const seen = armedWalk({ watch: [wholeAs('sân')] }, (ms) => (ms >= 7000 ? 1 : 0)).filter(({ moving }) => moving);
  assert.ok(seen[0] !== undefined && seen[0].ms === 7000, `from ${seen[0]?.ms}`);
  assert.ok(seen.every(({ sinceMonoMs }) => sinceMonoMs >= 6800));
});

test('who counted when the hours of a zone ended counts until his motion ends, and nobody else begins there', () => {
  const ended = armedWalk({ watch: [wholeAs('sân')] }, (ms) => (ms < 7000 ? 1 : 0)).filter(({ moving }) => moving);
  const always = armedWalk({ watch: [wholeAs('sân')] }, () => 1).filter(({ moving }) => moving);
  assert.equal(ended, always);
  const early = armedWalk({ watch: [wholeAs('sân')] }, (ms) => (ms < 4000 ? 1 : 0));
  assert.not.ok(early.some(({ moving }) => moving));
});

test('the level is that of the armed zone: an alarm zone asleep raises none', () => {
  const told = { watch: [wholeAs('đường'), wholeAs('nhà kho', 'alarm')] };
  const asleep = armedWalk(told, () => 0b01).filter(({ moving }) => moving);
  assert.ok(asleep.length > 0 && asleep.every(({ level, zones }) => level === 'event' && zones.join() === 'đường'));
  const awake = armedWalk(told, () => 0b11).filter(({ moving }) => moving);
  assert.ok(awake.every(({ level, zones }) => level === 'alarm' && zones.length === 2));
});

test('hours change nothing in what the filter learns: in an armed zone the same is seen whatever another does', () => {
  const told = { watch: [wholeAs('đường'), { name: 'sân', polygon: rect(0.5, 0, 1, 1) }] };
  const inFirst = (bits: number) =>
    armedWalk(told, (ms) => (ms % 3000 < 1500 ? bits : 0b01)).map(({ ms, moving, sinceMonoMs }) => [
      ms,
      moving,
      sinceMonoMs,
    ]);
  assert.equal(inFirst(0b11), inFirst(0b01));
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
