// "What would it have caught in the last 24 hours": asked of the traces that lie in the archive, beside the hub's own work.

import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { traceType } from '../../agent/core/trace/format.ts';
import { sha256 } from '../../protocol/sign.ts';
import type { ArchiveReader } from '../archive.ts';
import type { Open } from '../open-details.ts';
import type { Caught } from './sensitivity-child.ts';

export type SensitivityAnswer =
  | { readonly ok: true; readonly caught: Caught }
  /** `busy`: another asks already · `none`: no trace is here. */
  | { readonly ok: false; readonly why: 'busy' | 'none' };

export interface Sensitivity {
  /** Of the traces since then. */
  ask(node: string, fromMs: number): Promise<SensitivityAnswer>;
}

/** A day of a busy node is some 300 batches. */
const batchesMax = 2000;
const answerMsMax = 60_000;

export function openSensitivity(db: DatabaseSync, archive: Pick<ArchiveReader, 'body'>, open: Open): Sensitivity {
  const names = db.prepare(
    `SELECT boot, name, plain_sha256 AS plain FROM record WHERE node = ? AND kind = 'trace' AND type = ? AND of_event IS NULL
     AND at_ms >= ? ORDER BY boot, seq LIMIT ?`,
  );
  const state = { isBusy: false };
  const read = async (node: string, fromMs: number): Promise<Uint8Array[]> => {
    const batches: Uint8Array[] = [];
    for (const row of names.all(node, traceType, fromMs, batchesMax)) {
      const place = { node, boot: String(row.boot), name: String(row.name) };
      // One that cannot be read is a gap in the account, and told as one.
      const plain = await archive
        .body(place)
        .then(open)
        .catch(() => undefined);
      if (plain !== undefined && sha256(plain) === row.plain) batches.push(plain);
    }
    return batches;
  };
  return {
    ask: async (node, fromMs) => {
      if (state.isBusy) return { ok: false, why: 'busy' };
      state.isBusy = true;
      try {
        const batches = await read(node, fromMs);
        return batches.length === 0 ? { ok: false, why: 'none' } : { ok: true, caught: await count(batches, fromMs) };
      } finally {
        state.isBusy = false;
      }
    },
  };
}

/** In a thread of its own: ten passes over a day of pictures must not keep an alarm waiting. */
function count(batches: readonly Uint8Array[], fromMs: number): Promise<Caught> {
  const worker = new Worker(new URL('./sensitivity-child.ts', import.meta.url), { workerData: { batches, fromMs } });
  const timer = setTimeout(() => void worker.terminate(), answerMsMax);
  return new Promise<Caught>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the account of the traces broke off')));
  }).finally(() => clearTimeout(timer));
}
