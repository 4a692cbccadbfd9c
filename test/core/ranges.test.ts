import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstPiece, type Ranges, tidy } from '../../agent/core/ranges.ts';

test('pieces are cut from the front, no longer than asked, and never over a hole', () => {
  assert.equal(firstPiece([[2, 9]], 4), { piece: [2, 6], rest: [[6, 9]] });
  assert.equal(
    firstPiece(
      [
        [2, 4],
        [7, 8],
      ],
      4,
    ),
    { piece: [2, 4], rest: [[7, 8]] },
  );
  assert.is(firstPiece([], 4), undefined);
});

const anyRanges = fc.array(fc.tuple(fc.integer({ min: -5, max: 60 }), fc.integer({ min: -5, max: 60 })), {
  maxLength: 12,
});
const blocksIn = (ranges: Ranges): number[] =>
  ranges.flatMap(([from, to]) => Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n));

test('whatever a hub asks, each block that exists is named once, in order', () => {
  fc.assert(
    fc.property(anyRanges, fc.nat(40), (ranges, blocks) => {
      const wanted = [...new Set(blocksIn(ranges))].filter((block) => block >= 0 && block < blocks);
      assert.equal(
        blocksIn(tidy(ranges, blocks)),
        wanted.sort((one, other) => one - other),
      );
    }),
  );
});

test('cutting until nothing is left gives every block once', () => {
  fc.assert(
    fc.property(anyRanges, fc.integer({ min: 1, max: 9 }), (ranges, blocksMax) => {
      const all = tidy(ranges, 60);
      const cut: number[] = [];
      for (let left = firstPiece(all, blocksMax); left !== undefined; left = firstPiece(left.rest, blocksMax)) {
        assert.ok(left.piece[1] - left.piece[0] <= blocksMax);
        cut.push(...blocksIn([left.piece]));
      }
      assert.equal(cut, blocksIn(all));
    }),
  );
});

test.run();
