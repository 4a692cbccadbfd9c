// A waiting file, checked before a byte of it is sent: its manifest against its name, its body against its manifest. Never the whole body in memory.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { sha256Schema } from '../../protocol/identity.ts';
import { blockBytes } from '../../protocol/receipt.ts';
import { manifestBytesMax } from '../../protocol/record-file.ts';
import { readUnverified, sha256 } from '../../protocol/sign.ts';
import type { Outbox, Waiting } from '../outbox.ts';

export interface Parcel {
  readonly item: Waiting;
  /** SHA-256 of the manifest: how the hub calls it. */
  readonly id: string;
  /** Where the body begins: length of the manifest line with its newline. */
  readonly bodyStart: number;
  readonly bodyBytes: number;
  readonly blocks: number;
  /** Small enough to travel in one message. */
  readonly whole: boolean;
  /** When it was made, null where the node had no clock. */
  readonly wallMs: number | null;
}

export type OpenedParcel =
  | { readonly ok: true; readonly parcel: Parcel }
  /** `gone`: the recorder has given it up meanwhile. */
  | { readonly ok: false; readonly why: 'gone' }
  | { readonly ok: false; readonly why: 'damaged'; readonly text: string };

/** What is needed of a record's or a segment's manifest; the rest is the hub's to check, and may be of a later version. */
const needed = z.object({
  boot: z.string(),
  seq: z.number().optional(),
  seg: z.number().optional(),
  body: z.object({ bytes: z.number(), sha256: sha256Schema }).optional(),
  bytes: z.number().optional(),
  sealedSha256: sha256Schema.optional(),
  time: z.object({ wallMs: z.number().nullable() }).optional(),
  wallMs: z.number().nullable().optional(),
});
type Needed = z.infer<typeof needed>;

/** A small record in one read, manifest and body. */
const firstReadBytes = 20 * 1024;
const hashReadBytes = 256 * 1024;
const wholeBodyBytesMax = blockBytes;

/** Throws what the disk throws, other than that the file has gone. */
export async function openParcel(outbox: Outbox, item: Waiting): Promise<OpenedParcel> {
  const size = await outbox.size(item);
  const first = size === undefined ? undefined : await outbox.readRange(item, 0, firstReadBytes);
  const line = first === undefined ? undefined : (lineIn(first) ?? (await readLine(outbox, item)));
  if (size === undefined || first === undefined || line === undefined) return { ok: false, why: 'gone' };
  const id = sha256(line);
  if (line === '' || !id.startsWith(item.file.hash16)) return damaged('the manifest is not the one its name tells');
  const manifest = needed.safeParse(readUnverified(line)).data;
  if (manifest === undefined || !isNamed(item, manifest)) return damaged('the manifest belongs to another file');

  const body = item.file.is === 'segment' ? segmentBody(manifest) : (manifest.body ?? { bytes: 0, sha256: undefined });
  const bodyStart = line.length + 1;
  if (body.bytes !== size - bodyStart) return damaged(`the body has ${size - bodyStart} bytes, not ${body.bytes}`);
  const inFirst = first.length === size ? sha256(first.subarray(bodyStart)) : undefined;
  const hash =
    body.sha256 === undefined ? undefined : (inFirst ?? (await hashFrom(outbox, item, bodyStart, body.bytes)));
  if (hash === 'gone') return { ok: false, why: 'gone' };
  if (hash !== body.sha256) return damaged('the body has another hash than its manifest says');
  const whole = body.bytes <= wholeBodyBytesMax;
  const blocks = Math.ceil(body.bytes / blockBytes);
  const wallMs = manifest.time?.wallMs ?? manifest.wallMs ?? null;
  return { ok: true, parcel: { item, id, bodyStart, bodyBytes: body.bytes, blocks, whole, wallMs } };
}

/** When the file was made; undefined when it cannot be told. For the age of what waits. */
export async function wallMsOf(outbox: Outbox, item: Waiting): Promise<number | undefined> {
  const manifest = needed.safeParse(readUnverified((await readLine(outbox, item)) ?? '')).data;
  return manifest?.time?.wallMs ?? manifest?.wallMs ?? undefined;
}

/** The manifest without its newline; empty where there is none within bounds; undefined when the file has gone. */
export async function readLine(outbox: Outbox, item: Waiting): Promise<string | undefined> {
  for (const length of [firstReadBytes, manifestBytesMax + 1]) {
    const bytes = await outbox.readRange(item, 0, length);
    if (bytes === undefined) return undefined;
    const line = lineIn(bytes);
    if (line !== undefined) return line;
    if (bytes.length < length) return '';
  }
  return '';
}

function lineIn(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0x0a);
  return end < 0 ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
}

function segmentBody(manifest: Needed): { bytes: number; sha256: string | undefined } {
  return { bytes: manifest.bytes ?? -1, sha256: manifest.sealedSha256 };
}

function isNamed(item: Waiting, manifest: Needed): boolean {
  const { file } = item;
  if (manifest.boot !== file.boot) return false;
  return file.is === 'record' ? manifest.seq === file.seq : manifest.seg === file.seg;
}

async function hashFrom(outbox: Outbox, item: Waiting, start: number, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += hashReadBytes) {
    const piece = await outbox.readRange(item, start + at, Math.min(hashReadBytes, bytes - at));
    if (piece === undefined) return 'gone';
    hash.update(piece);
  }
  return hash.digest('hex');
}

function damaged(text: string): OpenedParcel {
  return { ok: false, why: 'damaged', text };
}
