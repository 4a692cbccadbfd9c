// Batches of the trace from files, folders, a spool or a hub's archive. What is sealed is opened with the hub's key, in memory only.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTrace, type Trace } from '../../agent/core/trace/decode.ts';
import { magic, traceType } from '../../agent/core/trace/format.ts';
import { manifestSchema } from '../../protocol/manifest.ts';
import { opener } from '../../protocol/open.ts';
import { parseFileName, splitRecordFile } from '../../protocol/record-file.ts';
import { readUnverified, sha256 } from '../../protocol/sign.ts';

export interface TracesRead {
  readonly traces: readonly Trace[];
  /** Files that should be batches and are not, and why. */
  readonly bad: readonly { readonly path: string; readonly why: string }[];
}

/** Throws what the file system throws for the paths named; an `identity` (AGE-SECRET-KEY-1…) is needed for sealed records. */
export async function readTraces(paths: readonly string[], identity: string | undefined): Promise<TracesRead> {
  const open = identity === undefined ? undefined : opener(identity).open;
  const traces: Trace[] = [];
  const bad: { path: string; why: string }[] = [];
  for (const path of paths) {
    const isFolder = (await stat(path)).isDirectory();
    for (const file of isFolder ? await filesBelow(path) : [path]) {
      const bytes = await readFile(file);
      const read = await batchIn(file, bytes, open);
      if (read === undefined) {
        // A folder may hold anything; a file that was named was meant.
        if (!isFolder) bad.push({ path: file, why: 'not a trace' });
      } else if (read.ok) traces.push(read.trace);
      else bad.push({ path: file, why: read.why });
    }
  }
  return { traces, bad };
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && isCandidate(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Segments and other records are not even read: an archive holds gigabytes of them. */
function isCandidate(name: string): boolean {
  const file = parseFileName(name);
  return file === undefined ? !/\.(seg|rec)$/.test(name) : file.is === 'record' && file.kind === 'trace';
}

type Batch = { ok: true; trace: Trace } | { ok: false; why: string };

/** Undefined for what is no batch of the trace, and does not look like one. */
async function batchIn(
  path: string,
  bytes: Uint8Array,
  open: ((sealed: Uint8Array) => Promise<Uint8Array>) | undefined,
): Promise<Batch | undefined> {
  if (magic.every((byte, i) => bytes[i] === byte)) return readTrace(bytes);
  if (parseFileName(path.slice(path.lastIndexOf('/') + 1)) === undefined) return undefined;
  const file = splitRecordFile(bytes);
  const manifest = manifestSchema.safeParse(file === undefined ? undefined : readUnverified(file.jws));
  if (file === undefined || !manifest.success) return { ok: false, why: 'not a record' };
  if (manifest.data.kind !== 'trace' || manifest.data.body?.type !== traceType) return undefined;
  if (open === undefined) return { ok: false, why: 'sealed; --key is needed' };
  const plain = await open(file.body).catch(() => undefined);
  if (plain === undefined) return { ok: false, why: 'cannot be opened with this key' };
  if (sha256(plain) !== manifest.data.body.plainSha256) return { ok: false, why: 'its hash does not hold' };
  return readTrace(plain);
}
