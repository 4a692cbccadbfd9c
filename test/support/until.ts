// Waits for a state of the world, not for a time.
import { setTimeout as pause } from 'node:timers/promises';
import { fairClock } from './patience.ts';

/** Asks every 10 ms until `holds`; throws, naming `what`, after `deadlineMs` of an idle machine's time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const waitedMs = fairClock();
  while (!(await holds())) {
    if (waitedMs() > deadlineMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await pause(10);
  }
}
