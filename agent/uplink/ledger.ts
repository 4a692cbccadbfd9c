// What is under way: each opened file, what the hub has still to be sent of it, and whose turn it is to speak.

import { blockBytes } from '../../protocol/receipt.ts';
import { firstPiece, type Ranges, tidy } from '../core/ranges.ts';
import { answerWithinMs } from '../core/retry.ts';
import type { Parcel } from './parcel.ts';

export interface Entry {
  readonly parcel: Parcel;
  stage: 'ready' | 'waiting' | 'asked';
  dueMs: number;
  /** Announcements so far, not counting those a cut connection took along. */
  tries: number;
  /** Blocks the hub lacks, while asked. */
  ranges: Ranges;
  /** Bytes of its body sent since the hub asked for them. */
  sentBytes: number;
  /** Messages handed over and not acknowledged. */
  unacked: number;
  /** The last of its messages was handed over at this moment. */
  sentMs: number;
  /** It waits for the answer to an announcement, not for the receipt after chunks: only then may the hub say what it lacks. */
  offered: boolean;
  /** The hub's clock in the receipt that last named what is missing: the same one again is a repetition, not a new wish. */
  askedHubMs: number | undefined;
}

const never = Number.POSITIVE_INFINITY;
/** The hub's answer follows the broker's by this at most, where the hub was there. */
const answerSoonMs = 500;

export interface Ledger {
  /** In the order of opening. */
  readonly entries: readonly Entry[];
  add(parcel: Parcel): void;
  remove(entry: Entry): void;
  byId(id: string): Entry | undefined;
  hasName(name: string): boolean;
  /** The connection is a new one: a receipt may have been lost with the old one, so what was not left unanswered before is announced again. */
  reconnected(): void;
  /** The hub speaks again after a silence: what it left unanswered is announced now. */
  hubIsBack(): void;
  /** The hub has just come to the broker: what the broker took before that, and nobody has answered, is announced now. */
  greeted(nowMs: number): void;
}

export function openLedger(): Ledger {
  const entries: Entry[] = [];
  return {
    entries,
    add: (parcel) => {
      entries.push({
        parcel,
        stage: 'ready',
        dueMs: never,
        tries: 0,
        ranges: [],
        sentBytes: 0,
        unacked: 0,
        sentMs: 0,
        offered: false,
        askedHubMs: undefined,
      });
    },
    remove: (entry) => {
      const at = entries.indexOf(entry);
      if (at >= 0) entries.splice(at, 1);
    },
    byId: (id) => entries.find((entry) => entry.parcel.id === id),
    hasName: (name) => entries.some((entry) => entry.parcel.item.name === name),
    reconnected: () => {
      for (const entry of entries) {
        const unanswered = entry.stage === 'waiting' && entry.unacked === 0 && entry.tries > 1;
        entry.unacked = 0;
        if (!unanswered) again(entry);
      }
    },
    hubIsBack: () => {
      for (const entry of entries) if (entry.stage === 'waiting' && entry.tries > 1) entry.dueMs = 0;
    },
    greeted: (nowMs) => {
      for (const entry of entries) {
        if (entry.stage !== 'waiting' || entry.unacked > 0) continue;
        if (nowMs - (entry.dueMs - answerWithinMs(entry.tries)) > answerSoonMs) entry.dueMs = 0;
      }
    },
  };
}

function again(entry: Entry): void {
  if (entry.stage !== 'ready') entry.tries = Math.max(0, entry.tries - 1);
  entry.stage = 'ready';
  entry.offered = false;
  entry.sentBytes = 0;
  entry.ranges = [];
}

export function announced(entry: Entry, nowMs: number): void {
  entry.stage = 'waiting';
  entry.dueMs = never;
  entry.tries += 1;
  entry.offered = true;
  // What was sent before is answered for now, or lost.
  entry.sentBytes = 0;
  entry.unacked += 1;
  entry.sentMs = nowMs;
}

/** The next piece to send, and marks it sent. `start` counts from the file's beginning. */
export function cutChunk(
  entry: Entry,
  blocksMax: number,
  nowMs: number,
): { index: number; start: number; length: number } | undefined {
  const cut = firstPiece(entry.ranges, blocksMax);
  if (cut === undefined) return undefined;
  const [from] = cut.piece;
  const { start, length } = span(entry.parcel, cut.piece);
  entry.ranges = cut.rest;
  entry.sentBytes += length;
  entry.unacked += 1;
  entry.sentMs = nowMs;
  if (cut.rest.length === 0) {
    entry.stage = 'waiting';
    entry.dueMs = never;
  }
  return { index: from, start, length };
}

/** The broker has one of its messages. When it has them all, the hub's time to answer begins. */
export function acked(entry: Entry, nowMs: number): void {
  entry.unacked = Math.max(0, entry.unacked - 1);
  if (entry.stage === 'waiting' && entry.unacked === 0) entry.dueMs = nowMs + answerWithinMs(entry.tries);
}

/** False where the hub repeats itself, asks while it is being answered, or asks for nothing that there is. */
export function askedFor(entry: Entry, ranges: Ranges, hubMs: number): boolean {
  if (entry.stage !== 'waiting' || !entry.offered || entry.askedHubMs === hubMs) return false;
  const lacking = tidy(ranges, entry.parcel.blocks);
  if (lacking.length === 0) return false;
  entry.askedHubMs = hubMs;
  entry.ranges = lacking;
  entry.stage = 'asked';
  entry.offered = false;
  entry.tries = 1;
  return true;
}

/** Size of its next message without the topic. */
export function nextBytes(entry: Entry, blocksMax: number): number {
  const { parcel } = entry;
  if (entry.stage === 'asked') {
    const cut = firstPiece(entry.ranges, blocksMax);
    return cut === undefined ? 0 : span(parcel, cut.piece).length;
  }
  return parcel.whole ? parcel.bodyStart + parcel.bodyBytes : parcel.bodyStart;
}

function span(parcel: Parcel, [from, to]: readonly [number, number]): { start: number; length: number } {
  const start = from * blockBytes;
  return { start: parcel.bodyStart + start, length: Math.min(to * blockBytes, parcel.bodyBytes) - start };
}
