import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chunkBlocks, type Departure, rateAfterAck, windowBytes } from '../../agent/core/window.ts';
import { blockBytes } from '../../protocol/receipt.ts';

test('the window is a second of the rate in whole blocks, from one block to 1 MiB', () => {
  assert.is(windowBytes(0), blockBytes);
  assert.is(windowBytes(blockBytes), blockBytes);
  assert.is(windowBytes(blockBytes + 1), 2 * blockBytes);
  assert.is(windowBytes(32_000), 2 * blockBytes);
  assert.is(windowBytes(1024 * 1024), 1024 * 1024);
  assert.is(windowBytes(1e9), 1024 * 1024);
});

test('chunks are one block below 1 Mbit/s and four from there on', () => {
  assert.is(chunkBlocks(124_999), 1);
  assert.is(chunkBlocks(125_000), 4);
});

test('what is measured on an idle link only ever raises the estimate', () => {
  const departure: Departure = { bytes: 100, ackedBytes: 0, ackedMs: 0, idle: true };
  assert.is(rateAfterAck(50_000, departure, 100, 1000), 50_000);
  assert.ok(rateAfterAck(50_000, { ...departure, idle: false }, 100, 1000) < 50_000);
  assert.ok(rateAfterAck(10, departure, 100, 1000) > 10);
});

/** A link of `bytesPerS` and a round trip of `roundTripMs`, fed with whole blocks as the window allows, for a minute. */
function run(bytesPerS: number, roundTripMs: number): { rate: number; sharePerS: number } {
  const onTheWay: { departure: Departure; ackAtMs: number }[] = [];
  let [nowMs, freeAtMs, ackedMs] = [0, 0, 0];
  let [bytes, acked, rate, ackedInLastHalf] = [0, 0, 0, 0];
  while (nowMs < 60_000) {
    const size = chunkBlocks(rate) * blockBytes;
    while (bytes + size <= windowBytes(rate) || bytes === 0) {
      if (bytes === 0) ackedMs = nowMs;
      bytes += size;
      const departure = { bytes: size, ackedBytes: acked, ackedMs, idle: bytes < windowBytes(rate) / 2 };
      freeAtMs = Math.max(freeAtMs, nowMs) + (size / bytesPerS) * 1000;
      onTheWay.push({ departure, ackAtMs: freeAtMs + roundTripMs });
    }
    const first = onTheWay.shift();
    if (first === undefined) break;
    nowMs = first.ackAtMs;
    bytes -= first.departure.bytes;
    acked += first.departure.bytes;
    if (nowMs > 30_000) ackedInLastHalf += first.departure.bytes;
    rate = rateAfterAck(rate, first.departure, acked, nowMs);
    ackedMs = nowMs;
  }
  return { rate, sharePerS: ackedInLastHalf / Math.max(1, nowMs - 30_000) / (bytesPerS / 1000) };
}

test('on any link with a round trip below half a second it finds the rate and keeps the link full', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40_000, max: 800_000 }),
      fc.integer({ min: 1, max: 400 }),
      (bytesPerS, roundTripMs) => {
        const { rate, sharePerS } = run(bytesPerS, roundTripMs);
        assert.ok(rate > bytesPerS * 0.7 && rate < bytesPerS * 1.3, `rate ${rate} on ${bytesPerS}`);
        assert.ok(sharePerS > 0.85, `share ${sharePerS} on ${bytesPerS} B/s, ${roundTripMs} ms`);
      },
    ),
  );
});

test('it finds its way down again when the link gets slower', () => {
  let rate = 1_000_000;
  for (let n = 1; n <= 20; n += 1) {
    rate = rateAfterAck(rate, { bytes: blockBytes, ackedBytes: 0, ackedMs: 0, idle: false }, blockBytes, 512);
  }
  assert.ok(rate < 40_000, String(rate));
});

test.run();
