import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type DrainView,
  nextStep,
  nonePassed,
  offersAheadMax,
  type PassedBytes,
  shareOneIn,
  type UnderWay,
  unreceiptedBytesMax,
  wholesAheadMax,
} from '../../agent/core/drain.ts';
import { type DrainClass, drainClasses } from '../../protocol/manifest.ts';

const none = drainClasses.map(() => false);
const more = (...classes: DrainClass[]) => none.map((_, drainClass) => classes.some((each) => each === drainClass));
const file = (words: Partial<UnderWay> = {}): UnderWay => ({
  ...{ class: 4, whole: false, stage: 'asked', dueMs: 0, bytes: 16_384, sentBytes: 0 },
  ...words,
});
const view = (words: Partial<DrainView> = {}): DrainView => ({
  ...{ nowMs: 1000, underWay: [], more: none, freeBytes: 16_384, idle: true },
  ...words,
});
const step = (words: Partial<DrainView>, passed: PassedBytes = nonePassed) => nextStep(view(words), passed).step;

test('with nothing to do it waits for good, with something due it waits until then', () => {
  assert.equal(step({}), { do: 'wait', untilMs: Number.POSITIVE_INFINITY });
  const underWay = [file({ stage: 'waiting', dueMs: 5000 }), file({ stage: 'waiting', dueMs: 4000 })];
  assert.equal(step({ underWay }), { do: 'wait', untilMs: 4000 });
  assert.equal(step({ underWay, nowMs: 4000 }), { do: 'announce', at: 1 });
});

test('an alarm goes before everything that is under way', () => {
  const underWay = [file({ class: 1, stage: 'ready' }), file({ class: 4 })];
  assert.equal(step({ underWay, more: more(0, 1) }), { do: 'open', class: 0 });
  const opened = [...underWay, file({ class: 0, stage: 'ready', whole: true })];
  assert.equal(step({ underWay: opened, more: more(1) }), { do: 'announce', at: 2 });
});

test('within a class, announcements run ahead of chunks, up to eight offers and sixty-four whole records', () => {
  const offers = (count: number) => Array.from({ length: count }, () => file());
  assert.equal(step({ underWay: offers(offersAheadMax - 1), more: more(4) }), { do: 'open', class: 4 });
  assert.equal(step({ underWay: offers(offersAheadMax), more: more(4) }), { do: 'chunk', at: 0 });
  const wholes = (count: number) =>
    Array.from({ length: count }, () => file({ class: 1, whole: true, stage: 'waiting', dueMs: 9000 }));
  assert.equal(step({ underWay: wholes(wholesAheadMax - 1), more: more(1) }), { do: 'open', class: 1 });
  assert.equal(step({ underWay: wholes(wholesAheadMax), more: more(1) }), { do: 'wait', untilMs: 9000 });
});

test('less urgent files never take the places of more urgent ones, and each class may have one', () => {
  const below = Array.from({ length: offersAheadMax }, () => file({ class: 5 }));
  assert.equal(step({ underWay: below, more: more(3) }), { do: 'open', class: 3 });
  const above = Array.from({ length: offersAheadMax }, () => file({ class: 3, stage: 'waiting', dueMs: 9000 }));
  assert.equal(step({ underWay: above, more: more(5) }), { do: 'open', class: 5 });
});

test('a message goes when it fits into the window, and a larger one only alone', () => {
  assert.equal(step({ underWay: [file()], idle: false, freeBytes: 16_384 }), { do: 'chunk', at: 0 });
  assert.is(step({ underWay: [file()], idle: false, freeBytes: 16_383 }).do, 'wait');
  assert.equal(step({ underWay: [file({ bytes: 400_000 })], idle: true, freeBytes: 16_384 }), { do: 'chunk', at: 0 });
});

test('a class that was passed over by thirty-two times its next piece goes next, once', () => {
  const underWay = [file({ class: 3 }), file({ class: 5 })];
  const passed = nonePassed.with(5, shareOneIn * 16_384);
  const owed = nextStep(view({ underWay }), passed);
  assert.equal(owed.step, { do: 'chunk', at: 1 });
  assert.equal(step({ underWay }, passed.with(5, shareOneIn * 16_384 - 1)), { do: 'chunk', at: 0 });
  assert.equal(nextStep(view({ underWay }), owed.passed).step, { do: 'chunk', at: 0 });
});

test('a further body is begun only while less than 4 MiB are sent and without receipt; one begun goes on', () => {
  const sent = (sentBytes: number) => file({ stage: 'waiting', dueMs: 9000, sentBytes });
  assert.equal(step({ underWay: [sent(unreceiptedBytesMax - 1), file()] }), { do: 'chunk', at: 1 });
  assert.is(step({ underWay: [sent(unreceiptedBytesMax), file()] }).do, 'wait');
  assert.equal(step({ underWay: [sent(unreceiptedBytesMax), file({ sentBytes: 1 })] }), { do: 'chunk', at: 1 });
  assert.equal(step({ underWay: [sent(unreceiptedBytesMax), file({ class: 3 })] }), { do: 'chunk', at: 1 });
});

const anyFile = fc.record({
  class: fc.constantFrom(...drainClasses),
  whole: fc.boolean(),
  stage: fc.constantFrom('ready' as const, 'waiting' as const, 'asked' as const),
  dueMs: fc.nat(2000),
  bytes: fc.integer({ min: 1, max: 70_000 }),
  sentBytes: fc.constantFrom(0, 1, 5_000_000),
});
const anyView = fc.record({
  nowMs: fc.nat(2000),
  underWay: fc.array(anyFile, { maxLength: 30 }),
  more: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  freeBytes: fc.nat(100_000),
  idle: fc.boolean(),
});

test('whatever it is shown: the step exists, fits the window, and passes over nobody without owing it', () => {
  fc.assert(
    fc.property(anyView, fc.array(fc.nat(4_000_000), { minLength: 6, maxLength: 6 }), (shown, passed) => {
      const { step: taken } = nextStep(shown, passed);
      if (taken.do === 'wait') return;
      if (taken.do === 'open') return assert.ok(shown.more[taken.class]);
      const picked = shown.underWay[taken.at];
      assert.ok(picked !== undefined);
      assert.ok(shown.idle || picked.bytes <= shown.freeBytes);
      assert.is(taken.do, picked.stage === 'asked' ? 'chunk' : 'announce');
      if (picked.stage === 'waiting') assert.ok(picked.dueMs <= shown.nowMs);
      const urgent = shown.underWay.some((each) => each.class < picked.class && each.stage === 'ready');
      if (urgent) assert.ok((passed[picked.class] ?? 0) >= shareOneIn * picked.bytes);
    }),
  );
});

test('whatever floods from above, no class with work waits for more than its bound of bytes', () => {
  fc.assert(
    fc.property(fc.array(anyFile, { minLength: 1, maxLength: 12 }), (files) => {
      // Everyone always has something to send: the worst case.
      const underWay = files.map((each) => ({ ...each, stage: 'asked' as const, sentBytes: 0 }));
      const waited = new Map<number, number>();
      let passed: PassedBytes = nonePassed;
      for (let n = 0; n < 2000; n += 1) {
        const next = nextStep(view({ underWay }), passed);
        passed = next.passed;
        assert.is(next.step.do, 'chunk');
        const picked = next.step.do === 'chunk' ? underWay[next.step.at] : undefined;
        for (const drainClass of new Set(underWay.map((each) => each.class))) {
          const sum = drainClass === picked?.class ? 0 : (waited.get(drainClass) ?? 0) + (picked?.bytes ?? 0);
          waited.set(drainClass, sum);
          assert.ok(
            sum <= (shareOneIn + drainClasses.length + 1) * 70_000,
            `class ${drainClass} waited for ${sum} bytes`,
          );
        }
      }
    }),
    { numRuns: 25 },
  );
});

test.run();
