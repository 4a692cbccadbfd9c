// Zones: told apart from slips of the hand, wherever their first corner is.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Corner, polygonFault } from '../../agent/core/config/polygon.ts';

test('a square, an arrow and a triangle are zones', () => {
  assert.is(
    polygonFault([
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ]),
    undefined,
  );
  assert.is(
    polygonFault([
      [0, 0],
      [0.5, 0.2],
      [1, 0],
      [0.5, 1],
    ]),
    undefined,
  );
  assert.is(
    polygonFault([
      [0, 0],
      [1, 0],
      [0, 1],
    ]),
    undefined,
  );
});

test('a bow tie crosses itself', () => {
  assert.is(
    polygonFault([
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ]),
    'crossed',
  );
});

test('a line is flat; the smallest zone is a thousandth of the picture', () => {
  assert.is(
    polygonFault([
      [0, 0],
      [0.5, 0.5],
      [1, 1],
    ]),
    'flat',
  );
  assert.is(
    polygonFault([
      [0, 0],
      [0.1, 0],
      [0.1, 0.0099],
      [0, 0.0099],
    ]),
    'flat',
  );
  assert.is(
    polygonFault([
      [0, 0],
      [0.1, 0],
      [0.1, 0.0101],
      [0, 0.0101],
    ]),
    undefined,
  );
});

test('the verdict does not depend on the first corner or the direction (property)', () => {
  // A grid, so that sums are exact and corners often lie on one line.
  const corner = fc.tuple(fc.nat(8), fc.nat(8)).map(([x, y]): Corner => [x / 8, y / 8]);
  fc.assert(
    fc.property(fc.array(corner, { minLength: 3, maxLength: 8 }), fc.nat(7), (corners, by) => {
      const turned = [...corners.slice(by % corners.length), ...corners.slice(0, by % corners.length)];
      assert.is(polygonFault(turned), polygonFault(corners));
      assert.is(polygonFault([...corners].reverse()), polygonFault(corners));
    }),
    { numRuns: 1000 },
  );
});

test.run();
