// mosquitto's own log, read as it grows: the only place where it says whom it refused. It is emptied when it has grown; nothing else keeps it.
import { open, stat, truncate } from 'node:fs/promises';
import type { Log } from '../agent/log.ts';
import { maySubscribe } from '../protocol/rights.ts';
import type { BrokerRefusal } from './refusals.ts';
import { regularly } from './regularly.ts';

export interface BrokerLog {
  /** Reads what has come; for tests, it does so by itself. Never throws. */
  look(): Promise<void>;
  close(): Promise<void>;
}

const everyMs = 500;
/** Emptied beyond this. */
const bytesMax = 4 * 1024 * 1024;
/** Read at one time; a broker that writes more than this each half second is skipped over. */
const readBytesMax = 1024 * 1024;

export function followBrokerLog(
  path: string,
  commune: string,
  refused: (refusal: BrokerRefusal) => void,
  log: Log,
): BrokerLog {
  const at = { offset: -1, rest: '' };

  const look = async () => {
    const { size } = await stat(path);
    // What was there before this start was told before, or is nobody's news.
    if (at.offset < 0) at.offset = size;
    if (size < at.offset) at.offset = 0;
    const from = Math.max(at.offset, size - readBytesMax);
    if (size > from) {
      const text = await readRange(path, from, size - from);
      const lines = (at.rest + text).split('\n');
      at.rest = (lines.pop() ?? '').slice(-2000);
      for (const line of lines) {
        const refusal = readRefusal(line, commune);
        if (refusal !== undefined) refused(refusal);
      }
      at.offset = size;
    }
    if (size > bytesMax) {
      // It appends: what it writes next begins at 0.
      await truncate(path, 0);
      at.offset = 0;
    }
  };
  const { quietly, close } = regularly(look, everyMs, (error) =>
    log('debug', "the broker's log cannot be read", { error: String(error) }),
  );
  // At once: whom it refuses in the first half second is news too.
  void quietly();
  return { look: quietly, close };
}

/** What mosquitto 2.0 writes. Subscriptions it grants to anybody and delivers nothing for; the one that asks for too much is told all the same. */
export function readRefusal(line: string, commune: string): BrokerRefusal | undefined {
  const text = line.replace(/^\d+: /, '');
  const published = /^Denied PUBLISH from (\S+) \(.*?'(.*)', \.\.\./.exec(text);
  if (published !== null) return { who: published[1] ?? '', what: 'publish', text: published[2] ?? '' };
  const subscribed = /^(\S+) [012] (\S+)$/.exec(text);
  if (subscribed !== null) {
    const [, who = '', filter = ''] = subscribed;
    return maySubscribe(who, filter, commune) ? undefined : { who, what: 'subscribe', text: filter };
  }
  // A peer that only hangs up is no refusal.
  // Said so where all of the handshake had come by the time the connection was taken.
  if (/^Client connection from \S+ failed: error:.*(?:verify failed|certificate|alert|protocol|version)/.test(text))
    return { who: '', what: 'connect', text };
  if (
    /^OpenSSL Error.*(?:verify failed|peer did not return a certificate|alert|unknown protocol|wrong version)/.test(
      text,
    )
  )
    return { who: '', what: 'connect', text };
  return undefined;
}

async function readRange(path: string, start: number, length: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
