import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTrace, type TracedPicture, type TraceStep } from '../../agent/core/trace/decode.ts';
import { createTraceEncoder } from '../../agent/core/trace/encode.ts';
import { batchBytesMax, pictureBytesMax } from '../../agent/core/trace/format.ts';
import { createPictureSight, type PictureSight, type SightedTrack, traceRules } from '../../agent/core/trace/sight.ts';

const test = suite('core/trace codec');

const head = {
  boot: '000017.9f3a2c1d',
  width: 160,
  height: 90,
  periodMs: 200,
  sensitivity: 5,
  minSize: 0.002,
  quietMs: 1500,
  zones: ['cổng làng', 'ngã tư'],
};

function sight(monoMs: number, told: Partial<Omit<PictureSight, 'tracks'>> = {}, tracks: Partial<SightedTrack>[] = []) {
  const made = createPictureSight(tracks.length);
  Object.assign(made, { monoMs, warming: false, bar: 7, noise: 1.5, count: tracks.length, ...told });
  for (const [i, track] of tracks.entries()) {
    const filled = made.tracks[i];
    if (filled !== undefined)
      Object.assign(
        filled,
        {
          slot: i,
          bornMs: monoMs,
          left: 10,
          top: 20,
          right: 20,
          bottom: 44,
          area: 120,
          contrast: 40,
          needs: 5,
          zoneBits: 1,
        },
        track,
      );
  }
  return made;
}

function decoded(bytes: Uint8Array | undefined) {
  const read = readTrace(bytes ?? new Uint8Array());
  if (!read.ok) throw new Error(read.why);
  return read.trace;
}
const pictures = (steps: readonly TraceStep[]): TracedPicture[] =>
  steps.flatMap((step) => (step.is === 'picture' ? [step] : []));

const track = fc.record({
  slot: fc.integer({ min: 0, max: 23 }),
  bornMs: fc.integer({ min: 0, max: 5000 }),
  left: fc.integer({ min: 0, max: 70 }).map((x) => 2 * x),
  top: fc.integer({ min: 0, max: 40 }).map((y) => 2 * y),
  wide: fc.integer({ min: 1, max: 9 }),
  high: fc.integer({ min: 1, max: 4 }),
  fill: fc.double({ min: 0.1, max: 1, noNaN: true }),
  contrast: fc.double({ min: 0, max: 255, noNaN: true }),
  needs: fc.integer({ min: 1, max: 11 }),
  rule: fc.constantFrom(...traceRules),
  why: fc.constantFrom(undefined, 'travel' as const, 'stay' as const),
  zoneBits: fc.integer({ min: 0, max: 65_535 }),
});
const pictureOf = fc.record({
  gapMs: fc.oneof(fc.constant(200), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 2 ** 33 })),
  warming: fc.boolean(),
  whole: fc.constantFrom(...traceRules),
  bar: fc.double({ min: 7, max: 60, noNaN: true }),
  noise: fc.double({ min: 0, max: 25, noNaN: true }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  tracks: fc.uniqueArray(track, { maxLength: 24, selector: ({ slot }) => slot }),
  broken: fc.boolean(),
});
const still = fc.integer({ min: 1, max: 400 });
const film = fc.array(fc.oneof({ weight: 3, arbitrary: pictureOf }, { weight: 1, arbitrary: still }), {
  maxLength: 40,
});

test('what was written is read again, and no picture costs more than its bound', () => {
  const seed = Date.now() & 0x7fffffff;
  const property = fc.property(film, (plan) => {
    const encoder = createTraceEncoder(head);
    const told: PictureSight[] = [];
    let monoMs = 10_000;
    for (const each of plan) {
      const idle = typeof each === 'number' ? each : 0;
      const shown = Array.from({ length: idle }, (_, i) => sight(monoMs + 200 * (i + 1)));
      monoMs += 200 * idle;
      if (typeof each !== 'number') {
        if (each.broken) encoder.breakOff();
        monoMs += each.gapMs;
        const tracks = each.tracks.map(({ wide, high, fill, bornMs, ...rest }) => ({
          ...rest,
          bornMs: monoMs - bornMs,
          right: rest.left + 2 * wide,
          bottom: rest.top + 2 * high,
          area: fill * 4 * wide * high,
        }));
        const { warming, whole, bar, noise, share } = each;
        shown.push(sight(monoMs, { warming, whole, bar, noise, share }, tracks));
      }
      for (const one of shown) {
        if (encoder.isFull()) return;
        encoder.add(one);
        told.push(one);
      }
    }
    const bytes = encoder.take(null);
    if (told.length === 0) return assert.is(bytes, undefined);
    const trace = decoded(bytes);
    assert.equal([trace.pictures, trace.lastMonoMs, trace.firstMonoMs], [told.length, monoMs, told[0]?.monoMs]);
    assert.ok((bytes?.length ?? 0) <= batchBytesMax);
    const busy = told.filter(({ warming, whole, count }) => warming || whole !== 'none' || count > 0);
    const read = pictures(trace.steps);
    assert.is(read.length, busy.length);
    for (const [i, one] of busy.entries()) sameAs(one, read[i]);
  });
  fc.assert(property, { numRuns: 300, seed });
});

function sameAs(told: PictureSight, read: TracedPicture | undefined): void {
  assert.ok(read);
  assert.equal([read.monoMs, read.warming, read.whole], [told.monoMs, told.warming, told.whole]);
  assert.ok(Math.abs(read.bar - told.bar) <= 0.5 + 0.125 && Math.abs(read.noise - told.noise) <= 0.5 + 0.125);
  assert.is(read.tracks.length + read.leftOut, told.count);
  const kept = new Map(told.tracks.map((each) => [each.slot, each]));
  const easiest = Math.min(...told.tracks.slice(0, told.count).map(({ needs }) => needs));
  if (told.count > 0) assert.is(Math.min(...read.tracks.map(({ needs }) => needs)), easiest);
  for (const one of read.tracks) {
    const { area, contrast, ...exact } = one;
    const was = kept.get(one.slot);
    assert.ok(was);
    const { area: wasArea, contrast: wasContrast, ...wasExact } = was;
    assert.equal(exact, wasExact);
    const box = (one.right - one.left) * (one.bottom - one.top);
    assert.ok(Math.abs(area - wasArea) <= box / 250 && Math.abs(contrast - wasContrast) <= 0.5);
  }
}

test('a picture with as much in it as can be stays within its bytes', () => {
  const encoder = createTraceEncoder({ ...head, zones: [] });
  const none = createTraceEncoder({ ...head, zones: [] });
  none.add(sight(1000));
  const empty = none.take(null)?.length ?? 0;
  const crowd = (base: number) =>
    Array.from({ length: 24 }, (_, slot) => ({
      slot,
      bornMs: -(2 ** 27) - base,
      left: 2 * slot,
      right: 100 + 2 * slot,
      zoneBits: 65_535,
      needs: 11,
    }));
  for (let i = 0; i < 20; i++)
    encoder.add(sight(1000 + i * 2 ** 33, { whole: 'shake', share: 1, bar: 7 + 9 * i }, crowd(i)));
  const each = ((encoder.take(null)?.length ?? 0) - empty) / 20;
  assert.ok(each > 50 && each <= pictureBytesMax, `${each} bytes a picture`);
});

test('five idle minutes are a few bytes, and a batch that is full says so before it is too late', () => {
  const encoder = createTraceEncoder(head);
  const fill = (count: number, tracks: Partial<SightedTrack>[]) => {
    let done = 0;
    while (done < count && !encoder.isFull()) encoder.add(sight(200 * done++, {}, tracks));
    return done;
  };
  assert.is(fill(1500, []), 1500);
  const idle = encoder.take(1_795_000_000_000);
  assert.ok((idle?.length ?? 999) < 80, `${idle?.length} bytes`);
  assert.is(decoded(idle).firstWallMs, 1_795_000_000_000);
  const crowd = Array.from({ length: 24 }, (_, slot) => ({ slot, left: 2 * slot, right: 40 + 2 * slot }));
  const done = fill(1e6, crowd);
  assert.ok(done > 200 && done < 1500, `${done} pictures`);
  assert.throws(() => encoder.add(sight(200 * done, {}, crowd)), /full/);
  const bytes = encoder.take(null);
  assert.ok((bytes?.length ?? 1e9) <= batchBytesMax);
  assert.is(decoded(bytes).pictures, done);
});

test('rubbish is refused with a word about what is wrong, never with a crash', () => {
  const encoder = createTraceEncoder(head);
  for (let i = 0; i < 30; i++)
    encoder.add(sight(1000 + 200 * i, {}, i % 3 === 0 ? [] : [{ bornMs: 0, left: 10 + i - (i % 2), right: 40 }]));
  const good = encoder.take(null) ?? new Uint8Array();
  assert.ok(readTrace(good).ok);
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(), /cut short/],
    [Buffer.from('không phải là vết'), /not a trace/],
    [Uint8Array.from(good, (byte, i) => (i === 4 ? 2 : byte)), /version 2/],
    [Buffer.concat([good, Buffer.from([0])]), /follows the end/],
    [new Uint8Array(20_000), /at most/],
  ];
  for (const [bytes, why] of cases) {
    const read = readTrace(bytes);
    assert.not(read.ok);
    assert.match(read.ok ? '' : read.why, why);
  }
  for (let length = 0; length < good.length; length++)
    assert.not(readTrace(good.subarray(0, length)).ok, `${length} bytes`);
  const seed = Date.now() & 0x7fffffff;
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 200 }), (at, value, tail) => {
      readTrace(Uint8Array.from(good, (byte, i) => (i === at ? value : byte)));
      readTrace(Buffer.concat([good.subarray(0, at), tail]));
    }),
    { numRuns: 2000, seed },
  );
});

test('nothing is allocated per picture', () => {
  const encoder = createTraceEncoder(head);
  const pair = [sight(0, {}, [{}, { left: 40, right: 60 }]), sight(0)];
  const run = (count: number) => {
    for (let i = 0; i < count; i++) {
      const shown = pair[i & 1];
      if (shown === undefined) continue;
      shown.monoMs += 400;
      if (encoder.isFull()) encoder.take(null);
      encoder.add(shown);
    }
  };
  run(100_000);
  const before = process.memoryUsage().heapUsed;
  run(20_000);
  const each = (process.memoryUsage().heapUsed - before) / 20_000;
  // A box, a number that is no small integer or two; no buffer, no object, no closure a picture. Batches taken are in it.
  assert.ok(each < 120, `${each} bytes a picture`);
});

test.run();
