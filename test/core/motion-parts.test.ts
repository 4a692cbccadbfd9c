import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBackground, treatments } from '../../agent/core/motion/background.ts';
import { type Blob, blobsMax, createBlobFinder } from '../../agent/core/motion/blobs.ts';
import { createClutter } from '../../agent/core/motion/clutter.ts';
import { createLightMeter } from '../../agent/core/motion/light.ts';
import { createStood } from '../../agent/core/motion/stood.ts';
import { isSubject, newTrack, stand } from '../../agent/core/motion/track.ts';
import { createTracker, tracksMax } from '../../agent/core/motion/tracks.ts';
import { createWarmUp } from '../../agent/core/motion/warm-up.ts';
import { drawZones } from '../../agent/core/motion/zones.ts';
import { film, height, rules, width } from './motion-film.ts';

const test = suite('core/motion parts');

/** A mask from a drawing: each character is a cell of 2x2 pixels. */
function mask(rows: readonly string[]) {
  const wide = 2 * (rows[0]?.length ?? 0);
  const pixels = new Uint8Array(wide * 2 * rows.length);
  for (const [row, cells] of rows.entries())
    for (const [column, cell] of [...cells].entries())
      if (cell === '#') for (const at of [0, 1, wide, wide + 1]) pixels[2 * row * wide + 2 * column + at] = 1;
  return { wide, high: 2 * rows.length, pixels };
}

function find(rows: readonly string[], areaMin = 1): Blob[] {
  const { wide, high, pixels } = mask(rows);
  const finder = createBlobFinder(wide, high);
  const inRow = Uint16Array.from({ length: high }, (_, y) =>
    pixels.subarray(y * wide, (y + 1) * wide).reduce((a, b) => a + b, 0),
  );
  finder.find(pixels, inRow, areaMin);
  return finder.blobs.slice(0, finder.found()).map((blob) => ({ ...blob }));
}

test('pieces with a gap of two cells are one blob, with three they are two', () => {
  assert.is(find(['##..##']).length, 1);
  assert.is(find(['##...##']).length, 2);
});

test('arms that meet at the bottom, the top or in a spiral are one blob', () => {
  const shapes = [
    ['#....#....#', '#....#....#', '#....#....#', '###########'],
    ['###########', '#....#....#', '#....#....#', '#....#....#'],
    [
      '###########',
      '..........#',
      '..........#',
      '..........#',
      '#.........#',
      '#.........#',
      '#.........#',
      '###########',
    ],
  ];
  for (const shape of shapes) assert.is(find(shape).length, 1, shape.join('\n'));
});

test('a blob tells its size, centre and box', () => {
  const [blob] = find(['......', '..##..', '..##..', '......']);
  assert.ok(blob);
  assert.equal([blob.area, blob.x, blob.y, blob.left, blob.top, blob.right, blob.bottom], [16, 6, 4, 4, 2, 8, 6]);
});

test('blobs come largest first, none below the smallest size, and no more than there is room for', () => {
  assert.equal(
    find(['#....####....##'], 8).map(({ area }) => area),
    [16, 8],
  );
  assert.equal(
    find(['#....####....##'], 9).map(({ area }) => area),
    [16],
  );
  const many = Array.from({ length: 40 }, (_, row) => (row % 4 === 0 ? '#...'.repeat(20) : '....'.repeat(20)));
  assert.is(find(many).length, blobsMax);
});

test('blobs are what a flood would find', () => {
  const drawing = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 30, maxLength: 30 }), {
    minLength: 12,
    maxLength: 12,
  });
  fc.assert(
    fc.property(drawing, (cells) => {
      const rows = cells.map((row) => row.map((cell) => (cell === 0 ? '#' : '.')).join(''));
      const flooded = flood(rows);
      assert.equal(
        find(rows).map(({ area }) => area),
        flooded.slice(0, blobsMax),
      );
    }),
    { numRuns: 200 },
  );
});

/** Sizes in pixels, largest first: lit cells reached over cells that are lit or touch a lit one. */
function flood(rows: readonly string[]): number[] {
  const isLit = (row: number, column: number) => rows[row]?.[column] === '#';
  const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx] as const));
  const isGrown = (row: number, column: number) =>
    rows[row]?.[column] !== undefined && around.some(([dy, dx]) => isLit(row + dy, column + dx));
  const seen = new Set<string>();
  const sizes: number[] = [];
  for (const [row, cells] of rows.entries()) {
    for (const column of [...cells].keys()) {
      if (!isGrown(row, column) || seen.has(`${row},${column}`)) continue;
      const waiting: [number, number][] = [[row, column]];
      seen.add(`${row},${column}`);
      let size = 0;
      for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        const [y, x] = at;
        if (isLit(y, x)) size += 4;
        for (const [dy, dx] of around) {
          const key = `${y + dy},${x + dx}`;
          if (!isGrown(y + dy, x + dx) || seen.has(key)) continue;
          seen.add(key);
          waiting.push([y + dy, x + dx]);
        }
      }
      sizes.push(size);
    }
  }
  return sizes.sort((a, b) => b - a);
}

const frames = [...film({ seconds: 4, noise: 1 })].map(({ pixels }) => pixels);
const first = frames[0] ?? new Uint8Array();

test('the light meter finds gain and offset though something covers a fifth of the picture', () => {
  const lines = fc.record({
    gain: fc.double({ min: 0.5, max: 1.3, noNaN: true }),
    offset: fc.integer({ min: -15, max: 25 }),
    from: fc.integer({ min: 0, max: 60 }),
    grey: fc.constantFrom(10, 240),
  });
  fc.assert(
    fc.property(lines, ({ gain, offset, from, grey }) => {
      const meter = createLightMeter(width, height);
      const mean = Float32Array.from(first);
      const now = Uint8Array.from(first, (value, i) => {
        const row = Math.floor(i / width);
        return row >= from && row < from + 20 ? grey : Math.min(255, Math.max(0, gain * value + offset));
      });
      const held = new Uint8Array((width / 2) * (height / 2));
      for (let i = 0; i < 2; i++) meter.read(now, mean, held);
      for (const level of [60, 110, 160]) {
        const off = meter.light.gain * level + meter.light.offset - (gain * level + offset);
        assert.ok(
          Math.abs(off) < 4,
          `at ${level}: ${off} off with gain ${meter.light.gain} and offset ${meter.light.offset}`,
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('where no line holds for the picture the middle ratio stands for its light', () => {
  const meter = createLightMeter(width, height);
  const thirds = Uint8Array.from(first, (value, at) =>
    Math.min(250, value * ([0.5, 0.8, 1.2][Math.floor((3 * at) / (width * height))] ?? 1)),
  );
  meter.read(thirds, Float32Array.from(first), new Uint8Array((width / 2) * (height / 2)));
  assert.ok(meter.light.agreed < 0.6);
  assert.is(meter.light.offset, 0);
  assert.ok(Math.abs(meter.light.gain - 0.8) < 0.02, `gain ${meter.light.gain}`);
});

test('taking the light into the mean leaves what is expected as it was, held or not', () => {
  for (const how of [treatments.learn, treatments.hold]) {
    const background = createBackground(width, height, drawZones(rules()));
    const warmUp = createWarmUp(width * height);
    for (const [i, pixels] of frames.slice(0, 9).entries()) warmUp.gather(pixels, i * 200);
    warmUp.settle(background.mean, background.fluctuation);
    const light = { gain: 0.6, offset: 12, noise: 1, agreed: 1 };
    const expected = () => Array.from(background.mean, (value) => light.gain * value + light.offset);
    const before = expected();
    background.difference.fill(0);
    background.learn(light, new Uint8Array((width / 2) * (height / 2)).fill(how), 1000);
    assert.ok(Math.abs(light.gain - 1) < 0.4 && light.gain > 0.6, 'nearer to one');
    const after = expected();
    assert.ok(after.every((value, i) => Math.abs(value - (before[i] ?? 0)) < 0.01));
  }
});

/** One blob, followed at 5 pictures a second and always taken for a thing, in light that is uneven from that sighting on: is it a subject in the end, and why? */
function followed(
  boxes: readonly (readonly [left: number, top: number, w: number, h: number, x?: number, y?: number])[],
  unevenFrom = Number.POSITIVE_INFINITY,
  unevenPart = 0.005,
  tracker = createTracker(width, height, 400),
) {
  const unexplainedAt = (i: number) => (i >= unevenFrom ? unevenPart : 0);
  let why: string | undefined;
  for (const [i, [left, top, w, h, x, y]] of boxes.entries()) {
    const blob: Blob = {
      left,
      top,
      right: left + w,
      bottom: top + h,
      x: x ?? left + w / 2,
      y: y ?? top + h / 2,
      area: w * h,
      shape: 1,
      root: 1,
    };
    tracker.follow([blob], 1, i * 200, i >= unevenFrom);
    for (const track of tracker.tracks) {
      if (!track.live || track.blob < 0) continue;
      tracker.judge(track, blob, 'thing', { travelling: 1, left: 1, alone: 1 }, i * 200, unexplainedAt(i));
      if (isSubject(track)) why = track.why;
    }
  }
  return why;
}
const steps = (count: number, x: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => [x(i), 40, 8, 12] as const);

test('steady steps are travel, after minMs and not before', () => {
  assert.is(followed(steps(4, (i) => 40 + 4 * i)), 'travel');
  assert.is(followed(steps(2, (i) => 40 + 8 * i)), undefined);
});

test('what comes in uneven light needs a longer way; what makes it uneven by coming does not', () => {
  const walk = steps(5, (i) => 40 + 4 * i);
  assert.is(followed(walk, 0), undefined);
  assert.is(followed(walk, 1), 'travel');
});

test('nobody makes much more of the picture uneven than he fills', () => {
  const walk = steps(5, (i) => 40 + 4 * i);
  assert.is(followed(walk, 1, 0.1), undefined, 'a beam that came over him');
});

test('one leap is no travel', () => {
  assert.is(followed(steps(6, (i) => (i < 3 ? 40 : 48))), undefined);
});

test('to and fro is no travel', () => {
  assert.is(followed(steps(12, (i) => 40 + (i % 2) * 3)), undefined);
});

test('a zigzag that gets nowhere is no travel', () => {
  const zigzag = Array.from({ length: 7 }, (_, i) => [40 + Math.floor(i / 2) + (i % 2) * 8, 40, 10, 12] as const);
  assert.is(followed(zigzag), undefined);
});

test('what has stood and leaps once is no travel', () => {
  assert.is(followed(steps(10, (i) => (i < 7 ? 20 : 34))), undefined);
});

test('something slow is travel once it has left its first place', () => {
  const slow = Array.from({ length: 24 }, (_, i) => [40 + 0.5 * i, 40, 8, i % 2 === 0 ? 12 : 20] as const);
  assert.is(followed(slow), 'travel');
  assert.is(followed(slow.slice(0, 14)), undefined);
});

test('a drop on the lens that was joined to the streak beside it has gone nowhere, whatever meets it later', () => {
  const drop = [28, 14, 10, 8] as const;
  const met = [28, 14, 14, 16] as const;
  const wavering = [[22, 8, 4, 6], [24, 12, 14, 12], drop, drop, drop, met, drop, drop, met, drop, drop, drop] as const;
  assert.is(followed(wavering), undefined);
});

test('who stood goes on standing when others pass by him, also where their track takes his place', () => {
  const stood = createStood();
  const track = newTrack();
  const at = (left: number): Blob => {
    return { left, top: 40, right: left + 8, bottom: 52, x: left + 4, y: 46, area: 96, shape: 1, root: 1 };
  };
  stand(track, at(40), 1000);
  track.seenMs = 31_000;
  stood.remember(track);
  assert.is(stood.sinceMs(at(42), 35_000), 1000);
  assert.is(stood.sinceMs(at(60), 35_000), 35_000, 'elsewhere');
  assert.is(stood.sinceMs(at(42), 45_000), 45_000, 'long after');
  track.seenMs = 3000;
  const passing = createStood();
  passing.remember(track);
  assert.is(passing.sinceMs(at(40), 4000), 4000, 'no more than a moment');
});

test('a subject that dwindled at the border and was gone is not the large thing that comes there next', () => {
  const tracker = createTracker(width, height, 400);
  const leaves = steps(8, (i) => 32 - 4 * i).map(([left]) => [Math.max(0, left), 40, left < 0 ? 2 : 8, 12] as const);
  assert.is(followed(leaves, undefined, undefined, tracker), 'travel');
  const small = { left: 0, top: 44, right: 2, bottom: 50, x: 1, y: 47, area: 8, shape: 1, root: 1 };
  tracker.follow([small], 1, 1600, false);
  tracker.follow([], 0, 1800, false);
  tracker.follow([{ ...small, right: 20, area: 90, x: 10 }], 1, 2000, false);
  const [insect] = tracker.tracks.filter(({ live, blob }) => live && blob >= 0);
  assert.is(insect?.bornMs, 2000);
});

test('sides that wander around a centre that does not are no travel', () => {
  const wandering = Array.from({ length: 4 }, (_, i) => [40 + 3 * i, 40, 8, 12, 48, 46] as const);
  assert.is(followed(wandering), undefined);
});

test('growing in its place is no travel; growing in from the border is', () => {
  assert.is(followed([0, 1, 2, 3].map((i) => [60 - 3 * i, 40, 8 + 6 * i, 12] as const)), undefined);
  assert.is(followed([0, 1, 2, 3, 4].map((i) => [0, 40, 4 + 4 * i, 12] as const)), 'travel');
});

test('blobs that leap from place to place are no travel', () => {
  assert.is(followed(steps(8, (i) => [20, 60, 24, 100, 19, 70, 22, 110][i] ?? 0)), undefined);
});

test('what is unseen in two pictures in a row begins anew', () => {
  const tracker = createTracker(width, height, 400);
  const at = (left: number): Blob => {
    return { left, top: 40, right: left + 8, bottom: 52, x: left + 4, y: 46, area: 96, shape: 1, root: 1 };
  };
  for (const [i, left] of [40, 44, undefined, 48, undefined, undefined, 56].entries()) {
    const blob = left === undefined ? [] : [at(left)];
    tracker.follow(blob, blob.length, i * 200, false);
  }
  assert.equal(
    tracker.tracks.filter(({ live }) => live).map(({ bornMs }) => bornMs),
    [1200],
  );
});

/** Half a minute of rain: streaks far apart, each seen once. */
function rainOn(tracker: ReturnType<typeof createTracker>, fromMs: number): number {
  for (let i = 0; i < 150; i++) {
    const streaks = [0, 1, 2].map((n): Blob => {
      const [left, top] = [(i * i * 37 + n * 61) % 150, (i * i * 23 + n * 29) % 80];
      return { left, top, right: left + 2, bottom: top + 6, x: left + 1, y: top + 3, area: 12, shape: 1, root: n + 1 };
    });
    tracker.follow(streaks, streaks.length, fromMs + i * 200, false);
  }
  return fromMs + 150 * 200;
}

test('what lies still and new where nobody was is a drop when it rains', () => {
  const stays = (tracker: ReturnType<typeof createTracker>, fromMs: number) => {
    const blob: Blob = { left: 70, top: 30, right: 84, bottom: 42, x: 77, y: 36, area: 140, shape: 1, root: 1 };
    for (let i = 0; i < 20; i++) {
      tracker.follow([blob], 1, fromMs + i * 200, false);
      for (const track of tracker.tracks)
        if (track.live && track.blob >= 0)
          tracker.judge(track, blob, 'thing', { travelling: 1, left: 1, alone: 1 }, fromMs + i * 200, 0);
    }
    return tracker.tracks.some(isSubject);
  };
  assert.ok(stays(createTracker(width, height, 400), 0), 'on a dry day');
  const wet = createTracker(width, height, 400);
  assert.not(stays(wet, rainOn(wet, 0)));
});

test('the more of its size come and go, the less far a jump is believed', () => {
  const clutter = createClutter(width * height);
  assert.is(clutter.reach(4, 200), Number.POSITIVE_INFINITY);
  for (let i = 0; i < 100; i++) clutter.add(12);
  const near = clutter.reach(12, 200);
  assert.ok(near > 1 && near < 40, `${near}`);
  assert.ok(clutter.reach(12, 400) < near, 'longer unseen');
  assert.is(clutter.reach(40, 200), Number.POSITIVE_INFINITY, 'nothing so large came');
  assert.not.ok(clutter.isDense());
  for (let i = 0; i < 100; i++) clutter.add(12);
  assert.ok(clutter.isDense());
  clutter.pass(120_000);
  assert.not.ok(clutter.isDense(), 'the rain is over');
});

test('a way begins where it looked like a thing, not where a beam was', () => {
  const tracker = createTracker(width, height, 0);
  for (let i = 0; i < 11; i++) {
    const blob: Blob = {
      left: 20 + 4 * i,
      top: 40,
      right: 28 + 4 * i,
      bottom: 52,
      x: 24 + 4 * i,
      y: 46,
      area: 96,
      shape: 1,
      root: 1,
    };
    tracker.follow([blob], 1, i * 200, false);
    const [track] = tracker.tracks;
    assert.ok(track);
    tracker.judge(track, blob, i < 6 ? 'light' : 'thing', { travelling: 1, left: 1, alone: 1 }, i * 200, 0);
    assert.is(isSubject(track), i >= 9, `sighting ${i}`);
  }
});

test('more blobs than tracks break nothing', () => {
  const tracker = createTracker(width, height, 0);
  const blobs = Array.from({ length: blobsMax }, (_, i): Blob => {
    const left = 4 * i;
    return { left, top: 0, right: left + 2, bottom: 4, x: left + 1, y: 2, area: 8, shape: 1, root: i + 1 };
  });
  for (let i = 0; i < 3; i++) tracker.follow(blobs, blobs.length, i * 200, false);
  assert.is(tracker.tracks.filter(({ live }) => live).length, tracksMax);
});

test.run();
