// One segment on its way to the card. The age file is streamed behind a line of fixed length that stays blank until all hashes are known;
// then the manifest goes into it, and only then does the file get its name.
import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk, DiskFile } from '../../hal/ports.ts';
import type { AgeStream } from '../../protocol/age-stream.ts';
import type { SegmentManifest, SegmentRef } from '../../protocol/manifest.ts';
import { segmentFileName } from '../../protocol/record-file.ts';
import { sha256, sign } from '../../protocol/sign.ts';
import { type CardTrouble, cardTrouble } from '../card-trouble.ts';
import type { Finished } from '../core/clips.ts';
import { draftOf } from '../outbox.ts';
import { keyId, type Maker } from '../spool.ts';

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
  /** Seals and writes one fragment. Never throws: a failure is told by `finish`. */
  add(fragment: Uint8Array, durationMs: number): Promise<void>;
  /** Gets its name in `home`. Durable on return; `flushed-by-pin`: only when the segment has been pinned, which the caller does next. */
  finish(home: string, how: 'flush' | 'flushed-by-pin'): Promise<SegmentDone>;
}

/** The line's length for this node: header and signature have fixed sizes, so one signature tells. */
export async function segmentLineBytes(maker: Maker): Promise<number> {
  return (await signPadded('{}', maker)).length + 1;
}

/** `folder`: where it will most likely get its name. */
export function openSegment(
  disk: Disk,
  folder: string,
  maker: Maker,
  lineBytes: number,
  start: SegmentStart,
): OpenSegment {
  const draftPath = draftOf(join(folder, `${start.boot}-${start.seg}.seg`));
  const plainHash = createHash('sha256');
  const facts = { durationMs: 0, fragments: 0 };
  const writing = beginSealed(disk, draftPath, lineBytes, maker);
  // A failure is told by finish(); what comes after it is not written any more.
  let written: Promise<SealedFile> = writing;
  written.catch(() => undefined);

  return {
    start,
    durationMs: () => facts.durationMs,
    add: async (fragment, durationMs) => {
      plainHash.update(fragment);
      facts.durationMs += durationMs;
      facts.fragments += 1;
      written = written.then((file) => append(file, file.stream.update(fragment)));
      await written.catch(() => undefined);
    },
    finish: async (home, how) => {
      try {
        const sealed = await written.then((file) => append(file, file.stream.final()));
        const ref: SegmentRef = {
          boot: start.boot,
          seg: start.seg,
          sealedSha256: sealed.hash.digest('hex'),
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
        await disk.rename(draftPath, join(home, name));
        if (how === 'flush') await disk.syncFolder(home);
        return { ok: true, segment: { ref, init: start.init }, name, bytes: lineBytes + sealed.bytes };
      } catch (cause) {
        await writing.then(({ file }) => file.close()).catch(() => undefined);
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

interface SealedFile {
  readonly file: DiskFile;
  readonly stream: AgeStream;
  readonly hash: Hash;
  /** Where the age file begins, and how much of it is written. */
  readonly from: number;
  readonly bytes: number;
}

async function beginSealed(disk: Disk, path: string, from: number, maker: Maker): Promise<SealedFile> {
  const { head, stream } = maker.sealer.begin();
  const file = await disk.create(path);
  return await append({ file, stream, hash: createHash('sha256'), from, bytes: 0 }, head);
}

async function append(sealed: SealedFile, bytes: Uint8Array): Promise<SealedFile> {
  if (bytes.length === 0) return sealed;
  sealed.hash.update(bytes);
  await sealed.file.write(bytes, sealed.from + sealed.bytes);
  return { ...sealed, bytes: sealed.bytes + bytes.length };
}
