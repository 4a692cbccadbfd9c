// One segment on its way to the card. The age file is streamed behind a line of fixed length that stays blank until all hashes are known;
// then the manifest goes into it, and only then does the file get its name in the ring.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk, DiskFile } from '../../hal/ports.ts';
import type { SegmentManifest, SegmentRef } from '../../protocol/manifest.ts';
import { segmentFileName } from '../../protocol/record-file.ts';
import { sha256, sign } from '../../protocol/sign.ts';
import type { Finished } from '../core/clips.ts';
import { folders } from '../outbox.ts';
import { type CardTrouble, cardTrouble, keyId, type Maker } from '../spool.ts';

/** The manifest's JSON is padded with spaces to this size, so that its line has one length for all segments of a node. */
const payloadBytes = 690;

export interface SegmentStart {
  readonly boot: string;
  readonly seg: number;
  /** SHA-256 of the init segment. */
  readonly init: string;
  readonly firstMonoMs: number;
  readonly wallMs: number | null;
}

export type SegmentDone =
  | { readonly ok: true; readonly segment: Finished; readonly name: string; readonly bytes: number }
  | { readonly ok: false; readonly why: CardTrouble; readonly cause: unknown };

export interface OpenSegment {
  readonly start: SegmentStart;
  readonly durationMs: () => number;
  /** Takes one fragment; sealing and writing follow in the background. */
  add(fragment: Uint8Array, durationMs: number): void;
  /** Durable on return. */
  finish(): Promise<SegmentDone>;
}

/** The line's length for this node: header and signature have fixed sizes, so one signature tells. */
export async function segmentLineBytes(maker: Maker): Promise<number> {
  return (await signPadded('{}', maker)).length + 1;
}

export function openSegment(
  disk: Disk,
  dataDir: string,
  maker: Maker,
  lineBytes: number,
  start: SegmentStart,
): OpenSegment {
  const at = folders(dataDir);
  const draftPath = join(at.tmp, `${start.boot}-${start.seg}.seg`);
  const plainHash = createHash('sha256');
  const facts = { durationMs: 0, fragments: 0 };
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, {
    highWaterMark: Number.POSITIVE_INFINITY,
  });
  const plain = writable.getWriter();
  const written = writeSealed(disk, draftPath, lineBytes, maker, readable);
  // Its failure is told by finish(); until then nobody may be surprised by it.
  written.catch(() => undefined);

  return {
    start,
    durationMs: () => facts.durationMs,
    add: (fragment, durationMs) => {
      plainHash.update(fragment);
      facts.durationMs += durationMs;
      facts.fragments += 1;
      plain.write(fragment).catch(() => undefined);
    },
    finish: async () => {
      try {
        plain.close().catch(() => undefined);
        const sealed = await written;
        const ref: SegmentRef = {
          boot: start.boot,
          seg: start.seg,
          sealedSha256: sealed.sha256,
          plainSha256: plainHash.digest('hex'),
          bytes: sealed.bytes,
          firstMonoMs: Math.max(0, Math.round(start.firstMonoMs)),
          durationMs: Math.round(facts.durationMs),
        };
        const jws = await signPadded(JSON.stringify(manifestOf(maker, start, ref, facts.fragments)), maker);
        const name = segmentFileName({ ...ref, sha256: sha256(jws) });
        await sealed.file.write(Buffer.from(`${jws}\n`, 'latin1'), 0);
        await sealed.file.sync();
        await sealed.file.close();
        await disk.rename(draftPath, join(at.ring, name));
        await disk.syncFolder(at.ring);
        return { ok: true, segment: { ref, init: start.init }, name, bytes: lineBytes + sealed.bytes };
      } catch (cause) {
        await disk.remove(draftPath).catch(() => undefined);
        return { ok: false, why: cardTrouble(cause), cause };
      }
    },
  };
}

function manifestOf(maker: Maker, start: SegmentStart, ref: SegmentRef, fragments: number): SegmentManifest {
  return {
    v: 1,
    kind: 'segment',
    commune: maker.commune,
    node: maker.node,
    ...ref,
    init: start.init,
    fragments,
    wallMs: start.wallMs,
  };
}

function signPadded(json: string, maker: Maker): Promise<string> {
  if (json.length > payloadBytes)
    throw new RangeError(`a segment's manifest must be at most ${payloadBytes} bytes, not ${json.length}`);
  return sign(json.padEnd(payloadBytes), 'matlang-segment', keyId(maker), maker.signingKey);
}

interface Sealed {
  readonly file: DiskFile;
  readonly sha256: string;
  readonly bytes: number;
}

async function writeSealed(
  disk: Disk,
  path: string,
  lineBytes: number,
  maker: Maker,
  plain: ReadableStream<Uint8Array>,
): Promise<Sealed> {
  const file = await disk.create(path);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of await maker.sealer.sealStream(plain)) {
      hash.update(chunk);
      await file.write(chunk, lineBytes + bytes);
      bytes += chunk.length;
    }
    return { file, sha256: hash.digest('hex'), bytes };
  } catch (error) {
    await file.close();
    throw error;
  }
}
