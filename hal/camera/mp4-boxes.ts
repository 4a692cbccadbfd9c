// Reads what we must know out of an init segment and a fragment of one H.264 track. Field layouts: ISO 14496-12 (mdhd 8.4.2, trex 8.8.3, tfhd 8.8.7,
// trun 8.8.8) and ISO 14496-15 (avcC 5.3.3.1).

export interface Track {
  readonly timescale: number;
  readonly defaultDuration: number;
  /** Bytes of the length before each NAL unit. */
  readonly nalLengthBytes: number;
}
export type InitRead = { readonly ok: true; readonly track: Track } | { readonly ok: false; readonly why: string };
export interface FragmentRead {
  readonly durationMs: number;
  readonly samples: number;
  readonly startsWithKey: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Bytes of a VisualSampleEntry before its boxes. */
const visualEntryBytes = 78;

export function readInit(bytes: Buffer): InitRead {
  const whole = { start: 0, end: bytes.length };
  const media = inside(bytes, whole, ['moov', 'trak', 'mdia']);
  const mdhd = media && inside(bytes, media, ['mdhd']);
  const stsd = media && inside(bytes, media, ['minf', 'stbl', 'stsd']);
  if (mdhd === undefined || stsd === undefined) return { ok: false, why: 'init segment without a track' };
  const entries = { start: stsd.start + 8, end: stsd.end };
  const entry = inside(bytes, entries, ['avc1']) ?? inside(bytes, entries, ['avc3']);
  if (entry === undefined) return { ok: false, why: 'init segment is not H.264' };
  const avcC = inside(bytes, { start: entry.start + visualEntryBytes, end: entry.end }, ['avcC']);
  const nalLengthBytes = avcC && parameterSets(bytes.subarray(avcC.start, avcC.end));
  if (nalLengthBytes === undefined) return { ok: false, why: 'avcC is empty: no SPS and PPS' };
  const timescaleAt = mdhd.start + (bytes[mdhd.start] === 1 ? 20 : 12);
  const timescale = timescaleAt + 4 <= mdhd.end ? bytes.readUInt32BE(timescaleAt) : 0;
  if (timescale === 0) return { ok: false, why: 'init segment with time scale 0' };
  const trex = inside(bytes, whole, ['moov', 'mvex', 'trex']);
  const defaultDuration = trex !== undefined && trex.start + 16 <= trex.end ? bytes.readUInt32BE(trex.start + 12) : 0;
  return { ok: true, track: { timescale, defaultDuration, nalLengthBytes } };
}

/** The length size when at least one SPS and one PPS are there, else undefined. */
function parameterSets(avcC: Buffer): number | undefined {
  if (avcC.length < 7) return undefined;
  const spsCount = avcC.readUInt8(5) & 31;
  let at = 6;
  for (let sps = 0; sps < spsCount; sps += 1) {
    if (at + 2 > avcC.length) return undefined;
    at += 2 + avcC.readUInt16BE(at);
  }
  const ppsCount = at < avcC.length ? avcC.readUInt8(at) : 0;
  return spsCount > 0 && ppsCount > 0 && at + 3 < avcC.length ? (avcC.readUInt8(4) & 3) + 1 : undefined;
}

/** `bytes` is a `moof` of `moofBytes` and the `mdat` behind it. Undefined when it holds no sample. */
export function readFragment(bytes: Buffer, moofBytes: number, track: Track): FragmentRead | undefined {
  const traf = inside(bytes, { start: 0, end: moofBytes }, ['moof', 'traf']);
  const tfhd = traf && inside(bytes, traf, ['tfhd']);
  if (traf === undefined || tfhd === undefined) return undefined;
  const fallback = tfhdDuration(bytes, tfhd) ?? track.defaultDuration;
  let samples = 0;
  let ticks = 0;
  for (const box of boxes(bytes, traf)) {
    if (box.type !== 'trun') continue;
    const run = readRun(bytes, box, fallback);
    if (run === undefined) return undefined;
    samples += run.samples;
    ticks += run.ticks;
  }
  if (samples === 0) return undefined;
  return {
    durationMs: (ticks * 1000) / track.timescale,
    samples,
    startsWithKey: firstSliceIsKey(bytes, moofBytes + 8, track.nalLengthBytes),
  };
}

function tfhdDuration(bytes: Buffer, tfhd: Span): number | undefined {
  const flags = flagsOf(bytes, tfhd);
  if ((flags & 0x8) === 0) return undefined;
  const at = tfhd.start + 8 + ((flags & 0x1) === 0 ? 0 : 8) + ((flags & 0x2) === 0 ? 0 : 4);
  return at + 4 <= tfhd.end ? bytes.readUInt32BE(at) : undefined;
}

function readRun(bytes: Buffer, trun: Span, fallback: number): { samples: number; ticks: number } | undefined {
  const flags = flagsOf(bytes, trun);
  const samples = trun.start + 8 <= trun.end ? bytes.readUInt32BE(trun.start + 4) : 0;
  if ((flags & 0x100) === 0) return { samples, ticks: samples * fallback };
  const first = trun.start + 8 + ((flags & 0x1) === 0 ? 0 : 4) + ((flags & 0x4) === 0 ? 0 : 4);
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length * 4;
  if (first + samples * perSample > trun.end) return undefined;
  let ticks = 0;
  for (let at = first, n = 0; n < samples; n += 1, at += perSample) ticks += bytes.readUInt32BE(at);
  return { samples, ticks };
}

/** Looks at NAL unit types (ISO 14496-10, 7.4.1) up to the first slice: 5 is one that needs nothing before it. */
function firstSliceIsKey(bytes: Buffer, start: number, nalLengthBytes: number): boolean {
  for (let at = start; at + nalLengthBytes < bytes.length; ) {
    const length = bytes.readUIntBE(at, nalLengthBytes);
    const kind = bytes.readUInt8(at + nalLengthBytes) & 31;
    if (kind >= 1 && kind <= 5) return kind === 5;
    at += nalLengthBytes + length;
  }
  return false;
}

/** Flags of a full box; 0 where it is too short to have any. */
const flagsOf = (bytes: Buffer, box: Span) => (box.start + 4 <= box.end ? bytes.readUInt32BE(box.start) & 0xffffff : 0);

/** The contents of the first box found by following `path`. */
function inside(bytes: Buffer, span: Span, path: readonly string[]): Span | undefined {
  let found: Span | undefined = span;
  for (const type of path) {
    const within: Span | undefined = found;
    if (within === undefined) return undefined;
    found = undefined;
    for (const box of boxes(bytes, within)) {
      if (box.type !== type) continue;
      found = box;
      break;
    }
  }
  return found;
}

function* boxes(bytes: Buffer, span: Span): Generator<Span & { readonly type: string }> {
  for (let at = span.start; at + 8 <= span.end; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > span.end) return;
    yield { type: bytes.toString('latin1', at + 4, at + 8), start: at + 8, end: at + size };
    at += size;
  }
}
