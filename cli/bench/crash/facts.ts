// What a file says, and whether it holds together. Remembered by its bytes: a thousand images of one card share nearly all of them.
import type * as z from 'zod';
import { tombstoneDetailsSchema } from '../../../protocol/details.ts';
import { type Manifest, manifestSchema, segmentManifestSchema } from '../../../protocol/manifest.ts';
import { splitRecordFile } from '../../../protocol/record-file.ts';
import { readUnverified, sha256 } from '../../../protocol/sign.ts';

export interface Fact {
  /** SHA-256 of the manifest; empty where there is none. */
  readonly sha256: string;
  /** The body is the one the manifest names. */
  readonly whole: boolean;
  readonly record: Manifest | undefined;
  /** What this tombstone says went. */
  readonly gone: z.infer<typeof tombstoneDetailsSchema>['gone'];
}

const broken: Fact = { sha256: '', whole: false, record: undefined, gone: [] };

export function openFacts(): (bytes: Uint8Array) => Fact {
  const known = new WeakMap<Uint8Array, Fact>();
  return (bytes) => {
    const before = known.get(bytes);
    if (before !== undefined) return before;
    const fact = read(bytes);
    known.set(bytes, fact);
    return fact;
  };
}

function read(bytes: Uint8Array): Fact {
  const file = splitRecordFile(bytes);
  if (file === undefined) return broken;
  const payload = readUnverified(file.jws);
  const record = manifestSchema.safeParse(payload).data;
  const segment = segmentManifestSchema.safeParse(payload).data;
  const named = record?.body ?? (segment && { bytes: segment.bytes, sha256: segment.sealedSha256 });
  const whole = named === undefined ? file.body.length === 0 : sha256(file.body) === named.sha256;
  const gone = whole && record?.kind === 'tombstone' ? goneIn(file.body) : [];
  return { sha256: sha256(file.jws), whole, record, gone };
}

function goneIn(body: Uint8Array): Fact['gone'] {
  return tombstoneDetailsSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))).gone;
}
