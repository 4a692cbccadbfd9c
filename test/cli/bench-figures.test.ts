import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BenchResult, isMet, passes } from '../../cli/bench/figures.ts';

const result = (figures: Record<string, number>): BenchResult => ({
  figures,
  targets: { a: { max: 10 }, b: { min: 2 } },
  peers: {},
  details: [],
});

test('a figure meets its target at the bound and misses it beyond', () => {
  assert.ok(isMet(10, { max: 10 }));
  assert.not(isMet(10.001, { max: 10 }));
  assert.ok(isMet(2, { min: 2 }));
  assert.not(isMet(1.999, { min: 2 }));
});

test('a figure that is missing or no number meets nothing', () => {
  assert.not(isMet(undefined, { max: 10 }));
  assert.not(isMet(Number.NaN, { max: 10 }));
});

test('a bench passes only when every target is met', () => {
  assert.ok(passes(result({ a: 1, b: 3 })));
  assert.not(passes(result({ a: 1, b: 1 })));
  assert.not(passes(result({ a: 1 })));
});

test.run();
