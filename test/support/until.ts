// Waits for a state of the world, not for a time.
import { setTimeout as pause } from 'node:timers/promises';
import { fairClock } from './patience.ts';

const pauseMs = { min: 10, max: 200 } as const;
/** Who asks for long leaves the machine to those that are waited for: a fifth of a core at most. */
const restPerAsking = 4;

/** Asks up to a hundred times a second until `holds`; throws, naming `what`, after `deadlineMs` of an idle machine's time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const waitedMs = fairClock();
  for (;;) {
    const askedMs = performance.now();
    if (await holds()) return;
    if (waitedMs() > deadlineMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    const tookMs = performance.now() - askedMs;
    await pause(Math.min(pauseMs.max, Math.max(pauseMs.min, restPerAsking * tookMs)));
  }
}
