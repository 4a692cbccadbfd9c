import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createVisits, type Visit } from '../../hal/camera/scene/cast.ts';
import { createLayout } from '../../hal/camera/scene/layout.ts';
import {
  animalClasses,
  type CastChoice,
  type CastRules,
  createScene,
  type FigureClass,
  type SceneObject,
  subjectClasses,
  type TimeOfDay,
} from '../../hal/camera/scene/scene.ts';
import { changedIn, changesIn, sidesOf, within } from './scene-changes.ts';

const classes: readonly FigureClass[] = [...subjectClasses, ...animalClasses];
const width = 320;
const height = 180;
const fps = 5;
const marginPixels = 2;

/** One round: every class once. */
function visitsOf(seed: number, time: TimeOfDay, cast: CastRules): readonly Visit[] {
  const visits = createVisits(createLayout(seed), time, cast);
  return visits.until(1000).slice(0, cast.classes.length);
}

/** Frames at those shares of the visit. */
function framesOf({ fromS, toS }: Visit, shares: readonly number[]): number[] {
  return shares.map((share) => Math.round((fromS + (toS - fromS) * share) * fps));
}

function checkBoxes(time: TimeOfDay, cast: CastRules): void {
  const seed = 4;
  const scene = createScene({ seed, time, width, height, fps, cast });
  for (const visit of visitsOf(seed, time, cast)) {
    let seen = 0;
    for (const n of framesOf(visit, [0.08, 0.3, 0.55, 0.8])) {
      const { objects, changed } = changesIn(scene, n, width, height);
      const told = `${visit.class} by ${time}, frame ${n}`;
      for (let at = 0; at < changed.length; at++) {
        const [x, y] = [at % width, Math.floor(at / width)];
        if (changed[at] === 0 || objects.some((one) => within(one.touched, x, y, marginPixels))) continue;
        assert.unreachable(`${told}: ${x},${y} changed outside of ${JSON.stringify(objects)}`);
      }
      for (const one of objects) {
        assert.is(one.class, visit.class);
        if (one.visible < 0.3) continue;
        seen++;
        assert.ok(
          changedIn(changed, width, one) > 0.2 * one.w * one.h,
          `${told}: hardly changes ${JSON.stringify(one)}`,
        );
        for (const strip of sidesOf(one, marginPixels + 1))
          assert.ok(changedIn(changed, width, strip) > 0, `${told}: nothing at a side of ${JSON.stringify(one)}`);
      }
    }
    assert.ok(seen > 0, `${visit.class} is never seen by ${time}`);
  }
}

test('boxes of each class hold every changed pixel and are tight by day', () => {
  checkBoxes('day', { classes, distance: 'near', everyS: [1, 1] });
});

test('boxes of each class hold every changed pixel and are tight by night', () => {
  checkBoxes('night', { classes, distance: 'middle', everyS: [1, 1] });
});

test('shows each class smaller the further away it is', () => {
  const tallest = (distance: 'near' | 'middle' | 'far') => {
    const cast = { classes, distance, everyS: [1, 1] } as const;
    const scene = createScene({ seed: 6, time: 'day', width, height, fps, cast });
    const grey = new Uint8Array(width * height);
    return new Map(
      visitsOf(6, 'day', cast).map((visit) => {
        const objects = framesOf(visit, [0.35, 0.45, 0.55, 0.65]).flatMap(
          (n) => scene.grey(n, width, height, grey).objects,
        );
        const heights = objects.filter((one) => one.visible > 0.95).map((one) => one.h);
        return [visit.class, Math.max(...heights)] as const;
      }),
    );
  };
  const [near, middle, far] = [tallest('near'), tallest('middle'), tallest('far')];
  for (const kind of classes) {
    const [nearby, halfway, away] = [near.get(kind) ?? 0, middle.get(kind) ?? 0, far.get(kind) ?? 0];
    assert.ok(away > 0 && away < 0.62 * nearby && halfway < nearby, `${kind}: ${nearby}, ${halfway}, ${away}`);
  }
  // 4 to 7 pixels at 160x90.
  assert.ok((far.get('person') ?? 0) >= 8 && (far.get('person') ?? 0) <= 14, `far person ${far.get('person')}`);
});

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('gives the same moment whichever was asked for before, disguised or not', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 1e6 }),
      fc.constantFrom('usual', 'similar'),
      fc.uniqueArray(fc.nat({ max: 2000 }), { minLength: 4, maxLength: 8 }),
      (seed, against, frames) => {
        const options = { seed, time: 'day', width: 160, height: 90, fps, cast: { classes, against } } as const;
        const seen = (order: readonly number[]) => {
          const scene = createScene(options);
          const bytes = new Uint8Array(scene.frameBytes);
          return new Map(order.map((n) => [n, [scene.frame(n, bytes), hash(bytes)] as const]));
        };
        const forwards = seen(frames);
        for (const [n, here] of seen(frames.toReversed())) assert.equal(here, forwards.get(n));
      },
    ),
    { numRuns: 3 },
  );
});

const small = { width: 160, height: 90 };

/** Mean grey levels between the object's middle third and what is behind it. */
function contrast(time: TimeOfDay, against: 'usual' | 'similar'): number {
  const cast = { classes: ['person', 'runner', 'car', 'dog'], distance: 'near', against, everyS: [1, 1] } as const;
  const scene = createScene({ seed: 12, time, ...small, fps, cast });
  const all: number[] = [];
  for (const visit of visitsOf(12, time, cast))
    for (const n of framesOf(visit, [0.2, 0.35, 0.5, 0.65, 0.8])) {
      const { objects, busy, empty } = changesIn(scene, n, small.width, small.height);
      for (const one of objects) if (one.visible > 0.95) all.push(Math.abs(differenceIn(one, busy, empty)));
    }
  assert.ok(all.length > 12);
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

function differenceIn({ x, y, w, h }: SceneObject, busy: Uint8Array, empty: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let row = y; row < y + h; row++)
    for (let column = x + Math.floor(w / 3); column < x + (w * 2) / 3; column++) {
      const at = row * small.width + column;
      if (busy[at] === empty[at]) continue;
      sum += (busy[at] ?? 0) - (empty[at] ?? 0);
      count++;
    }
  return ((count === 0 ? 0 : sum / count) * 255) / 219;
}

test('keeps the disguised near the brightness of what is behind them', () => {
  for (const time of ['day', 'night'] as const) {
    const [usual, similar] = [contrast(time, 'usual'), contrast(time, 'similar')];
    assert.ok(similar < 16 && similar < 0.6 * usual, `${time}: ${similar}, usually ${usual}`);
  }
});

test('casts nobody when nobody is asked for, and the traffic when nothing is said', () => {
  const draw = (cast: CastChoice | undefined, empty: boolean) => {
    const scene = createScene({
      seed: 7,
      time: 'day',
      width: 160,
      height: 90,
      fps,
      ...(cast === undefined ? {} : { cast }),
    });
    const bytes = new Uint8Array(scene.frameBytes);
    return { objects: scene.frame(52, bytes, empty).objects.length, hash: hash(bytes) };
  };
  const usual = draw(undefined, false);
  assert.ok(usual.objects > 0);
  assert.equal(draw('traffic', false), usual);
  assert.equal(draw('none', false), draw(undefined, true));
  assert.is(draw({ classes: [] }, false).objects, 0);
});

test.run();
