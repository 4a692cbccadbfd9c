// How much may be under way on the link at once, and in what pieces: from the rate at which the broker acknowledges (PUBACK).
//
// A window of one second's worth keeps a link with a round trip below one second full, and lets an alarm wait about a second behind
// what was handed over before it. It is rounded up to whole blocks: on a link of 256 kbit/s a second's worth is just short of two, and one block
// at a time would leave the link idle for a round trip after each.
import { blockBytes } from '../../protocol/receipt.ts';

const windowBytesMax = 1024 * 1024;
/** Above this the pieces are larger: fewer messages, and an alarm still waits below a second. */
const fastBytesPerS = 1_000_000 / 8;
const blocksWhenFast = 4;

/** Bytes that may be handed over and not yet acknowledged: max(16 KiB, 1 s of the rate), in whole blocks, at most 1 MiB. */
export function windowBytes(bytesPerS: number): number {
  return Math.min(windowBytesMax, Math.max(1, Math.ceil(bytesPerS / blockBytes)) * blockBytes);
}

/** Blocks in one chunk. */
export function chunkBlocks(bytesPerS: number): number {
  return bytesPerS >= fastBytesPerS ? blocksWhenFast : 1;
}

/** Noted when a message is handed over; what the rate is measured by when its acknowledgement comes. */
export interface Departure {
  readonly bytes: number;
  /** Bytes acknowledged in this session when it left, and when the last of them was (or when it left, if nothing was under way). */
  readonly ackedBytes: number;
  readonly ackedMs: number;
  /** The link was not kept busy: what is measured then is a lower bound. */
  readonly idle: boolean;
}

const rise = 0.5;
const fall = 0.25;

/**
 * The new estimate after an acknowledgement at `nowMs` that makes `ackedBytes` in all (delivery rate as in draft-cheng-iccrg-delivery-rate-estimation,
 * section 3: what was delivered between departure and acknowledgement, over that time). `before` is 0 while nothing is known.
 */
export function rateAfterAck(before: number, departure: Departure, ackedBytes: number, nowMs: number): number {
  const seconds = Math.max(nowMs - departure.ackedMs, 1) / 1000;
  const sample = (ackedBytes - departure.ackedBytes) / seconds;
  if (sample >= before) return before + (sample - before) * rise;
  return departure.idle ? before : before + (sample - before) * fall;
}
