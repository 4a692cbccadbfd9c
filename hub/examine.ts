// Is this really what it says it is? The order matters: nothing is believed before the signature holds.
import { type Manifest, manifestSchema, type SegmentManifest, segmentManifestSchema } from '../protocol/manifest.ts';
import { recordFileName, segmentFileName, splitRecordFile } from '../protocol/record-file.ts';
import { readUnverified, sha256, type VerifyingKey, verify } from '../protocol/sign.ts';

interface Common {
  readonly jws: string;
  /** SHA-256 of the manifest as it stands. */
  readonly id: string;
  readonly node: string;
  readonly boot: string;
  /** seq of a record, seg of a segment. */
  readonly number: number;
  /** Its name in the archive. */
  readonly name: string;
  /** What must follow the manifest; undefined where nothing may. */
  readonly body: { readonly bytes: number; readonly sha256: string } | undefined;
}
export interface RecordEntry extends Common {
  readonly is: 'record';
  readonly manifest: Manifest;
}
export interface SegmentEntry extends Common {
  readonly is: 'segment';
  readonly manifest: SegmentManifest;
}
/** A record or segment whose signature, shape and sender hold. Its body has not been looked at. */
export type Entry = RecordEntry | SegmentEntry;

export type Refusal =
  | 'topic'
  | 'too-large'
  | 'unknown-node'
  | 'not-a-record'
  | 'signature'
  | 'type'
  | 'schema'
  | 'other-node'
  | 'body'
  | 'conflict'
  | 'chunk'
  | 'status'
  | 'vitals'
  | 'reply';

export type Examined =
  | { ok: true; entry: Entry; body: Uint8Array }
  /** `id` is undefined where not even a manifest could be found. */
  | { ok: false; why: Refusal; id: string | undefined };

export interface Sender {
  readonly commune: string;
  readonly node: string;
  readonly key: VerifyingKey;
}

/** Takes any bytes; never throws on bad ones. */
export async function examine(bytes: Uint8Array, sender: Sender): Promise<Examined> {
  const file = splitRecordFile(bytes);
  if (file === undefined) return { ok: false, why: 'not-a-record', id: undefined };
  const entry = await examineManifest(file.jws, sender);
  return typeof entry === 'string'
    ? { ok: false, why: entry, id: sha256(file.jws) }
    : { ok: true, entry, body: file.body };
}

/** `check` is `verify`, or one that remembers. */
export async function examineManifest(jws: string, sender: Sender, check = verify): Promise<Entry | Refusal> {
  const isSegment = looksLikeSegment(readUnverified(jws));
  const verified = await check(jws, isSegment ? 'matlang-segment' : 'matlang-record', sender.key);
  if (!verified.ok) return verified.why === 'signature' ? 'signature' : 'type';
  const entry = isSegment ? segmentEntry(jws, verified.payload) : recordEntry(jws, verified.payload);
  if (entry === undefined) return 'schema';
  const { commune, node } = entry.manifest;
  return commune === sender.commune && node === sender.node ? entry : 'other-node';
}

function looksLikeSegment(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'kind' in payload && payload.kind === 'segment';
}

function recordEntry(jws: string, payload: unknown): RecordEntry | undefined {
  const read = manifestSchema.safeParse(payload);
  if (!read.success) return undefined;
  const manifest = read.data;
  const id = sha256(jws);
  const { node, boot, seq, kind, body } = manifest;
  return {
    is: 'record',
    jws,
    id,
    node,
    boot,
    number: seq,
    name: recordFileName({ boot, seq, kind, sha256: id }),
    body,
    manifest,
  };
}

function segmentEntry(jws: string, payload: unknown): SegmentEntry | undefined {
  const read = segmentManifestSchema.safeParse(payload);
  if (!read.success) return undefined;
  const manifest = read.data;
  const id = sha256(jws);
  const { node, boot, seg, firstMonoMs, durationMs } = manifest;
  const name = segmentFileName({ boot, seg, firstMonoMs, durationMs, sha256: id });
  const body = { bytes: manifest.bytes, sha256: manifest.sealedSha256 };
  return { is: 'segment', jws, id, node, boot, number: seg, name, body, manifest };
}
