import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerWithinMs, reconnectAfterMs } from '../../agent/core/retry.ts';

test('after a good session it tries again within a second, then within 2, 4, 8 … at most 30 s', () => {
  assert.equal(
    [0, 1, 2, 3, 4, 5, 60].map((failures) => reconnectAfterMs(failures, 1)),
    [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
  );
  assert.is(reconnectAfterMs(0, 0), 0);
});

test('the hub gets 10 s, then twice as long each time, at most five minutes', () => {
  assert.equal([0, 1, 2, 3, 6, 1000].map(answerWithinMs), [10_000, 10_000, 20_000, 40_000, 300_000, 300_000]);
});

test('whatever the failures and the chance, a wait is within its bounds', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (failures, chance) => {
      const waitMs = reconnectAfterMs(failures, chance);
      assert.ok(waitMs >= 0 && waitMs < 30_000);
      assert.ok(answerWithinMs(failures) >= 10_000 && answerWithinMs(failures) <= 300_000);
    }),
  );
});

test.run();
