// One connection's work: says who we are, then sends what the drain's policy (core/drain.ts) picks, until the link or the signal ends.
//
// INVARIANTS
// - Un-PUBACKed bytes stay within the window, but for one message that is larger than it and goes alone.
// - Nothing leaves the spool here: only a receipt does that (receipts.ts).

import { type DrainClass, drainClasses } from '../../protocol/manifest.ts';
import { chunkTopic, root } from '../../protocol/topics.ts';
import type { DrainStep, UnderWay } from '../core/drain.ts';
import { nextStep, nonePassed } from '../core/drain.ts';
import { chunkBlocks } from '../core/window.ts';
import type { Desk } from './desk.ts';
import { openFlow } from './flow.ts';
import { announced, cutChunk, type Entry, nextBytes } from './ledger.ts';
import type { Link } from './link.ts';
import { openParcel } from './parcel.ts';
import { setAside } from './receipts.ts';

/** The broker acknowledges, and the hub has not said a word about what it has: perhaps we are no longer subscribed. */
const silentHubMs = 180_000;
/** How often stalls are looked for, and the folders' turn is asked after. */
const lookMs = 1000;

export interface SessionRules {
  readonly commune: string;
  readonly node: string;
  readonly monoMs: () => number;
  /** On a metered link video may have to wait. */
  readonly mayGo: (drainClass: DrainClass) => boolean;
  /** Called at each turn, at least once a second. */
  readonly turned: () => void;
}

/** Resolves with the reason why it ended. The link is still to be closed by the caller. */
export async function runSession(desk: Desk, link: Link, rules: SessionRules, signal: AbortSignal): Promise<string> {
  const { ledger, queue, bell, news } = desk;
  const { commune, node, monoMs, mayGo } = rules;
  const own = root(commune, node);
  const flow = openFlow(link, desk, monoMs);
  const startedMs = monoMs();
  let passed = nonePassed;
  let verdict: string | undefined;

  const ringOnEnd = () => bell.ring();
  signal.addEventListener('abort', ringOnEnd, { once: true });
  void link.closed.then((text) => {
    verdict ??= text;
    bell.ring();
  });
  void link.subscribe([`${own}/in/receipt`, `${own}/in/command`]).then((granted) => {
    if (granted || !link.isOpen()) return;
    verdict ??= 'the broker refuses our subscription';
    bell.ring();
  });
  ledger.reconnected();
  queue.backlogEnds();
  news.reconnected();

  const doStep = async (step: DrainStep): Promise<void> => {
    switch (step.do) {
      case 'open':
        return await desk.open(step.class);
      case 'announce':
        return await announce(ledger.entries[step.at]);
      case 'chunk':
        return await sendChunk(ledger.entries[step.at]);
      case 'wait':
        return await bell.wait(Math.min(Math.max(step.untilMs - monoMs(), 0), lookMs));
    }
  };
  const announce = async (entry: Entry | undefined): Promise<void> => {
    if (entry === undefined) return;
    const bytes = nextBytes(entry, 1);
    announced(entry, monoMs());
    await sendPart(entry, 0, bytes, `${own}/out/record`);
  };
  const sendChunk = async (entry: Entry | undefined): Promise<void> => {
    if (entry === undefined) return;
    const cut = cutChunk(entry, chunkBlocks(flow.bytesPerS()), monoMs());
    if (cut === undefined) return;
    await sendPart(entry, cut.start, cut.length, chunkTopic(commune, node, entry.parcel.id, cut.index));
  };
  const sendPart = async (entry: Entry, start: number, length: number, topic: string): Promise<void> => {
    const { item } = entry.parcel;
    try {
      const bytes = await desk.outbox.readRange(item, start, length);
      if (bytes?.length === length) flow.send(topic, Buffer.from(bytes.buffer, bytes.byteOffset, length), entry);
      else await lostOnCard(desk, entry);
    } catch (error) {
      // The card does not read it now. It is listed again, and opened anew.
      ledger.remove(entry);
      desk.unreadable(error);
    }
  };

  while (verdict === undefined && !signal.aborted) {
    rules.turned();
    flow.say();
    await desk.refresh();
    verdict ??= flow.isStalled() ? 'no PUBACK for too long' : undefined;
    verdict ??= isSilent(desk, startedMs, monoMs()) ? `no receipt for ${silentHubMs} ms` : undefined;
    if (verdict !== undefined || signal.aborted) break;
    const blocks = chunkBlocks(flow.bytesPerS());
    const view = {
      nowMs: monoMs(),
      underWay: ledger.entries.map((entry) => shown(entry, blocks, mayGo(entry.parcel.item.class))),
      more: drainClasses.map((each) => queue.has(each) && mayGo(each)),
      ...flow.room(),
    };
    const next = nextStep(view, passed);
    passed = next.passed;
    await doStep(next.step);
  }
  signal.removeEventListener('abort', ringOnEnd);
  return verdict ?? 'stopped';
}

/** What may not go waits, as for an answer that does not come. */
function shown(entry: Entry, blocks: number, mayGo: boolean): UnderWay {
  const { parcel, sentBytes } = entry;
  const stage = mayGo ? entry.stage : 'waiting';
  const dueMs = mayGo ? entry.dueMs : Number.POSITIVE_INFINITY;
  return { class: parcel.item.class, whole: parcel.whole, stage, dueMs, bytes: nextBytes(entry, blocks), sentBytes };
}

/** All that was announced has been left unanswered, for long. */
function isSilent(desk: Desk, startedMs: number, nowMs: number): boolean {
  const since = Math.max(startedMs, desk.receipts.lastMs());
  return nowMs - since > silentHubMs && desk.ledger.entries.some((entry) => entry.tries > 1);
}

/** The file has gone, or is shorter than it was: the recorder gave it up, or the card lost it. */
async function lostOnCard(desk: Desk, entry: Entry): Promise<void> {
  desk.ledger.remove(entry);
  const again = await openParcel(desk.outbox, entry.parcel.item);
  if (!again.ok && again.why === 'damaged') await setAside(entry.parcel.item, again.text, desk);
}
