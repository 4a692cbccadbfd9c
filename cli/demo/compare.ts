// Whether the hub has what the nodes made: every record and every pinned segment, byte for byte.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { folders } from '../../agent/outbox.ts';
import { drainClasses } from '../../protocol/manifest.ts';
import { parseFileName } from '../../protocol/record-file.ts';

export interface Comparison {
  /** Names that a node made and still queues. */
  readonly spoolLeft: number;
  /** Names that a node made and the hub lacks, or has with other bytes. */
  readonly lost: readonly string[];
  readonly compared: number;
}

export async function waitingNames(dataDir: string): Promise<string[]> {
  const lists = await Promise.all(drainClasses.map((drainClass) => namesIn(folders(dataDir).waiting(drainClass))));
  return lists.flat();
}

export async function compareWithHub(dataDir: string, archiveDir: string): Promise<Comparison> {
  const waiting = await waitingNames(dataDir);
  const delivered = folders(dataDir).delivered;
  const names = await namesIn(delivered);
  const lost: string[] = [];
  for (const name of names) {
    const boot = parseFileName(name)?.boot ?? '';
    const [mine, theirs] = await Promise.all([
      hashOf(join(delivered, name)),
      hashOf(join(archiveDir, boot, name)).catch(() => 'absent'),
    ]);
    if (mine !== theirs) lost.push(name);
  }
  return { spoolLeft: waiting.length, lost: [...lost, ...waiting], compared: names.length };
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => parseFileName(name) !== undefined);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
