// A clip as one film: head, then its segments in order, unsealed only as they are read. Size and place of every byte are known beforehand,
// so that a player may ask for any range.

import { manifestSchema, type SegmentRef } from '../../protocol/manifest.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { readUnverified, sha256 } from '../../protocol/sign.ts';
import type { ArchiveReader } from '../archive.ts';
import type { CatalogReader } from '../catalog-read.ts';
import type { Open } from '../open-details.ts';
import { pictureTimes, usualUnits } from './frames.ts';
import { firstDecodeTime, head, rebase, type Track, trackOf } from './rebase.ts';
import { headerBytesMax, plainSize } from './sealed-size.ts';

export interface Film {
  readonly bytes: number;
  /** Names this state of the film: more segments may come. */
  readonly etag: string;
  /** The bytes [start, end). Rejects when a segment cannot be opened or is not what was signed. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  /** When pictures begin, s from the film's beginning, rising: those of the segment that is shown then, and of the ones beside it. Rejects as `read` does. */
  picturesAround(atS: number): Promise<number[]>;
}
export type FilmOpened = { ok: true; film: Film } | { ok: false; why: 'absent' | 'empty' | 'damaged' };

export interface FilmSource {
  readonly archive: ArchiveReader;
  readonly reader: CatalogReader;
  readonly open: Open;
  /** Keeps what was unsealed for the next range request. */
  readonly unsealed: (key: string, make: () => Promise<Uint8Array>) => Promise<Uint8Array>;
}

interface Piece {
  readonly ref: SegmentRef;
  readonly name: string;
  readonly bytes: number;
  /** Taken from every decode time in it. */
  readonly base: bigint;
}

export async function openFilm(source: FilmSource, node: string, boot: string, seq: number): Promise<FilmOpened> {
  const { archive, reader } = source;
  const record = reader.recordName(node, boot, seq);
  if (record?.kind !== 'clip') return { ok: false, why: 'absent' };
  const place = { node, boot, name: record.name };
  const manifest = manifestSchema.safeParse(readUnverified((await archive.manifest(place)) ?? ''));
  if (!manifest.success || manifest.data.body === undefined) return { ok: false, why: 'damaged' };
  const init = await source.open(await archive.body(place)).catch(() => undefined);
  if (init === undefined || sha256(init) !== manifest.data.init) return { ok: false, why: 'damaged' };
  const track = trackOf(init);
  if (track === undefined) return { ok: false, why: 'damaged' };
  const here = await piecesHere(source, node, reader.clipSegments(node, boot, seq), manifest.data.segments ?? []);
  if (here.length === 0) return { ok: false, why: 'empty' };
  const pieces = await placeInTime(source, node, here, track);
  if (pieces.length === 0) return { ok: false, why: 'damaged' };
  const start = head(
    init,
    track,
    pieces.map((piece, index) => ({ bytes: piece.bytes, durationMs: untilNext(pieces, index) })),
  );
  const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, start.length);
  const etag = `"${sha256(`${record.name} ${pieces.map(({ name }) => name).join(' ')}`).slice(0, 32)}"`;
  const read = (from: number, to: number) => readRange(source, node, start, pieces, from, to);
  const picturesAround = (atS: number) =>
    picturesBeside(source, node, pieces, atS, (segment) => pictureTimes(segment, track, usualUnits(init)));
  return { ok: true, film: { bytes, etag, read, picturesAround } };
}

/** Segments that have come, and are those that the clip names. */
async function piecesHere(
  { archive }: FilmSource,
  node: string,
  here: readonly { boot: string; seg: number; name: string }[],
  refs: readonly SegmentRef[],
): Promise<Piece[]> {
  const names = new Map(here.map(({ boot, seg, name }) => [`${boot}/${seg}`, name]));
  const found = await Promise.all(
    refs.map(async (ref): Promise<Piece[]> => {
      const name = names.get(`${ref.boot}/${ref.seg}`);
      if (name === undefined) return [];
      // A file that has gone from the archive is as one that never came.
      const file = await archive.start({ node, boot: ref.boot, name }, headerBytesMax).catch(() => undefined);
      const start = file === undefined ? undefined : splitRecordFile(file)?.body;
      const bytes = start === undefined ? undefined : plainSize(start, ref.bytes);
      return bytes === undefined ? [] : [{ ref, name, bytes, base: 0n }];
    }),
  );
  return found.flat();
}

/** Beyond this a segment does not follow the one before it without a break. */
const breakMs = 500;

/**
 * Within one run of the camera decode times go on by themselves, over missing segments too. After a restart of the camera they begin anew:
 * there the node's clock says where the segment belongs. Only segments after a break need to be looked into; one that cannot be opened is left out.
 */
async function placeInTime(source: FilmSource, node: string, pieces: readonly Piece[], track: Track): Promise<Piece[]> {
  const placed: Piece[] = [];
  for (const piece of pieces) {
    const before = placed.at(-1);
    const follows = before !== undefined && Math.abs(endMs(before) - piece.ref.firstMonoMs) < breakMs;
    const base = follows ? before.base : await baseAfterBreak(source, node, piece, placed, track);
    if (base !== undefined) placed.push({ ...piece, base });
  }
  return placed;
}

async function baseAfterBreak(
  source: FilmSource,
  node: string,
  piece: Piece,
  placed: readonly Piece[],
  track: Track,
): Promise<bigint | undefined> {
  const time = firstDecodeTime((await plain(source, node, piece).catch(() => undefined)) ?? new Uint8Array());
  const [first, before] = [placed[0], placed.at(-1)];
  if (time === undefined || first === undefined || before === undefined) return time;
  const expectedMs = piece.ref.firstMonoMs - first.ref.firstMonoMs;
  const placedMs = (Number(time - before.base) / track.timescale) * 1000;
  if (Math.abs(placedMs - expectedMs) < 2 * breakMs) return before.base;
  return time - BigInt(Math.round((expectedMs / 1000) * track.timescale));
}

const endMs = (piece: Piece): number => piece.ref.firstMonoMs + piece.ref.durationMs;

function untilNext(pieces: readonly Piece[], index: number): number {
  const piece = pieces[index];
  const next = pieces[index + 1];
  if (piece === undefined) return 0;
  const isBreak = next !== undefined && Math.abs(endMs(piece) - next.ref.firstMonoMs) >= breakMs;
  return isBreak ? Math.max(piece.ref.durationMs, next.ref.firstMonoMs - piece.ref.firstMonoMs) : piece.ref.durationMs;
}

async function plain({ archive, open, unsealed }: FilmSource, node: string, { ref, name }: Piece): Promise<Uint8Array> {
  return await unsealed(`${node}/${name}`, async () => {
    const bytes = await open(await archive.body({ node, boot: ref.boot, name }));
    if (sha256(bytes) !== ref.plainSha256) throw new Error(`segment ${name} is not what the clip names`);
    return bytes;
  });
}

async function picturesBeside(
  source: FilmSource,
  node: string,
  pieces: readonly Piece[],
  atS: number,
  timesIn: (segment: Uint8Array) => number[],
): Promise<number[]> {
  const end = { ms: 0 };
  const here = pieces.findIndex((_, index) => {
    end.ms += untilNext(pieces, index);
    return end.ms > atS * 1000;
  });
  const now = here === -1 ? pieces.length - 1 : here;
  const times: number[] = [];
  for (const piece of pieces.slice(Math.max(0, now - 1), now + 2))
    times.push(...timesIn(rebase(await plain(source, node, piece), piece.base)));
  return times;
}

async function* readRange(
  source: FilmSource,
  node: string,
  start: Uint8Array,
  pieces: readonly Piece[],
  from: number,
  to: number,
): AsyncIterable<Uint8Array> {
  if (from < start.length) yield start.subarray(from, Math.min(to, start.length));
  let at = start.length;
  for (const piece of pieces) {
    const end = at + piece.bytes;
    if (from < end && to > at) {
      const bytes = rebase(await plain(source, node, piece), piece.base);
      if (bytes.length !== piece.bytes)
        throw new Error(`segment ${piece.name} has ${bytes.length} bytes, not ${piece.bytes}`);
      yield bytes.subarray(Math.max(0, from - at), Math.min(bytes.length, to - at));
    }
    at = end;
  }
}
