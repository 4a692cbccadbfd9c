// A clip is cut out of a run that may have lasted for days: its first fragment says "decode me at hour 40". Players want zero. On the way out
// the decode times (`tfdt`) are moved so that the clip begins at 0, and the head says how long the film is and where its segments begin
// (`sidx`), which makes the time bar and seeking work. The coded pictures are not touched; the archive keeps the bytes as they were signed.
import { type Box, boxes, find, versionOf, viewOf, wrap } from './boxes.ts';

/** What a `tfdt` says, in units of its track's timescale. */
export function decodeTime(segment: Uint8Array, tfdt: Box): bigint {
  const view = viewOf(segment);
  return versionOf(segment, tfdt) === 1
    ? view.getBigUint64(tfdt.content + 4)
    : BigInt(view.getUint32(tfdt.content + 4));
}

/** The first decode time in a segment, in units of its track's timescale; undefined where there is no fragment. */
export function firstDecodeTime(segment: Uint8Array): bigint | undefined {
  const tfdt = find(segment, ['moof', 'traf', 'tfdt'])[0];
  return tfdt === undefined ? undefined : decodeTime(segment, tfdt);
}

/** A copy in which every decode time is `base` lower. A time that would fall below zero becomes zero. */
export function rebase(segment: Uint8Array, base: bigint): Uint8Array {
  const moved = Uint8Array.from(segment);
  const view = viewOf(moved);
  for (const tfdt of find(moved, ['moof', 'traf', 'tfdt'])) {
    const at = tfdt.content + 4;
    const time = decodeTime(moved, tfdt) - base;
    const placed = time < 0n ? 0n : time;
    if (versionOf(moved, tfdt) === 1) view.setBigUint64(at, placed);
    else view.setUint32(at, Number(BigInt.asUintN(32, placed)));
  }
  return moved;
}

export interface Track {
  readonly id: number;
  /** Units in a second. */
  readonly timescale: number;
}

/** The first track of an init segment. */
export function trackOf(init: Uint8Array): Track | undefined {
  const tkhd = find(init, ['moov', 'trak', 'tkhd'])[0];
  const mdhd = find(init, ['moov', 'trak', 'mdia', 'mdhd'])[0];
  if (tkhd === undefined || mdhd === undefined) return undefined;
  const view = viewOf(init);
  const id = view.getUint32(tkhd.content + (versionOf(init, tkhd) === 1 ? 20 : 12));
  const timescale = view.getUint32(mdhd.content + (versionOf(init, mdhd) === 1 ? 20 : 12));
  return timescale > 0 ? { id, timescale } : undefined;
}

export interface Part {
  readonly bytes: number;
  /** Until the next part begins. */
  readonly durationMs: number;
}

/** The init segment with the film's length in it, and an index of its parts behind it: what stands before the first fragment. */
export function head(init: Uint8Array, track: Track, parts: readonly Part[]): Uint8Array {
  const durationMs = parts.reduce((sum, part) => sum + part.durationMs, 0);
  return Buffer.concat([withDuration(init, durationMs), sidx(track, parts)]);
}

function withDuration(init: Uint8Array, durationMs: number): Uint8Array {
  const timed = Uint8Array.from(init);
  const view = viewOf(timed);
  const mvhd = find(timed, ['moov', 'mvhd'])[0];
  if (mvhd === undefined) return timed;
  const units = (timescale: number) => Math.round((durationMs / 1000) * timescale);
  const isLong = versionOf(timed, mvhd) === 1;
  const movieScale = view.getUint32(mvhd.content + (isLong ? 20 : 12));
  setDuration(view, mvhd.content + (isLong ? 24 : 16), isLong, units(movieScale));
  for (const tkhd of find(timed, ['moov', 'trak', 'tkhd'])) {
    const long = versionOf(timed, tkhd) === 1;
    setDuration(view, tkhd.content + (long ? 28 : 20), long, units(movieScale));
  }
  return withFragmentDuration(timed, units(movieScale));
}

/** Puts `mehd` (the length with all fragments) first into `mvex`, in place of one that is there. */
function withFragmentDuration(init: Uint8Array, movieUnits: number): Uint8Array {
  const mehdContent = Buffer.alloc(8);
  mehdContent.writeUInt32BE(Math.min(movieUnits, 0xffffffff), 4);
  const parts = [...boxes(init)].map((box) => {
    if (box.type !== 'moov') return init.subarray(box.at, box.end);
    const inside = [...boxes(init, box.content, box.end)].map((child) => {
      if (child.type !== 'mvex') return init.subarray(child.at, child.end);
      const others = [...boxes(init, child.content, child.end)].filter(({ type }) => type !== 'mehd');
      return wrap('mvex', wrap('mehd', mehdContent), ...others.map(({ at, end }) => init.subarray(at, end)));
    });
    return wrap('moov', ...inside);
  });
  return Buffer.concat(parts);
}

function setDuration(view: DataView, at: number, isLong: boolean, units: number): void {
  if (isLong) view.setBigUint64(at, BigInt(units));
  else view.setUint32(at, Math.min(units, 0xffffffff));
}

/** Segment index, ISO/IEC 14496-12 8.16.3: one reference a part, each beginning with a key frame. */
function sidx(track: Track, parts: readonly Part[]): Uint8Array {
  const fixed = Buffer.alloc(24);
  fixed.writeUInt32BE(track.id, 4);
  fixed.writeUInt32BE(track.timescale, 8);
  // Earliest time and first offset are 0; then 16 bits reserved and the count.
  fixed.writeUInt16BE(parts.length, 22);
  const references = parts.map(({ bytes, durationMs }) => {
    const reference = Buffer.alloc(12);
    reference.writeUInt32BE(bytes & 0x7fffffff, 0);
    reference.writeUInt32BE(Math.round((durationMs / 1000) * track.timescale), 4);
    reference.writeUInt32BE(0x90000000, 8);
    return reference;
  });
  return wrap('sidx', fixed, ...references);
}
