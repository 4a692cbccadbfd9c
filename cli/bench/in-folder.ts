// A folder of a bench's own, and an end for whatever it starts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What ends with the bench, last first. */
export type Closers = (() => Promise<unknown>)[];

/** Ends what `work` has put among the closers, and removes the folder, whatever comes of it. */
export async function inFolder<T>(prefix: string, work: (dir: string, closers: Closers) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), prefix));
  const closers: Closers = [() => rm(dir, { recursive: true, force: true })];
  try {
    return await work(dir, closers);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
