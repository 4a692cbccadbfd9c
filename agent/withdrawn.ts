// A lent camera whose owner has taken it back: from then on this node sees and sends nothing, whatever starts it, until it joins anew with a ticket.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Disk, Notify } from '../hal/ports.ts';
import { unlessGone } from './gone.ts';
import { writeDurable } from './write-durable.ts';

const markIn = (identityDir: string) => join(identityDir, 'withdrawn');

export async function isWithdrawn(disk: Disk, identityDir: string): Promise<boolean> {
  return (await unlessGone(disk.read(markIn(identityDir)))) !== undefined;
}

/** Durable on return. Throws what the disk throws. */
export function keepWithdrawn(disk: Disk, identityDir: string): Promise<void> {
  return writeDurable(disk, markIn(identityDir), Buffer.from('withdrawn\n'));
}

export async function forgetWithdrawn(disk: Disk, identityDir: string): Promise<void> {
  await unlessGone(disk.remove(markIn(identityDir)));
}

const aliveEveryMs = 10_000;

/** Does nothing, and tells the service manager so, until the signal aborts: a process that ended would be started again and again. */
export async function rest(notify: Notify, signal: AbortSignal): Promise<void> {
  notify.ready();
  notify.status('withdrawn: this camera is lent no longer');
  while (!signal.aborted) {
    await pause(aliveEveryMs, undefined, { signal }).catch(() => undefined);
    notify.alive();
  }
  notify.stopping();
}
