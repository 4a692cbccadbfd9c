// The question "what would sensitivity 7 have caught" against the answer: the filter run again at that sensitivity.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMotion } from '../../agent/core/motion/motion.ts';
import { readTrace, type Trace } from '../../agent/core/trace/decode.ts';
import { createTraceEncoder } from '../../agent/core/trace/encode.ts';
import { createHeld } from '../../agent/core/trace/held.ts';
import { wouldHave } from '../../agent/core/trace/would-have.ts';
import { crossing, type FilmPlan, film, rules, watch } from './motion-film.ts';

const test = suite('core/trace would have');

/** A walker, a small far figure, something faint, someone who comes to stand, and a leaf that sways. */
const plan: FilmPlan = {
  seconds: 60,
  seed: 11,
  blocks: [
    crossing(4000, 8000, [10, 50], [120, 50], { w: 8, h: 16, grey: 30 }),
    crossing(12_000, 20_000, [20, 48], [60, 48], { w: 3, h: 5, grey: 30 }),
    crossing(24_000, 30_000, [100, 50], [20, 50], { w: 8, h: 14, grey: 78 }),
    { fromMs: 34_000, toMs: 44_000, w: 6, h: 10, grey: 40, at: (ms) => [Math.min(70, 20 + (ms - 34_000) / 60), 60] },
    { fromMs: 46_000, toMs: 58_000, w: 5, h: 5, grey: 220, at: (ms) => [130 + ((ms / 400) & 1) * 3, 20] },
  ],
};

function traceOf(sensitivity: number): Trace[] {
  const set = rules({ sensitivity });
  const motion = createMotion(set);
  const encoder = createTraceEncoder({
    boot: 'test',
    width: set.width,
    height: set.height,
    periodMs: 200,
    sensitivity,
    minSize: 0.002,
    quietMs: 1500,
    zones: [],
  });
  const bodies: (Uint8Array | undefined)[] = [];
  for (const frame of film(plan)) {
    motion.see(frame);
    // Small batches: an event goes on over their borders.
    if (encoder.pictures() >= 50) bodies.push(encoder.take(1_800_000_000_000 + encoder.firstMonoMs()));
    encoder.add(motion.sight);
  }
  bodies.push(encoder.take(null));
  return bodies.map((body) => {
    const read = readTrace(body ?? new Uint8Array());
    if (!read.ok) throw new Error(read.why);
    return read.trace;
  });
}

test('a trace kept at 5 says of every sensitivity what a run at that sensitivity says', () => {
  const traces = traceOf(5);
  const counts: number[] = [];
  for (let sensitivity = 1; sensitivity <= 10; sensitivity++) {
    const { events } = watch(plan, rules({ sensitivity }));
    const would = wouldHave([...traces.toReversed(), ...traces], sensitivity).events;
    const times = (all: readonly { firstMonoMs: number; lastMonoMs: number }[]) =>
      all.map(({ firstMonoMs, lastMonoMs }) => [firstMonoMs, lastMonoMs]);
    assert.equal(times(would), times(events), `at sensitivity ${sensitivity}`);
    counts.push(events.length);
  }
  assert.ok((counts[0] ?? 9) < (counts[4] ?? 0) && (counts[4] ?? 9) < (counts[9] ?? 0), `events: ${counts}`);
});

test('what is new at a higher sensitivity is told with the rule that held it back, where and when', () => {
  const traces = traceOf(5);
  const added = wouldHave(traces, 10).events.filter(({ caught }) => !caught);
  assert.ok(added.length > 0);
  for (const event of added) {
    assert.ok(event.needs > 5 && event.needs <= 10 && event.rule !== 'none', JSON.stringify(event));
    assert.is(event.firstWallMs, 1_800_000_000_000 + event.firstMonoMs);
  }
});

test('a batch that is missing is a gap, and no event reaches over it', () => {
  const traces = traceOf(5);
  const whole = wouldHave(traces, 5);
  assert.equal(whole.gaps, []);
  const holed = wouldHave(traces.toSpliced(3, 2), 5);
  assert.is(holed.gaps.length, 1);
  const [gap] = holed.gaps;
  assert.ok(
    gap &&
      holed.events.every(
        ({ firstMonoMs, lastMonoMs }) => lastMonoMs <= gap.fromMonoMs || firstMonoMs >= gap.toMonoMs - 1500,
      ),
  );
});

test('what sways in one place is one near miss with its place, whatever each time was held back by', () => {
  const motion = createMotion(rules());
  const held = createHeld();
  const leaf = { w: 6, h: 6, grey: 220 };
  const at = (ms: number) => [131 + ((ms / 600) & 1) * 3, 34] as const;
  const sways = Array.from({ length: 12 }, (_, i) => ({ ...leaf, fromMs: 4000 + i * 4000, toMs: 5200 + i * 4000, at }));
  for (const frame of film({ seconds: 55, blocks: sways })) {
    motion.see(frame);
    held.see(motion.sight);
  }
  const [tree] = held.groups();
  assert.ok(tree && tree.times >= 5, JSON.stringify(tree));
  assert.is(tree.rule, 'restless');
  assert.equal([tree.cells?.left, tree.cells?.top], [16, 4]);
  assert.is(
    Object.values(tree.rules).reduce((sum, times) => sum + times, 0),
    tree.times,
  );
});

test.run();
