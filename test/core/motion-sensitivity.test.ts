import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demands } from '../../agent/core/motion/demands.ts';
import { createMotion } from '../../agent/core/motion/motion.ts';
import { crossing, type FilmPlan, film, height, rules, width } from './motion-film.ts';

const test = suite('core/motion sensitivity');
const levels = demands.map((_, i) => i + 1);

/** Per picture: the sensitivities at which something moves, and what the filter set to 5 says would be needed. */
function needed(plan: FilmPlan) {
  const filters = levels.map((sensitivity) => createMotion(rules({ sensitivity })));
  const at5 = filters[4];
  if (at5 === undefined) throw new Error('no filter at 5');
  return [...film(plan)].map((frame) => {
    const moving = filters.map((filter) => filter.see(frame).moving);
    const { sight } = at5;
    const needs = sight.tracks.slice(0, sight.count).map((track) => track.needs);
    return { moving, needs: Math.min(11, ...needs) };
  });
}

test('every demand falls or stays from 1 to 10', () => {
  for (const what of ['size', 'contrast', 'way', 'stayMs'] as const) {
    const asked = demands.map((demand) => demand[what]);
    assert.equal(
      asked.toSorted((a, b) => b - a),
      asked,
      what,
    );
  }
});

test('what counts at one setting counts at all above it, and a filter set to 5 knows which those are', () => {
  const plans = fc.record({
    w: fc.integer({ min: 3, max: 20 }),
    h: fc.integer({ min: 3, max: 30 }),
    grey: fc.integer({ min: 20, max: 240 }),
    y: fc.integer({ min: 0, max: height - 20 }),
    way: fc.integer({ min: 0, max: width }),
    lastsMs: fc.integer({ min: 800, max: 4500 }),
    noise: fc.integer({ min: 0, max: 6 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  fc.assert(
    fc.property(plans, ({ w, h, grey, y, way, lastsMs, noise, seed }) => {
      const block = crossing(3000, 3000 + lastsMs, [10, y], [10 + way, y], { w, h, grey });
      for (const { moving, needs } of needed({ seconds: 8, noise, seed, blocks: [block] }))
        assert.equal(
          moving,
          levels.map((level) => level >= needs),
        );
    }),
    { numRuns: 10 },
  );
});

test('a higher setting sees the smaller and the fainter', () => {
  const least = (size: { w: number; h: number; grey: number }) => {
    const pictures = needed({ seconds: 9, blocks: [crossing(3000, 8000, [10, 55], [120, 55], size)] });
    return Math.min(...pictures.map(({ needs }) => needs));
  };
  assert.is(least({ w: 14, h: 24, grey: 20 }), 1);
  const small = least({ w: 4, h: 5, grey: 20 });
  assert.ok(small > 5 && small <= 9, `${small}`);
  const faint = least({ w: 14, h: 24, grey: 84 });
  assert.ok(faint > 1 && faint <= 5, `${faint}`);
});

test.run();
