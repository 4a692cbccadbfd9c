// Waits for a state of the world, not for a time.
import { setTimeout as pause } from 'node:timers/promises';

/** Asks every 10 ms until `holds`; throws, naming `what`, after `deadlineMs`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await pause(10);
  }
}
