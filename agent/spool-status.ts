// What lies on a node's card: for `matlang spool status`, beside a running node.
import { join } from 'node:path';
import type { Disk } from '../hal/ports.ts';
import { type DrainClass, drainClasses } from '../protocol/manifest.ts';
import { parseFileName } from '../protocol/record-file.ts';
import { folders, nameHeld } from './outbox.ts';

export interface Pile {
  readonly files: number;
  readonly bytes: number;
}
export interface SpoolStatus {
  readonly waiting: Pile & {
    readonly events: number;
    readonly byClass: readonly (Pile & { readonly class: DrainClass })[];
    /** Of those that wait. */
    readonly oldestBoot: string | null;
  };
  /** The hub has them; they stay until their room is needed. */
  readonly delivered: Pile;
  readonly quarantine: Pile;
  readonly ring: Pile;
  /** What is free once ring and delivered have gone: a segment that also waits, or is held by order, stays under that name. */
  readonly givable: Pile;
  readonly card: { readonly freeBytes: number; readonly totalBytes: number };
}

/** A folder that is not there yet holds nothing. Throws what else the disk throws. */
export async function spoolStatus(disk: Disk, dataDir: string): Promise<SpoolStatus> {
  const at = folders(dataDir);
  const waiting = await Promise.all(
    drainClasses.map(async (drainClass) => ({ class: drainClass, ...(await pile(disk, at.waiting(drainClass))) })),
  );
  const names = waiting.flatMap((each) => each.names);
  const [delivered, quarantine, ring] = await Promise.all(
    [at.delivered, at.quarantine, at.ring].map((each) => pile(disk, each)),
  );
  const oldest = names
    .map((name) => parseFileName(name)?.boot ?? '')
    .filter((boot) => boot !== '')
    .sort()[0];
  return {
    waiting: {
      files: sum(waiting.map(({ files }) => files)),
      bytes: sum(waiting.map(({ bytes }) => bytes)),
      events: names.filter((name) => name.includes('-event-')).length,
      byClass: waiting.map(({ class: drainClass, files, bytes }) => ({ class: drainClass, files, bytes })),
      oldestBoot: oldest ?? null,
    },
    delivered: only(delivered),
    quarantine: only(quarantine),
    ring: only(ring),
    givable: givable([ring, delivered], new Set([...names, ...(await held(disk, at.held))])),
    card: await disk.space(dataDir),
  };
}

/** Each file once, whatever names it has. */
function givable(piles: readonly (Listed | undefined)[], kept: ReadonlySet<string>): Pile {
  const files = new Map<string, number>();
  for (const { names, sizes } of piles.filter((each) => each !== undefined))
    for (const [index, name] of names.entries()) if (!kept.has(name)) files.set(name, sizes[index] ?? 0);
  return { files: files.size, bytes: sum([...files.values()]) };
}

const held = async (disk: Disk, folder: string): Promise<string[]> =>
  (await disk.list(folder).catch(noneIfAbsent)).map(nameHeld);

interface Listed extends Pile {
  readonly names: readonly string[];
  readonly sizes: readonly number[];
}

async function pile(disk: Disk, folder: string): Promise<Listed> {
  const names = (await disk.list(folder).catch(noneIfAbsent)).filter((name) => parseFileName(name) !== undefined);
  const sizes: number[] = [];
  // The uplink may move a file between the two looks.
  for (const name of names) sizes.push(await disk.size(join(folder, name)).catch(() => 0));
  return { files: names.length, bytes: sum(sizes), names, sizes };
}

const only = (found: Pile | undefined): Pile => ({ files: found?.files ?? 0, bytes: found?.bytes ?? 0 });
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function noneIfAbsent(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
