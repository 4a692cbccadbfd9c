// What is on its way to the broker: counted, timed, measured, and never more than the window.
import { type Departure, rateAfterAck, windowBytes } from '../core/window.ts';
import type { Desk } from './desk.ts';
import { acked, type Entry } from './ledger.ts';
import type { Link } from './link.ts';

/** Bytes are under way and no PUBACK has come for so long: the connection is dead, whatever TCP thinks. 16 KiB in 20 s is 6.5 kbit/s. */
const stallMs = 20_000;
/** Kept free of the broker's Receive Maximum for status and answers. */
const messagesSpare = 2;

export interface Flow {
  /** Says what there is to say, one message at a time. */
  say(): void;
  send(topic: string, payload: Buffer, entry: Entry): void;
  bytesPerS(): number;
  room(): { freeBytes: number; idle: boolean };
  isStalled(): boolean;
}

export function openFlow(link: Link, desk: Desk, monoMs: () => number): Flow {
  const at = { bytes: 0, messages: 0, ackedBytes: 0, ackedMs: monoMs(), progressMs: monoMs(), rate: 0, saying: false };
  const messagesMax = Math.max(1, link.messagesMax - messagesSpare);

  const leave = (bytes: number): Departure => {
    const nowMs = monoMs();
    if (at.messages === 0) {
      at.progressMs = nowMs;
      at.ackedMs = nowMs;
    }
    at.messages += 1;
    at.bytes += bytes;
    desk.counts.sentBytes += bytes;
    const idle = at.bytes < windowBytes(at.rate) / 2;
    return { bytes, ackedBytes: at.ackedBytes, ackedMs: at.ackedMs, idle };
  };
  const arrive = (departure: Departure) => {
    const nowMs = monoMs();
    at.messages -= 1;
    at.bytes -= departure.bytes;
    at.ackedBytes += departure.bytes;
    at.rate = rateAfterAck(at.rate, departure, at.ackedBytes, nowMs);
    at.ackedMs = nowMs;
    at.progressMs = nowMs;
  };

  const say = () => {
    if (at.saying) return;
    const note = desk.news.take() ?? desk.live.take();
    if (note === undefined) return;
    at.saying = true;
    void link.publish(note.topic, note.payload, { qos: note.qos, retain: note.retain }).then(({ is }) => {
      at.saying = false;
      if (is !== 'lost') say();
    });
  };

  return {
    say,
    send: (topic, payload, entry) => {
      const departure = leave(payload.length);
      void link.publish(topic, payload, { qos: 1, retain: false }).then((published) => {
        if (published.is === 'lost') return;
        arrive(departure);
        acked(entry, monoMs());
        if (published.is === 'refused') {
          desk.troubles.raise('broker-refused', `the broker refuses ${topic} (reason ${published.code})`);
        } else desk.troubles.clear('broker-refused');
        desk.bell.ring();
      });
    },
    bytesPerS: () => at.rate,
    room: () => ({
      freeBytes: at.messages >= messagesMax ? 0 : Math.max(0, windowBytes(at.rate) - at.bytes),
      idle: at.messages === 0,
    }),
    isStalled: () => at.messages > 0 && monoMs() - at.progressMs > stallMs,
  };
}
