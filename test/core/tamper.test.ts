import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tamperReason } from '../../agent/core/tamper/reason.ts';
import { createTamper } from '../../agent/core/tamper/tamper.ts';
import { createScene } from '../../hal/camera/scene/scene.ts';
import { tamperKinds } from '../../protocol/details.ts';
import { between, blurred, type Change, each, height, scenery, turned, watch, width } from './tamper-film.ts';

const test = suite('core/tamper');

const fromS = 21.4;
const toS = 40;
const alarmSMax = 15;
const clearSMax = 12;

const other = new Uint8Array(width * height);
scenery(77, 'day')(0, other);

/** What is done, and what it may be called: white paint over all of a lens is a cloth to anybody. */
const deeds: readonly (readonly [name: string, kinds: readonly string[], change: Change])[] = [
  ['a dark cap', ['covered'], between(fromS, toS, 0.4, (p, done) => each(p, (level) => level * (1 - 0.97 * done) + 4))],
  [
    'a hand that comes from the side',
    ['covered'],
    between(fromS, toS, 0.6, (p, done) =>
      each(p, (level, x, y) => mixed(level, 45 + x / 8 + 6 * Math.sin(y / 20), part(done * 200 - x, 20))),
    ),
  ],
  [
    'a bag pulled over',
    ['covered', 'sprayed'],
    between(fromS, toS, 1, (p, done) =>
      each(p, (level, x, y) => mixed(level, 110 + 18 * Math.sin(y / 11 + x / 30), part(done * 120 - y, 20))),
    ),
  ],
  [
    'a bright cloth',
    ['covered', 'dazzled'],
    between(fromS, toS, 0.8, (p, done) =>
      each(p, (level, x) => mixed(level, 215 + 14 * Math.sin(x / 20), part(done * 200 - x, 16))),
    ),
  ],
  [
    'paint on the middle',
    ['sprayed'],
    between(fromS, toS, 2.5, (p, done) =>
      each(p, (level, x, y) => mixed(level, 38, part(62 * done - Math.hypot(x - 85, (y - 47) * 1.2), 12))),
    ),
  ],
  ['a turn aside', ['turned'], between(fromS, toS, 1.2, (p, done) => turned(p, other, 140 * done, 10 * done))],
  ['a small turn', ['turned'], between(fromS, toS, 0.5, (p, done) => turned(p, other, 24 * done, 4 * done))],
  ['a lens out of focus', ['blurred'], between(fromS, toS, 0, (p) => blurred(p, 2))],
  ['a lens far out of focus', ['blurred', 'covered'], between(fromS, toS, 0, (p) => blurred(p, 4))],
  [
    'a lamp in the lens',
    ['dazzled'],
    between(fromS, toS, 0.2, (p, done) =>
      each(p, (level, x, y) => level * (1 - 0.5 * done) + done * 900 * Math.exp(-Math.hypot(x - 90, y - 40) / 20)),
    ),
  ],
];

const byNight = [
  'a dark cap',
  'a hand that comes from the side',
  'paint on the middle',
  'a small turn',
  'a lamp in the lens',
];
for (const time of ['day', 'night'] as const)
  for (const [name, kinds, change] of deeds.filter(([each]) => time === 'day' || byNight.includes(each)))
    test(`${name}, by ${time}: one alarm within ${alarmSMax} s, and a word when it is over`, () => {
      const [alarm, cleared, ...more] = watch({ seed: 3, time, seconds: 53, change });
      assert.is(alarm?.is, 'alarm');
      assert.ok(kinds.includes(alarm?.kind ?? ''), `called ${alarm?.kind}`);
      const afterS = (alarm?.monoMs ?? 0) / 1000 - fromS;
      assert.ok(afterS > 0 && afterS <= alarmSMax, `${afterS} s after`);
      // The last good still is looked for a moment before this.
      assert.ok((alarm?.sinceMonoMs ?? 0) <= (fromS + 3) * 1000 && (alarm?.sinceMonoMs ?? 0) > (fromS - 5) * 1000);
      assert.is(cleared?.is, 'cleared');
      assert.ok((cleared?.monoMs ?? 0) <= (toS + clearSMax) * 1000, `cleared at ${cleared?.monoMs}`);
      assert.equal(more, []);
    });

test('a frozen picture: an alarm after 12 s, over when it lives again', () => {
  const live = scenery(3, 'day');
  const draw = (frame: number, into: Uint8Array) => (frame < 100 || frame > 250 ? live(frame, into) : live(100, into));
  const news = watch({ seed: 3, time: 'day', seconds: 60, draw });
  assert.equal(
    news.map(({ is, kind }) => `${is} ${kind}`),
    ['alarm frozen', 'cleared frozen'],
  );
  assert.ok((news[0]?.monoMs ?? 0) - 20_000 <= alarmSMax * 1000);
});

test('a camera that repeats its pictures for 8 s at a time by night is not frozen at 14', () => {
  const scene = createScene({ seed: 3, time: 'night', width, height, fps: 5 });
  const draw = (frame: number, into: Uint8Array) => {
    const held = frame < 200 ? 40 : 70;
    scene.grey(frame < 100 ? frame : frame - (frame % held), width, height, into);
  };
  assert.equal(watch({ seed: 3, time: 'night', seconds: 120, draw }), []);
});

test('a black night is no frozen camera', () => {
  const live = scenery(3, 'night');
  const draw = (frame: number, into: Uint8Array) => (frame < 10 ? live(frame, into) : into.fill(0));
  assert.not(watch({ seed: 3, time: 'night', seconds: 60, draw }).some(({ kind }) => kind === 'frozen'));
});

test('a camera that stays turned alarms once, and is learned after half an hour, which is told', () => {
  const change = between(30, 1e9, 1, (p, done) => turned(p, other, 140 * done, 10 * done));
  const news = watch({ seed: 3, time: 'day', seconds: 1900, change, fps: 1 });
  assert.equal(
    news.map(({ is, kind }) => `${is} ${kind}`),
    ['alarm turned', 'relearned turned'],
  );
});

test('a lens that stays covered is never the new normal', () => {
  const change = between(30, 1e9, 1, (p, done) => each(p, (level) => level * (1 - 0.97 * done) + 4));
  assert.equal(
    watch({ seed: 3, time: 'day', seconds: 1900, change, fps: 1 }).map(({ is }) => is),
    ['alarm'],
  );
});

test('a turned camera that is covered later alarms again', () => {
  const turn = between(30, 130, 1, (p, done) => turned(p, other, 140 * done, 10 * done));
  const cover = between(130, 1e9, 0.4, (p, done) => each(p, (level) => level * (1 - 0.97 * done) + 4));
  const news = watch({ seed: 3, time: 'day', seconds: 170, change: (p, s) => cover(turn(p, s), s) });
  assert.equal(
    news.map(({ is, kind }) => `${is} ${kind}`),
    ['alarm turned', 'alarm covered'],
  );
});

test('edges of a privacy mask do not speak for a covered camera', () => {
  const masks = [
    [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  ] as const;
  const tamper = createTamper({ width, height, masks });
  const draw = scenery(3, 'day');
  const pixels = new Uint8Array(width * height);
  const kinds: string[] = [];
  for (let frame = 0; frame < 200; frame++) {
    draw(frame, pixels);
    for (let at = 0; at < pixels.length; at++) {
      if (frame > 120) pixels[at] = 30 + ((at + frame * 3) % 3);
      if (at % width < width / 2) pixels[at] = 0;
    }
    const news = tamper.see({ width, height, pixels, monoMs: frame * 200 });
    if (news !== undefined) kinds.push(news.kind);
  }
  assert.equal(kinds, ['covered']);
});

test('a picture of another size is refused', () => {
  const tamper = createTamper({ width, height, masks: [] });
  const frame = { width: 80, height: 90, pixels: new Uint8Array(7200), monoMs: 0 };
  assert.throws(() => tamper.see(frame), /must be 160x90, not 80x90/);
});

test('each kind has a sentence with a figure in either language', () => {
  const [news] = watch({ seed: 3, time: 'day', seconds: 40, change: deeds[0]?.[2] ?? ((p) => p) });
  assert.ok(news !== undefined);
  for (const kind of tamperKinds) {
    assert.match(tamperReason('vi', { ...news, kind }), /^(camera bị (che|phun sơn|xoay|mờ|chói)|hình đứng yên): .*\d/);
    assert.match(tamperReason('en', { ...news, kind }), /^(camera|picture) .*\d/);
  }
  assert.is(tamperReason('vi', { ...news, is: 'cleared' }), 'camera bị che: đã hết');
});

test('whatever the pictures are, news alternate: nothing is over that was not told, and nothing is told twice', () => {
  const plan = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 5, max: 90 })), { maxLength: 6 });
  const draw = scenery(5, 'day');
  fc.assert(
    fc.property(plan, fc.integer({ min: 1, max: 10 }), (parts, rate) => {
      const tamper = createTamper({ width, height, masks: [] });
      const pixels = new Uint8Array(width * height);
      let standing: string | undefined;
      let frame = 0;
      for (const [what, pictures] of [[0, 60] as const, ...parts])
        for (let n = 0; n < pictures; n++, frame++) {
          if (what !== 4) draw(frame, pixels);
          if (what === 1) pixels.fill(frame % 3);
          if (what === 2) pixels.reverse();
          if (what === 3) pixels.fill(255);
          const news = tamper.see({ width, height, pixels, monoMs: (frame * 1000) / rate });
          if (news === undefined) continue;
          if (news.is === 'alarm') assert.ok(standing === undefined || standing !== 'frozen');
          else assert.is(news.kind, standing);
          standing = news.is === 'alarm' ? news.kind : undefined;
          assert.is(tamper.standing(), standing);
        }
    }),
    { numRuns: 15 },
  );
});

const mixed = (a: number, b: number, share: number): number => a + (b - a) * share;
/** 0 below none, 1 from `soft` on. */
const part = (by: number, soft: number): number => Math.min(1, Math.max(0, by / soft));

test.run();
