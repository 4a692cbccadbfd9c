// What goes onto the link next. Pure: the uplink shows it what waits and what is under way, and does the step it returns.
//
// Strictly by class, oldest first within a class, with one exception: a class over whose head 32 times its next piece has been sent goes
// next, so that a flood above cannot starve it. Since every step is one message, an alarm overtakes at the next one.
//
//   in the spool ──open──▶ ready ──announce──▶ waiting ──(hub lacks blocks)──▶ asked ──chunk, chunk, … the last──▶ waiting
//                            ▲                    │ due: the hub has not answered in time
//                            └────────────────────┘                 waiting ──(hub has stored it)──▶ leaves
import { type DrainClass, drainClasses } from '../../protocol/manifest.ts';

/** Offers whose answer is awaited, so that a slow round trip does not idle the link; each costs a manifest and one open check. */
export const offersAheadMax = 8;
/** Small records travel whole; so many may await their receipts. */
export const wholesAheadMax = 64;
/**
 * Body bytes that were sent and have no receipt yet: beyond these no further body is begun. The broker acknowledges whatever the hub is slow to take,
 * and drops in silence what its queue does not hold (mosquitto: 1,000 messages); 4 MiB are 64 messages on a fast link, and the body begun last on top.
 */
export const unreceiptedBytesMax = 4 * 1024 * 1024;
/** One byte in so many goes to a class that is passed over. */
export const shareOneIn = 32;
/** What opening a file counts as when it is weighed against sending: it costs no bytes on the link. */
const openBytes = 4096;

/** A file that has been opened and checked, in the order of opening. */
export interface UnderWay {
  readonly class: DrainClass;
  /** It travels in one message. */
  readonly whole: boolean;
  readonly stage: 'ready' | 'waiting' | 'asked';
  /** While waiting: when it is announced again. */
  readonly dueMs: number;
  /** Size of its next message. */
  readonly bytes: number;
  /** Bytes of its body sent since the hub asked for them. */
  readonly sentBytes: number;
}

export interface DrainView {
  readonly nowMs: number;
  readonly underWay: readonly UnderWay[];
  /** By class: a file waits that is not opened yet. */
  readonly more: readonly boolean[];
  /** Room left in the window. */
  readonly freeBytes: number;
  /** Nothing is under way on the link: a message larger than the window may go alone. */
  readonly idle: boolean;
}

/** By class: bytes sent over its head while it had work. */
export type PassedBytes = readonly number[];
export const nonePassed: PassedBytes = drainClasses.map(() => 0);

export type DrainStep =
  | { readonly do: 'open'; readonly class: DrainClass }
  /** `at` is an index into `underWay`. */
  | { readonly do: 'announce' | 'chunk'; readonly at: number }
  /** Until an acknowledgement, a receipt or a doorbell, or this moment. */
  | { readonly do: 'wait'; readonly untilMs: number };

/** `passed` goes into the next call. */
export function nextStep(view: DrainView, passed: PassedBytes): { step: DrainStep; passed: PassedBytes } {
  const wishes = drainClasses.flatMap((drainClass) => wishOf(drainClass, view) ?? []);
  const wish = owed(wishes, passed) ?? wishes[0];
  const rest = wait(view);
  if (wish === undefined) return { step: rest, passed: nonePassed };
  if (wish.step.do === 'open') return { step: wish.step, passed: passed.with(wish.class, 0) };
  const fits = view.idle || wish.bytes <= view.freeBytes;
  return fits ? { step: wish.step, passed: passOver(passed, wish, wishes) } : { step: rest, passed };
}

interface Wish {
  readonly class: DrainClass;
  readonly step: DrainStep;
  readonly bytes: number;
}

/** What one class would do now: announcements run ahead of chunks, so that the hub's answers are there when the link gets free. */
function wishOf(drainClass: DrainClass, view: DrainView): Wish | undefined {
  const find = (fits: (file: UnderWay) => boolean) =>
    view.underWay.findIndex((file) => file.class === drainClass && fits(file));
  const send = (kind: 'announce' | 'chunk', at: number): Wish => ({
    class: drainClass,
    step: { do: kind, at },
    bytes: view.underWay[at]?.bytes ?? 0,
  });
  const ready = find((file) => file.stage === 'ready' || (file.stage === 'waiting' && file.dueMs <= view.nowMs));
  if (ready >= 0) return send('announce', ready);
  if (view.more[drainClass] === true && mayOpen(drainClass, view.underWay)) {
    return { class: drainClass, step: { do: 'open', class: drainClass }, bytes: openBytes };
  }
  const begins = unreceipted(drainClass, view.underWay) < unreceiptedBytesMax;
  const asked = find((file) => file.stage === 'asked' && (begins || file.sentBytes > 0));
  return asked >= 0 ? send('chunk', asked) : undefined;
}

/** What is less urgent never takes a place from what is more; and each class may always have one. */
function mayOpen(drainClass: DrainClass, underWay: readonly UnderWay[]): boolean {
  const ahead = underWay.filter((file) => file.class <= drainClass);
  if (!ahead.some((file) => file.class === drainClass)) return true;
  const wholes = ahead.filter((file) => file.whole).length;
  return wholes < wholesAheadMax && ahead.length - wholes < offersAheadMax;
}

function unreceipted(drainClass: DrainClass, underWay: readonly UnderWay[]): number {
  return underWay.reduce((sum, file) => sum + (file.class <= drainClass ? file.sentBytes : 0), 0);
}

function owed(wishes: readonly Wish[], passed: PassedBytes): Wish | undefined {
  const over = (wish: Wish) => passed[wish.class] ?? 0;
  return wishes
    .filter((wish) => over(wish) >= shareOneIn * Math.max(wish.bytes, 1))
    .reduce<Wish | undefined>((most, wish) => (most === undefined || over(wish) > over(most) ? wish : most), undefined);
}

function passOver(passed: PassedBytes, taken: Wish, wishes: readonly Wish[]): PassedBytes {
  return drainClasses.map((drainClass) => {
    const waits = drainClass !== taken.class && wishes.some((wish) => wish.class === drainClass);
    return waits ? (passed[drainClass] ?? 0) + taken.bytes : 0;
  });
}

function wait(view: DrainView): DrainStep {
  const due = view.underWay.filter((file) => file.stage === 'waiting').map((file) => file.dueMs);
  return { do: 'wait', untilMs: Math.min(...due, Number.POSITIVE_INFINITY) };
}
