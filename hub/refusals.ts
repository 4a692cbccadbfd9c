// What the broker refused: counted by cause, told as a trouble of the hub, each cause and name at most once a minute.
import type { Log } from '../agent/log.ts';
import type { HubFault } from './catalog.ts';

export interface BrokerRefusal {
  /** The common name of the certificate; empty where there was none that holds. */
  readonly who: string;
  readonly what: 'publish' | 'subscribe' | 'connect';
  readonly text: string;
}

export interface Refusals {
  refused(refusal: BrokerRefusal): void;
  count(): number;
  /** The last ones, oldest first. */
  last(): readonly BrokerRefusal[];
}

const sameEveryMs = 60_000;
const rememberedMax = 500;
const lastMax = 200;

export function openRefusals(hubFault: (fault: HubFault) => void, wallMs: () => number, log: Log): Refusals {
  const told = new Map<string, number>();
  const tally = { count: 0 };
  const last: BrokerRefusal[] = [];
  return {
    count: () => tally.count,
    last: () => last,
    refused: (refusal) => {
      const { who, what, text } = refusal;
      tally.count += 1;
      last.push(refusal);
      if (last.length > lastMax) last.shift();
      const key = `${who} ${what}`;
      const nowMs = wallMs();
      if (nowMs - (told.get(key) ?? Number.NEGATIVE_INFINITY) < sameEveryMs) return;
      if (told.size >= rememberedMax) told.clear();
      told.set(key, nowMs);
      log('warn', 'the broker refused', { who, what, text });
      hubFault({ atMs: nowMs, node: who, code: 'broker-refused', text: `${what}: ${text}`.slice(0, 500) });
    },
  };
}
