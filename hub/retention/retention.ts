// Deletion by schedule. What is held or in a case stays; what goes is named first.
// INVARIANTS
//   the audit line and the names of what goes are on the disk before the first file is removed
//   a file under a standing hold is never removed, nor is anything of an event that has one, or that is in a case
//   nothing goes for its age while the hub's own clock is doubted (clock.ts); the quota asks only what is oldest
//   a run that is cut off leaves files that the next one deletes: never a file that the catalogue says is there and is not, past the next start
import type { Log } from '../../agent/log.ts';
import type { Disk } from '../../hal/ports.ts';
import { sha256 } from '../../protocol/sign.ts';
import type { Archive } from '../archive.ts';
import type { Audit } from '../audit.ts';
import type { Catalog } from '../catalog.ts';
import type { CatalogReader } from '../catalog-read.ts';
import type { Changes } from '../changes.ts';
import type { Cases } from '../desk/cases.ts';
import type { DeskStore } from '../desk/store.ts';
import type { Holds } from '../holds.ts';
import { regularly } from '../regularly.ts';
import { readBelief, weighClock, writeBelief } from './clock.ts';
import { type Due, type DueFile, openDue, type RetentionRules } from './due.ts';

export interface RetentionParts {
  readonly rules: RetentionRules;
  readonly disk: Pick<Disk, 'remove'>;
  readonly archive: Pick<Archive, 'path'>;
  readonly catalog: Catalog;
  readonly reader: Pick<CatalogReader, 'forgetChain'>;
  readonly holds: Pick<Holds, 'isHeld'>;
  readonly cases: Pick<Cases, 'has'>;
  readonly store: DeskStore;
  readonly audit: Pick<Audit, 'append'>;
  readonly changes: Pick<Changes, 'tell'>;
  readonly wallMs: () => number;
  readonly monoMs: () => number;
  readonly log: Log;
}
export interface Swept {
  readonly files: number;
  readonly bytes: number;
  /** Events that went before their days were over, because the quota was full. */
  readonly early: number;
  /** Full, and what is left is held: nothing more may go. */
  readonly stuck: boolean;
}
export interface Retention {
  /** One run; a second one meanwhile waits for it and is the same. */
  sweep(): Promise<Swept>;
  /** Looks whether the hub's clock may be believed; a leap is told. */
  lookAtClock(): Promise<boolean>;
  close(): Promise<void>;
}

const everyMs = 3_600_000;
/** Things named in one audit line. */
const perLine = 200;
/** Full again at once would mean a run each hour for a handful of files. */
const roomShare = 0.98;

export function openRetention(parts: RetentionParts): Retention {
  const stopping = { now: false };
  const lookAtClock = clockLook(parts);
  const turns = regularly(
    () => run(parts, lookAtClock, () => stopping.now),
    everyMs,
    (error) => parts.log('error', 'retention', { error: String(error) }),
  );
  return {
    sweep: turns.now,
    lookAtClock,
    close: async () => {
      stopping.now = true;
      await turns.close();
      await lookAtClock();
    },
  };
}

function clockLook({ store, catalog, audit, changes, wallMs, monoMs, log }: RetentionParts): () => Promise<boolean> {
  let lookedMs: number | undefined;
  return async () => {
    const known = readBelief(store);
    const nowMs = wallMs();
    const belief = weighClock(known, nowMs, lookedMs === undefined ? 0 : monoMs() - lookedMs);
    lookedMs = monoMs();
    writeBelief(store, belief);
    const { trustedMs, doubt } = belief;
    if (doubt !== undefined && known?.doubt === undefined) {
      const text = `${new Date(trustedMs).toISOString()} → ${new Date(nowMs).toISOString()}`;
      catalog.hubFault({ atMs: nowMs, node: '', code: 'clock', text });
      changes.tell({ is: 'nodes' });
      await audit
        .append({ actor: 'hub', action: 'change', subject: 'clock', details: { trustedMs, nowMs } })
        .catch((error: unknown) => log('error', 'audit cannot be written', { error: String(error) }));
    }
    return doubt === undefined;
  };
}

async function run(
  parts: RetentionParts,
  lookAtClock: () => Promise<boolean>,
  isStopping: () => boolean,
): Promise<Swept> {
  const { rules, catalog, wallMs } = parts;
  const due = openDue(catalog.db);
  const nowMs = wallMs();
  const isBelieved = await lookAtClock();
  const byDays = isBelieved ? await take(parts, due.events(rules, nowMs), 'days', isStopping) : nothing;
  const loose = isBelieved ? await take(parts, due.loose(rules, nowMs), 'days', isStopping) : nothing;
  const quotaBytes = rules.quotaGiB === undefined ? undefined : rules.quotaGiB * 1024 ** 3;
  const over = quotaBytes === undefined ? 0 : due.bytes() - quotaBytes;
  const wanted = quotaBytes === undefined || over <= 0 ? 0 : over + (1 - roomShare) * quotaBytes;
  const early = wanted === 0 ? nothing : await take(parts, upTo(due.oldest(nowMs), wanted), 'quota', isStopping);
  const files = byDays.files + loose.files + early.files;
  if (files > 0) {
    parts.changes.tell({ is: 'queue' });
    parts.log('info', 'deleted by schedule', { files, early: early.things });
  }
  const stuck = over > early.bytes;
  return { files, bytes: byDays.bytes + loose.bytes + early.bytes, early: early.things, stuck };
}

const nothing = { files: 0, bytes: 0, things: 0 };

/** `take` tells back what went: what is held does not make room. */
function* upTo(dues: Generator<Due>, bytes: number): Generator<Due, void, number> {
  let left = bytes;
  for (const due of dues) {
    if (left <= 0) return;
    left -= yield due;
  }
}

async function take(
  parts: RetentionParts,
  dues: Generator<Due, void, number> | Generator<Due>,
  why: 'days' | 'quota',
  isStopping: () => boolean,
): Promise<typeof nothing> {
  const sum = { ...nothing };
  let batch: Due[] = [];
  const flush = async () => {
    for (const [node, its] of Map.groupBy(batch, ({ node }) => node)) await remove(parts, node, its, why);
    batch = [];
  };
  for (let step = dues.next(0); step.done !== true && !isStopping(); ) {
    const due = step.value;
    const goes = await mayGo(parts, due);
    if (goes) batch.push(due);
    const bytes = goes ? due.files.reduce((all, file) => all + file.bytes, 0) : 0;
    sum.bytes += bytes;
    sum.files += goes ? due.files.length : 0;
    sum.things += goes ? 1 : 0;
    step = dues.next(bytes);
    if (batch.length >= perLine) await flush();
  }
  await flush();
  return sum;
}

async function mayGo({ cases, holds }: RetentionParts, { node, event, files }: Due): Promise<boolean> {
  if (event !== undefined && cases.has(node, event)) return false;
  for (const { boot, name } of files) if (await holds.isHeld({ node, boot, name })) return false;
  return true;
}

async function remove(parts: RetentionParts, node: string, dues: readonly Due[], why: 'days' | 'quota'): Promise<void> {
  const { archive, audit, catalog, disk, reader, store, wallMs } = parts;
  // Two events may share a segment; it goes once.
  const files = [
    ...new Map(dues.flatMap((due) => due.files).map((file) => [`${file.kind} ${file.name}`, file])).values(),
  ];
  const list = files.map(({ kind, boot, number, sha256: hash }) => `${kind} ${boot}/${number} ${hash}\n`).join('');
  const count = (what: Due['what']) => dues.filter((due) => due.what === what).length;
  const times = files.map(({ atMs }) => atMs);
  const details = {
    ...{ why, alarms: count('alarm'), events: count('event'), lookback: count('lookback'), logs: count('log') },
    ...{ files: files.length, bytes: files.reduce((all, { bytes }) => all + bytes, 0) },
    ...{ fromMs: Math.min(...times), toMs: Math.max(...times), names: sha256(Buffer.from(list)) },
  };
  const mark = await audit.append({ actor: 'hub', action: 'delete', subject: `node ${node}`, details });
  store.together(() => {
    for (const { kind, boot, number, sha256: hash } of files)
      store.run(
        'INSERT OR REPLACE INTO deleted VALUES (?, ?, ?, ?, ?, ?, ?)',
        ...[node, boot, number, kind === 'segment' ? 'segment' : 'record', hash, wallMs(), mark.n],
      );
  });
  for (const { boot, name } of files)
    await disk.remove(archive.path({ node, boot, name })).catch((error: unknown) => {
      // A run that was cut off had removed it before.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  forget(catalog, node, dues, files);
  reader.forgetChain(node, [...new Set(files.map(({ boot }) => boot))]);
}

function forget({ db, together }: Catalog, node: string, dues: readonly Due[], files: readonly DueFile[]): void {
  const record = db.prepare('DELETE FROM record WHERE node = ? AND boot = ? AND seq = ?');
  const parts = db.prepare('DELETE FROM clip_segment WHERE node = ? AND boot = ? AND seq = ?');
  const segment = db.prepare('DELETE FROM segment WHERE node = ? AND boot = ? AND seg = ?');
  const event = db.prepare('DELETE FROM event WHERE node = ? AND id = ?');
  const gone = db.prepare('INSERT OR IGNORE INTO gone VALUES (?, ?, ?, ?)');
  together(() => {
    for (const { kind, boot, number, sha256: hash } of files) {
      if (kind === 'segment') segment.run(node, boot, number);
      else {
        record.run(node, boot, number);
        parts.run(node, boot, number);
        gone.run(node, boot, number, hash);
      }
    }
    for (const due of dues) if (due.event !== undefined) event.run(node, due.event);
  });
}

/** A catalogue that was built anew does not know what the hub itself deleted: the book, attached to it as `desk`, does. */
export function recallDeleted({ db }: Pick<Catalog, 'db'>): void {
  const last = "SELECT node, boot, number FROM desk.deleted WHERE kind = 'record' ORDER BY at_ms DESC LIMIT 1";
  const known = db
    .prepare(`SELECT 1 FROM gone g JOIN (${last}) d ON g.node = d.node AND g.boot = d.boot AND g.seq = d.number`)
    .get();
  if (known !== undefined) return;
  db.exec("INSERT OR IGNORE INTO gone SELECT node, boot, number, sha256 FROM desk.deleted WHERE kind = 'record'");
}
