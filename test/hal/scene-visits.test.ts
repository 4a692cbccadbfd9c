import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createVisits, type Visit } from '../../hal/camera/scene/cast.ts';
import { type CastRules, parseCast } from '../../hal/camera/scene/cast-rules.ts';
import { createLayout } from '../../hal/camera/scene/layout.ts';
import { animalClasses, type FigureClass, subjectClasses } from '../../hal/camera/scene/scene.ts';

const classes: readonly FigureClass[] = [...subjectClasses, ...animalClasses];

/** What is plausible: metres a second at the fastest, metres from the ground to the top. */
const plausible: Readonly<
  Record<FigureClass, { readonly ms: readonly [number, number]; readonly tallM: readonly [number, number] }>
> = {
  person: { ms: [1, 1.6], tallM: [1.45, 2] },
  runner: { ms: [2.4, 4.1], tallM: [1.3, 1.95] },
  stander: { ms: [1, 1.6], tallM: [1.45, 2] },
  fight: { ms: [1, 5.5], tallM: [1.1, 2] },
  bicycle: { ms: [2.5, 5], tallM: [1.5, 2] },
  motorbike: { ms: [4.4, 8.5], tallM: [1.5, 1.9] },
  car: { ms: [2.9, 9.1], tallM: [1.4, 1.75] },
  truck: { ms: [2.5, 7.1], tallM: [1.9, 2.4] },
  cat: { ms: [0.55, 6.5], tallM: [0.15, 0.42] },
  dog: { ms: [1.8, 4.2], tallM: [0.45, 0.95] },
  bag: { ms: [0.5, 8], tallM: [0.1, 3.2] },
};

/** Fastest and tallest of an act, sampled every tenth of a second. */
function measured({ act }: Visit['acts'][number]): { readonly ms: number; readonly tallM: number } {
  let [ms, tallM] = [0, 0];
  let before = act.at(0).at;
  for (let second = 0.1; second < act.tookS; second += 0.1) {
    const { at, solids } = act.at(second);
    ms = Math.max(ms, Math.hypot(at[0] - before[0], at[1] - before[1]) / 0.1);
    before = at;
    for (const solid of solids) {
      const points = solid.is === 'limb' ? [solid.from, solid.to] : solid.is === 'plate' ? solid.corners : solid.points;
      for (const [, , up] of points) if (up > tallM) tallM = up;
    }
  }
  return { ms, tallM };
}

function round(seed: number, rules: CastRules): readonly Visit[] {
  return createVisits(createLayout(seed), 'day', rules).until(2000).slice(0, rules.classes.length);
}

test('moves each class at a plausible speed and makes it plausibly tall, whatever the seed', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.constantFrom('near', 'middle', 'far'), (seed, distance) => {
      for (const visit of round(seed, { classes, distance }))
        for (const one of visit.acts) {
          const { ms, tallM } = measured(one);
          const { ms: msRange, tallM: tallRange } = plausible[visit.class];
          assert.ok(ms >= msRange[0] && ms <= msRange[1], `${visit.class} at ${ms} m/s`);
          assert.ok(tallM >= tallRange[0] && tallM <= tallRange[1], `${visit.class} is ${tallM} m tall`);
        }
    }),
    { numRuns: 5 },
  );
});

test('slows everyone to a third', () => {
  const steady: readonly FigureClass[] = ['person', 'runner', 'bicycle', 'motorbike', 'car', 'truck'];
  const usual = round(3, { classes: steady });
  const slow = round(3, { classes: steady, pace: 'slow' });
  for (const [index, visit] of usual.entries())
    assert.ok(Math.abs((slow[index]?.toS ?? 0) - (slow[index]?.fromS ?? 0) - 3 * (visit.toS - visit.fromS)) < 0.01);
});

test('lets someone stand for 40 s, hardly but not quite still', () => {
  for (const seed of [1, 2, 3, 4]) {
    const act = round(seed, { classes: ['stander'] })[0]?.acts[0]?.act;
    assert.ok(act !== undefined);
    let stoodS = 0;
    for (let second = 0; second < act.tookS; second += 0.5) {
      const [a, b] = [act.at(second), act.at(second + 0.5)];
      if (Math.hypot(a.at[0] - b.at[0], a.at[1] - b.at[1]) > 1e-9) continue;
      stoodS += 0.5;
      assert.not.equal(a.solids, b.solids, `like a statue at ${second} s`);
    }
    assert.ok(stoodS >= 40 && stoodS <= 71, `stood ${stoodS} s`);
  }
});

test('lets two meet, stay close for some seconds and part', () => {
  for (const seed of [1, 2, 3, 4]) {
    const [left, right] = round(seed, { classes: ['fight'] })[0]?.acts ?? [];
    assert.ok(left !== undefined && right !== undefined && left.id !== right.id);
    const apartM = (second: number) => {
      const [a, b] = [left.act.at(second).at, right.act.at(second).at];
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    };
    const endS = Math.min(left.act.tookS, right.act.tookS);
    const seconds = Array.from({ length: Math.floor(endS * 5) }, (_, index) => index / 5);
    const closeS = seconds.filter((second) => apartM(second) < 1.4).length / 5;
    assert.ok(apartM(0) > 6 && apartM(endS) > 3 && closeS > 8 && closeS < 25, `close for ${closeS} s`);
  }
});

test('draws the classes in turn, with the pauses that were asked for', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), (seed) => {
      const visits = createVisits(createLayout(seed), 'night', { classes: ['person', 'car', 'dog'], everyS: [2, 3] });
      const list = visits.until(600);
      assert.ok(list.length > 15);
      for (const [index, visit] of list.entries()) {
        const pauseS = visit.fromS - (list[index - 1]?.toS ?? 0);
        assert.ok(index === 0 ? pauseS >= 8 && pauseS <= 10 : pauseS >= 2 && pauseS <= 3, `pause ${pauseS}`);
        assert.is(visits.at((visit.fromS + visit.toS) / 2), visit);
        if (index % 3 === 2)
          assert.equal(
            list
              .slice(index - 2, index + 1)
              .map((one) => one.class)
              .sort(),
            ['car', 'dog', 'person'],
          );
      }
      assert.is(visits.at((list[0]?.toS ?? 0) + 1), undefined);
    }),
    { numRuns: 20 },
  );
});

test('reads a cast from one word of the command line, or says what is wrong with it', () => {
  assert.equal(parseCast('traffic'), { ok: true, cast: 'traffic' });
  assert.equal(parseCast('none'), { ok: true, cast: 'none' });
  assert.equal(parseCast('mixed:any'), { ok: true, cast: { classes: [...subjectClasses], distance: 'any' } });
  assert.equal(parseCast('person,car:far:slow:similar:every=2-4.5'), {
    ok: true,
    cast: { classes: ['person', 'car'], distance: 'far', pace: 'slow', against: 'similar', everyS: [2, 4.5] },
  });
  for (const [text, said] of [
    ['', /^--cast knows none, traffic, mixed, person, .*, bag, not nothing$/],
    ['horse', /not horse$/],
    ['person,', /not nothing$/],
    ['none:far', /not none$/],
    ['person:fast', /^--cast knows near, middle, .* after its classes, not fast$/],
    ['person:every=5-2', /not every=5-2$/],
    ['person:every=5', /not every=5$/],
  ] as const) {
    const parsed = parseCast(text);
    assert.match(parsed.ok ? 'accepted' : parsed.fault, said, text);
  }
});

test.run();
