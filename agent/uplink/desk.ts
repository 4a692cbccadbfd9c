// The uplink's long-lived half: what outlasts a connection. A session (session.ts) borrows it.

import type { Command } from '../../protocol/command.ts';
import type { DrainClass } from '../../protocol/manifest.ts';
import { audience } from '../../protocol/receipt.ts';
import type { VerifyingKey } from '../../protocol/sign.ts';
import { driftShare } from '../core/timeline.ts';
import type { LocalClient } from '../local.ts';
import type { Log } from '../log.ts';
import { type Outbox, settleEveryMs } from '../outbox.ts';
import { type Bell, hangBell } from './bell.ts';
import { type CommandDesk, openCommandDesk } from './commands.ts';
import { type Ledger, openLedger } from './ledger.ts';
import type { LiveOut } from './live.ts';
import { type News, openNews } from './news.ts';
import type { Nonces } from './nonce.ts';
import { openParcel } from './parcel.ts';
import { openQueue, type Queue } from './queue.ts';
import { openReceipts, type ReceiptCounts, type Receipts, setAside } from './receipts.ts';
import type { SeenCommands } from './seen-commands.ts';
import type { HubTime } from './time.ts';
import { openTroubles, type Troubles } from './troubles.ts';

export interface DeskWorld {
  readonly commune: string;
  readonly node: string;
  readonly hubKey: VerifyingKey;
  readonly outbox: Outbox;
  readonly recorder: LocalClient;
  readonly time: HubTime;
  readonly nonces: Nonces;
  readonly seen: SeenCommands;
  readonly live: LiveOut;
  /** The recorder was told of this command. */
  readonly onCommand: (command: Command) => void;
  readonly monoMs: () => number;
  readonly log: Log;
}

export interface Desk {
  readonly outbox: Outbox;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly news: News;
  readonly live: LiveOut;
  readonly receipts: Receipts;
  readonly commands: CommandDesk;
  readonly troubles: Troubles;
  readonly bell: Bell;
  readonly counts: ReceiptCounts & { sentBytes: number };
  /** Opens and checks the oldest of a class; what is damaged is set aside. Never throws for what the disk does. */
  open(drainClass: DrainClass): Promise<void>;
  /** Lists what needs it. Never throws. */
  refresh(): Promise<void>;
  /** What the disk would not do: told, not thrown. */
  unreadable(error: unknown): void;
  /** Flushes what has left the queue. Never throws. */
  settle(): Promise<void>;
  /** The recorder has just come: it is told the hub's time, where that is known. */
  tellTime(): void;
}

/** A file the disk cannot read now is tried again after this. */
const unreadableRestMs = 600_000;
/** A damaged file is told as a fault that stands so long after the last one. */
const damagedStandsMs = 600_000;
/** Something that the hub did not sign is told as a fault that stands so long after the last one. */
const forgedStandsMs = 600_000;
/** Folders are listed at least every 5 s: a card that has gone so long without refusing anything works again. */
const unreadableStandsMs = 30_000;
/** The hub's time is passed on at most this often. */
const hubTimeEveryMs = 10_000;

export function openDesk(world: DeskWorld): Desk {
  const { outbox, recorder, hubKey, time, nonces, seen, live, monoMs, log } = world;
  const queue = openQueue(outbox);
  const ledger = openLedger();
  const news = openNews(world.commune, world.node);
  const troubles = openTroubles(recorder, log);
  const bell = hangBell();
  const counts = { delivered: 0, rejected: 0, unknown: 0, refused: 0, damaged: 0, sentBytes: 0 };
  const ours = audience(world.commune, world.node);
  const last = { hubTimeMs: Number.NEGATIVE_INFINITY, damagedMs: 0, unreadableMs: 0, forgedMs: 0 };

  let hubTime: { hubMs: number; errorMs: number; monoMs: number } | undefined;
  const tellTime = () => {
    if (hubTime === undefined) return;
    const sinceMs = monoMs() - hubTime.monoMs;
    const is = { hubMs: hubTime.hubMs + sinceMs, errorMs: hubTime.errorMs + sinceMs * driftShare };
    if (recorder.tell({ is: 'hubTime', ...is })) last.hubTimeMs = monoMs();
  };
  const onHubTime = (heard: { hubMs: number; errorMs: number }) => {
    hubTime = { ...heard, monoMs: monoMs() };
    if (monoMs() - last.hubTimeMs >= hubTimeEveryMs) tellTime();
  };
  const unreadable = (error: unknown) => {
    last.unreadableMs = monoMs();
    troubles.raise('spool-unreadable', String(error));
  };

  let settleSoon: NodeJS.Timeout | undefined;
  const settle = async () => {
    clearTimeout(settleSoon);
    settleSoon = undefined;
    await outbox.settle().catch(unreadable);
  };

  const notTheHub = (text: string) => {
    last.forgedMs = monoMs();
    troubles.raise('not-the-hub', text);
  };

  const receipts = openReceipts({
    ...{ outbox, queue, ledger, hubKey, troubles, time, counts, monoMs, onHubTime },
    audience: ours,
    alarm: notTheHub,
    putAway: (failed) => {
      if (failed !== undefined) unreadable(failed.error);
      bell.ring();
      settleSoon ??= setTimeout(() => void settle(), settleEveryMs).unref();
    },
  });
  const commands = openCommandDesk({
    hubKey,
    audience: ours,
    ...{ time, nonces, seen },
    alarm: notTheHub,
    pass: (command) => {
      const told = recorder.tell({ is: 'command', command });
      if (told) world.onCommand(command);
      return told;
    },
    answer: (reply) => {
      news.reply(reply);
      bell.ring();
    },
  });

  return {
    ...{ outbox, queue, ledger, news, live, receipts, commands, troubles, bell, counts, unreadable, settle, tellTime },
    open: async (drainClass) => {
      const item = queue.take(drainClass);
      if (item === undefined) return;
      try {
        const opened = await openParcel(outbox, item);
        if (opened.ok) {
          if (!ledger.hasName(item.name)) ledger.add(opened.parcel);
        } else if (opened.why === 'damaged') {
          last.damagedMs = monoMs();
          await setAside(item, opened.text, { outbox, troubles, counts });
        }
      } catch (error) {
        queue.rest(item.name, monoMs() + unreadableRestMs);
        unreadable(error);
      }
    },
    refresh: async () => {
      if (monoMs() - last.damagedMs > damagedStandsMs) troubles.clear('spool-damaged');
      if (monoMs() - last.unreadableMs > unreadableStandsMs) troubles.clear('spool-unreadable');
      if (monoMs() - last.forgedMs > forgedStandsMs) troubles.clear('not-the-hub');
      if (queue.resting() === 0) troubles.clear('hub-refused');
      try {
        await queue.refresh(monoMs(), ledger.hasName);
      } catch (error) {
        unreadable(error);
      }
    },
  };
}
