// A record or a segment as one run of bytes, the same on the card, on the wire, on a stick and in the archive:
//   manifest (compact JWS, ASCII) · newline · body (one age file; absent where the manifest names none)
import type { Boot } from './identity.ts';
import type { RecordKind } from './manifest.ts';

/** A manifest line longer than this is refused unread. A clip of 900 segments is about 400 KiB. */
export const manifestBytesMax = 512 * 1024;

export interface RecordFile {
  readonly jws: string;
  readonly body: Uint8Array;
}

const newline = 0x0a;

/** Undefined when there is no newline within `manifestBytesMax` or the line is not printable ASCII. */
export function splitRecordFile(bytes: Uint8Array): RecordFile | undefined {
  const end = bytes.subarray(0, manifestBytesMax + 1).indexOf(newline);
  if (end <= 0) return undefined;
  const line = bytes.subarray(0, end);
  if (line.some((byte) => byte < 0x21 || byte > 0x7e)) return undefined;
  return { jws: Buffer.from(line).toString('latin1'), body: bytes.subarray(end + 1) };
}

export function joinRecordFile(jws: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${jws}\n`, 'latin1'), body]);
}

const seqDigits = 10;

/** `000017.9f3a2c1d-0000000042-event-0123456789abcdef.rec`: sorts by age, and tells all that a listing needs. */
export function recordFileName(record: { boot: Boot; seq: number; kind: RecordKind; sha256: string }): string {
  return `${record.boot}-${String(record.seq).padStart(seqDigits, '0')}-${record.kind}-${record.sha256.slice(0, 16)}.rec`;
}

/** `000017.9f3a2c1d-0000000042-000000012345-02000-0123456789abcdef.seg`: boot, seg, first ms, duration in ms, manifest hash. */
export function segmentFileName(segment: {
  boot: Boot;
  seg: number;
  firstMonoMs: number;
  durationMs: number;
  sha256: string;
}): string {
  const first = String(Math.round(segment.firstMonoMs)).padStart(12, '0');
  const duration = String(Math.round(segment.durationMs)).padStart(5, '0');
  return `${segment.boot}-${String(segment.seg).padStart(seqDigits, '0')}-${first}-${duration}-${segment.sha256.slice(0, 16)}.seg`;
}

export type FileName =
  | { is: 'record'; boot: Boot; seq: number; kind: string; hash16: string }
  | { is: 'segment'; boot: Boot; seg: number; firstMonoMs: number; durationMs: number; hash16: string };

/** Undefined for anything that is not a record's or a segment's name. */
export function parseFileName(name: string): FileName | undefined {
  const record = /^(\d{6}\.[0-9a-f]{8})-(\d{10})-([a-z]+)-([0-9a-f]{16})\.rec$/.exec(name);
  if (record !== null) {
    const [, boot = '', seq, kind = '', hash16 = ''] = record;
    return { is: 'record', boot, seq: Number(seq), kind, hash16 };
  }
  const segment = /^(\d{6}\.[0-9a-f]{8})-(\d{10})-(\d{12})-(\d{5,})-([0-9a-f]{16})\.seg$/.exec(name);
  if (segment === null) return undefined;
  const [, boot = '', seg, first, duration, hash16 = ''] = segment;
  return { is: 'segment', boot, seg: Number(seg), firstMonoMs: Number(first), durationMs: Number(duration), hash16 };
}
