// Who viewed, exported, unlocked, commanded and changed: `audit/000001.log` …, one signed line an entry, each naming the hash of the one before.
// INVARIANTS
//   an entry is acknowledged only when its line is on the disk; nothing written is ever written again, shortened or removed
//   a line that a power cut tore was never acknowledged: it stays as it is, and the next one begins a new file
//   the hub and `matlang hub …` beside it may both write: a lock is held from reading the end to writing after it
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdLock } from '../agent/lock.ts';
import type { Disk } from '../hal/ports.ts';
import { type AuditEntry, type AuditLine, auditLineSchema } from '../protocol/audit.ts';
import { readUnverified, type SigningKey, sha256, sign } from '../protocol/sign.ts';
import { limits } from './limits.ts';

/** Where an entry stands; `sha256` is its line's. */
export interface AuditMark {
  readonly n: number;
  readonly sha256: string;
}
export interface Audit {
  /** Resolves when it is on the disk. Rejects when it cannot be written: then what it tells of must not be done. */
  append(entry: AuditEntry): Promise<AuditMark>;
  /** The last entries, newest first. Signatures are not checked here: `matlang verify` does that. */
  newest(count: number, before?: number): Promise<AuditLine[]>;
  /** Lines that tell of something, oldest first: at most the last `count`. With `action` only its lines are looked into: a log of years is read in a moment. */
  about(wanted: Wanted, count: number): Promise<{ jws: string; line: AuditLine }[]>;
  /** The last line of all; undefined while there is none. */
  head(): Promise<AuditMark | undefined>;
}

export interface Wanted {
  readonly action?: AuditLine['action'];
  /** Lines with lower numbers only. */
  readonly before?: number | undefined;
  readonly is: (line: AuditLine) => boolean;
}

interface End extends AuditMark {
  readonly file: number;
  /** Size of that file. */
  readonly bytes: number;
  /** The file ends in a whole line. */
  readonly whole: boolean;
}

/** How an event is named in the log. */
export const eventSubject = (node: string, id: string): string => `event ${node}/${id}`;
/** How the film of an event is. */
export const clipSubject = (node: string, boot: string, seq: number): string => `clip ${node}/${boot}/${seq}`;

export const auditDir = (dataDir: string): string => join(dataDir, 'audit');
export const auditFileName = (file: number): string => `${String(file).padStart(6, '0')}.log`;

export interface AuditParts {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly commune: string;
  readonly key: SigningKey;
  readonly wallMs: () => number;
}

export async function openAudit({ disk, dataDir, commune, key, wallMs }: AuditParts): Promise<Audit> {
  const dir = auditDir(dataDir);
  await disk.makeFolder(dir);
  let end: End | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /** Another process may have written since. */
  const settle = async (): Promise<void> => {
    const last = (await auditFiles(dir)).at(-1);
    const bytes = last === undefined ? 0 : (await stat(join(dir, auditFileName(last)))).size;
    if (last !== end?.file || bytes !== end?.bytes) end = last === undefined ? undefined : await readEnd(dir, last);
  };
  const write = async (entry: AuditEntry): Promise<AuditMark> => {
    await settle();
    const line: AuditLine = {
      ...{ v: 1, commune, n: end === undefined ? 0 : end.n + 1, prev: end?.sha256 ?? null, atMs: wallMs() },
      ...entry,
    };
    const jws = await sign(JSON.stringify(auditLineSchema.parse(line)), 'matlang-audit', `hub:${commune}`, key);
    const isFull = end === undefined || !end.whole || end.bytes >= limits.auditFileBytes;
    const file = isFull ? (end?.file ?? 0) + 1 : (end?.file ?? 1);
    const bytes = await appendLine(join(dir, auditFileName(file)), jws, isFull ? 'ax' : 'a').catch((error: unknown) => {
      // Something of it may be there: what is, is looked at again before the next one.
      end = end === undefined ? undefined : { ...end, bytes: -1 };
      throw error;
    });
    if (isFull) await disk.syncFolder(dir);
    end = { n: line.n, sha256: sha256(jws), file, bytes, whole: true };
    return { n: end.n, sha256: end.sha256 };
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(() => locked(join(dir, 'lock.sqlite'), work));
    queue = done.catch(() => undefined);
    return done;
  };

  return {
    append: async (entry) => {
      if (waiting >= limits.auditWaiting) throw new Error(`more than ${limits.auditWaiting} entries wait for the disk`);
      waiting += 1;
      try {
        return await inTurn(() => write(entry));
      } finally {
        waiting -= 1;
      }
    },
    newest: async (count, before) => (await readBack(dir, { is: () => true, before }, count)).map(({ line }) => line),
    about: async (wanted, count) => (await readBack(dir, wanted, count)).reverse(),
    head: () =>
      inTurn(async () => {
        await settle();
        return end === undefined ? undefined : { n: end.n, sha256: end.sha256 };
      }),
  };
}

/** Numbers of the files there are, ascending. */
export async function auditFiles(dir: string): Promise<number[]> {
  const names = await readdir(dir);
  return names
    .filter((name) => /^\d{6}\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((one, other) => one - other);
}

/** Returns the file's new size. */
async function appendLine(path: string, jws: string, flags: 'a' | 'ax'): Promise<number> {
  await using file: FileHandle = await open(path, flags, 0o600);
  await file.appendFile(`${jws}\n`);
  await file.datasync();
  return (await file.stat()).size;
}

/** A line that is damaged still counts, and the next one names its hash as it stands. */
async function readEnd(dir: string, file: number): Promise<End> {
  const text = await readFile(join(dir, auditFileName(file)), 'latin1');
  const lines = text.split('\n');
  const whole = lines.at(-1) === '';
  const last = lines.at(-2);
  if (last === undefined) return { ...(await endBefore(dir, file)), file, bytes: text.length, whole: false };
  const read = auditLineSchema.safeParse(readUnverified(last));
  const n = read.success ? read.data.n : (await linesUpTo(dir, file)) - 1;
  return { n, sha256: sha256(last), file, bytes: text.length, whole };
}

/** For a file without one whole line. */
async function endBefore(dir: string, file: number): Promise<AuditMark> {
  const before = (await auditFiles(dir)).findLast((each) => each < file);
  return before === undefined ? { n: -1, sha256: '' } : await readEnd(dir, before);
}

async function linesUpTo(dir: string, file: number): Promise<number> {
  let count = 0;
  for (const each of (await auditFiles(dir)).filter((number) => number <= file))
    count += (await readFile(join(dir, auditFileName(each)), 'latin1')).split('\n').length - 1;
  return count;
}

/** -1 where the line cannot be read: then whoever asks has to look further. */
function numberOf(jws: string): number {
  const read = auditLineSchema.safeParse(readUnverified(jws));
  return read.success ? read.data.n : -1;
}

/** Newest first. */
async function readBack(dir: string, { action, is, before = Number.POSITIVE_INFINITY }: Wanted, count: number) {
  // As JSON.stringify writes it, which wrote each line: to look for words costs a tenth of parsing.
  const words = action && `"action":"${action}"`;
  const found: { jws: string; line: AuditLine }[] = [];
  for (const file of (await auditFiles(dir)).reverse()) {
    const lines = (await readFile(join(dir, auditFileName(file)), 'latin1')).split('\n').slice(0, -1);
    // Numbers ascend: a file that begins too late holds nothing of it.
    if (before < Number.POSITIVE_INFINITY && numberOf(lines[0] ?? '') >= before) continue;
    for (const jws of lines.reverse()) {
      if (found.length >= count) return found;
      if (words !== undefined && !Buffer.from(jws.split('.')[1] ?? '', 'base64url').includes(words)) continue;
      const read = auditLineSchema.safeParse(readUnverified(jws));
      if (read.success && read.data.n < before && is(read.data)) found.push({ jws, line: read.data });
    }
  }
  return found;
}

async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lastMs = performance.now() + limits.auditLockMs;
  for (;;) {
    const lock = holdLock(path);
    if (lock.is === 'impossible') throw new Error(`${path} cannot be locked`, { cause: lock.cause });
    if (lock.is === 'held') {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (performance.now() > lastMs) throw new Error(`${path} has been held by another process for too long`);
    await sleep(5);
  }
}
