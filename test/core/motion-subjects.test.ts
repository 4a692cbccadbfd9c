import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMotion } from '../../agent/core/motion/motion.ts';
import { standMsMax } from '../../agent/core/motion/tracks.ts';
import type { GreyFrame } from '../../hal/ports.ts';
import { type Block, crossing, film, height, rules, watch, width } from './motion-film.ts';

const test = suite('core/motion subjects');

const person = { w: 6, h: 14, grey: 40 };
const across = (fromMs: number, toMs: number) => crossing(fromMs, toMs, [10, 55], [140, 55], person);

test('someone who walks across is one event, from the first to the last moment he is seen', () => {
  const { events } = watch({ seconds: 14, blocks: [across(4000, 9000)] });
  assert.is(events.length, 1);
  const [event] = events;
  assert.ok(event);
  assert.is(event.firstMonoMs, 4000);
  assert.is(event.lastMonoMs, 8800);
  assert.is(event.level, 'event');
  const share = (person.w * person.h) / (width * height);
  assert.ok(Math.abs(event.peakShare - share) < 0.25 * share, `share ${event.peakShare}, drawn ${share}`);
});

test('the box lies on the subject', () => {
  const { moving } = watch({ seconds: 10, blocks: [across(4000, 9000)] });
  for (const { monoMs, boxes } of moving) {
    const [box] = boxes;
    assert.ok(box);
    const [x = 0, y = 0] = across(4000, 9000).at(monoMs);
    assert.ok(
      Math.abs(box.x * width - x) <= 3 && Math.abs(box.y * height - y) <= 3,
      `${monoMs}: ${JSON.stringify(box)}`,
    );
    assert.ok(Math.abs(box.w * width - person.w) <= 4 && Math.abs(box.h * height - person.h) <= 4);
  }
});

test('a subject that crosses in one second is seen, at 5 pictures a second', () => {
  const { events } = watch({
    seconds: 8,
    blocks: [crossing(4000, 5000, [0, 50], [150, 50], { w: 11, h: 11, grey: 30 })],
  });
  assert.is(events.length, 1);
});

test('two subjects two seconds apart are two events', () => {
  const { events } = watch({ seconds: 16, blocks: [across(4000, 7000), across(9000, 12_000)] });
  assert.equal(
    events.map(({ firstMonoMs, lastMonoMs }) => [firstMonoMs, lastMonoMs]),
    [
      [4000, 6800],
      [9000, 11_800],
    ],
  );
});

test('moving ends with the picture after the subject left', () => {
  const { pictures } = watch({ seconds: 12, blocks: [across(4000, 8000)] });
  assert.not(pictures.some(({ moving, monoMs }) => moving && monoMs >= 8000));
});

const standing = (fromMs: number, toMs: number): Block => ({
  ...person,
  fromMs,
  toMs,
  at: (ms) => [Math.min(78, 40 + (ms - fromMs) / 50), 55],
});

test('a person who stands still for 40 s stays one event without a gap, and leaves no ghost', () => {
  const { events, pictures } = watch({ seconds: 56, blocks: [standing(4000, 46_000)] });
  assert.is(events.length, 1);
  assert.is(events[0]?.firstMonoMs, 4000);
  assert.is(events[0]?.lastMonoMs, 45_800);
  assert.not(pictures.some(({ moving, monoMs }) => monoMs > 4600 && monoMs < 46_000 && !moving));
});

test('what stands longer than a minute becomes furniture, and its going is no event either', () => {
  const parkedMs = 2000 + standMsMax + 30_000;
  const { events } = watch({ seconds: (parkedMs + 15_000) / 1000, blocks: [standing(4000, parkedMs)] });
  assert.is(events.length, 1);
  const lastMs = events[0]?.lastMonoMs ?? 0;
  assert.ok(lastMs > 4000 + standMsMax && lastMs < 4000 + standMsMax + 4000, `it ended at ${lastMs}`);
});

test('what is there from the start is background, and its going is no event', () => {
  const { events } = watch({ seconds: 20, blocks: [{ ...person, w: 16, fromMs: 0, toMs: 9000, at: () => [60, 55] }] });
  assert.equal(events, []);
});

test('something new that does not travel counts once it has stayed', () => {
  const bag: Block = { w: 12, h: 10, grey: 30, fromMs: 5000, toMs: 12_000, at: () => [70, 60] };
  const { events, pictures } = watch({ seconds: 16, blocks: [bag] });
  assert.is(events.length, 1);
  assert.is(events[0]?.firstMonoMs, 5000);
  assert.not(pictures.some(({ moving, monoMs }) => moving && monoMs < 7000));
  assert.match(events[0]?.reason ?? '', 'ở lại một chỗ');
});

test('a drop that stays on the lens does not count; a bag of its size that somebody puts down does', () => {
  const small: Block = { w: 10, h: 8, grey: 30, fromMs: 8000, toMs: 30_000, at: () => [70, 60] };
  assert.equal(watch({ seconds: 32, blocks: [small] }).events, []);
  const walker: Block = {
    ...{ w: 10, h: 22, grey: 30, fromMs: 5000, toMs: 14_000 },
    at: (ms) => [10 + (ms - 5000) / 50, 46],
  };
  const { events } = watch({ seconds: 32, blocks: [walker, small] });
  assert.ok(events.length >= 1 && (events.at(-1)?.lastMonoMs ?? 0) >= 29_000, `until ${events.at(-1)?.lastMonoMs}`);
});

test('something that flickers in its place does not count', () => {
  const flag: Block = {
    w: 10,
    h: 8,
    grey: 30,
    fromMs: 0,
    toMs: 60_000,
    at: (ms) => (Math.floor(ms / 600) % 2 === 0 ? [70, 60] : [-50, 60]),
  };
  assert.equal(watch({ seconds: 60, blocks: [flag] }).events, []);
});

test('minSize: one event just above it, none just below', () => {
  const size = 84 / (width * height);
  const walk = { seconds: 12, noise: 0.5, blocks: [across(4000, 9000)] };
  assert.is(watch(walk, rules({ minSize: 0.75 * size })).events.length, 1);
  assert.is(watch(walk, rules({ minSize: 1.25 * size })).events.length, 0);
});

test('a subject that has been large enough stays one down to half of minSize', () => {
  const size = { grey: 40, w: 12, h: 12 };
  const walk = (to: { w: number; h: number }) => [
    crossing(4000, 6000, [20, 50], [60, 50], size),
    crossing(6000, 9000, [60, 50], [120, 50], { ...size, ...to }),
  ];
  const told = rules({ minSize: 115 / (width * height) });
  const lastMs = (to: { w: number; h: number }) => watch({ seconds: 12, blocks: walk(to) }, told).events[0]?.lastMonoMs;
  assert.is(lastMs({ w: 9, h: 9 }), 8800);
  assert.is(lastMs({ w: 6, h: 6 }), 5800);
});

test('minMs: a subject in view for so long counts, one in view for less does not', () => {
  const seenFor = (ms: number) => crossing(4000, 4000 + ms, [20, 50], [20 + ms / 25, 50], { w: 10, h: 14, grey: 30 });
  const eventsFor = (ms: number, minMs: number) =>
    watch({ seconds: 9, blocks: [seenFor(ms)] }, rules({ minMs })).events;
  assert.is(eventsFor(1000, 800).length, 1); // Pictures at 0, 200 … 800 ms.
  assert.is(eventsFor(800, 800).length, 0); // The last at 600 ms.
});

test('while the background is learned nothing counts, and that takes at most 2 s; forget() begins anew', () => {
  const motion = createMotion(rules());
  const walker = crossing(0, 20_000, [0, 55], [150, 55], person);
  const first = watch({ seconds: 4, blocks: [] }, rules(), motion);
  assert.ok(
    first.pictures.every(({ warming, monoMs }) => warming === monoMs < 1600),
    'nine pictures are enough',
  );
  motion.forget();
  const again = watch({ seconds: 20, startMs: 4000, blocks: [walker] }, rules(), motion);
  const warming = again.pictures.filter((picture) => picture.warming);
  assert.ok(warming.length >= 5 && warming.length <= 10, `${warming.length} pictures`);
  assert.not(warming.some(({ moving }) => moving));
  assert.is(again.events.length, 1);
});

test('works at 2 and at 10 pictures a second', () => {
  for (const fps of [2, 10]) {
    const { events } = watch({ seconds: 14, fps, blocks: [across(4000, 9000)] }, rules({ fps }));
    assert.is(events.length, 1, `${fps} fps`);
    assert.is(events[0]?.firstMonoMs, 4000);
  }
});

/** Somebody out of focus who crosses a flat yard; all lengths in parts of a picture 160 wide. */
function softWalker(scale: number): GreyFrame[] {
  const [wide, high] = [160 * scale, 90 * scale];
  const rise = (from: number, to: number, at: number) => Math.min(1, Math.max(0, Math.min(at - from, to - at) / 6));
  return Array.from({ length: 60 }, (_, picture) => {
    const left = -20 + 4 * (picture - 15);
    const pixels = Uint8Array.from({ length: wide * high }, (_, at) => {
      const [x, y] = [(at % wide) / scale, Math.floor(at / wide) / scale];
      const grain = ((at * 7919) % 5) - 2;
      return 110 + grain - 60 * rise(left, left + 18, x) * rise(30, 66, y);
    });
    return { width: wide, height: high, pixels, monoMs: picture * 200 };
  });
}

test('who is out of focus counts in a large picture as in a small one', () => {
  for (const scale of [1, 2]) {
    const motion = createMotion(rules({ width: 160 * scale, height: 90 * scale }));
    const moving = softWalker(scale).filter((frame) => motion.see(frame).moving).length;
    assert.ok(moving > 30, `${160 * scale}: ${moving} pictures`);
  }
});

test('a picture of another size is refused', () => {
  const motion = createMotion(rules());
  assert.throws(
    () => motion.see({ width: 80, height: 60, pixels: new Uint8Array(4800), monoMs: 0 }),
    /must be 160x90, not 80x60/,
  );
});

test('what is seen is one object, its boxes and zones are the reader’s own', () => {
  const motion = createMotion(rules());
  const seen = new Set<unknown>();
  const boxes: unknown[] = [];
  for (const frame of film({ seconds: 9, blocks: [across(4000, 9000)] })) {
    const now = motion.see(frame);
    seen.add(now);
    if (now.moving) boxes.push(JSON.stringify(now.boxes), now.boxes);
  }
  assert.is(seen.size, 1);
  for (let i = 0; i < boxes.length; i += 2) assert.is(JSON.stringify(boxes[i + 1]), boxes[i]);
});

test('the reason names what happened, in Vietnamese and in English', () => {
  const plan = { seconds: 10, blocks: [across(4000, 9000)] };
  assert.match(watch(plan).events[0]?.reason ?? '', /^vật di chuyển .* vùng phát hiện/);
  const english = watch(plan, rules(), createMotion(rules(), 'en')).events[0]?.reason ?? '';
  assert.match(english, /^something travelled .* of the watched area/);
  assert.ok(english.length <= 500);
});

test.run();
