// Reads the compact trace. Strict: what is not exactly as docs/ref/trace.md says is refused, with the byte where it went wrong.
import {
  batchBytesMax,
  boxPixels,
  greySteps,
  longRun,
  magic,
  marks,
  pictureFlags,
  type TraceHead,
  tokens,
  trackFlags,
  version,
  wholeFlags,
  whys,
} from './format.ts';
import { needsNever, type SightedTrack, type TraceRule, traceRules } from './sight.ts';

/** A picture as the trace keeps it: boxes are rounded outwards to cells of 2x2 pixels, areas to about half a percent of the box. */
export interface TracedPicture {
  readonly is: 'picture';
  readonly monoMs: number;
  readonly warming: boolean;
  readonly whole: TraceRule;
  readonly bar: number;
  readonly noise: number;
  /** Of the watched area; kept only while the whole picture is held back. */
  readonly share: number | undefined;
  readonly tracks: readonly Readonly<SightedTrack>[];
  /** Tracks that found no room. None of them is easier to catch than those that did. */
  readonly leftOut: number;
}
export type TraceStep =
  | TracedPicture
  /** Nothing was in view in these pictures; `toMonoMs` is the last one's moment. */
  | { readonly is: 'idle'; readonly toMonoMs: number; readonly pictures: number }
  | { readonly is: 'break' };

export interface Trace {
  readonly head: TraceHead;
  readonly firstMonoMs: number;
  /** Of the first picture; null where no clock could be trusted. */
  readonly firstWallMs: number | null;
  readonly lastMonoMs: number;
  readonly pictures: number;
  readonly steps: readonly TraceStep[];
}
export type TraceRead = { readonly ok: true; readonly trace: Trace } | { readonly ok: false; readonly why: string };

class Refused extends Error {}

/** Never throws on what the bytes are. */
export function readTrace(bytes: Uint8Array): TraceRead {
  try {
    return { ok: true, trace: parse(reader(bytes)) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, why: error.message };
    throw error;
  }
}

type Reader = ReturnType<typeof reader>;

function reader(bytes: Uint8Array) {
  const place = { at: 0 };
  const refuse = (what: string): never => {
    throw new Refused(`${what} (at byte ${place.at} of ${bytes.length})`);
  };
  if (bytes.length > batchBytesMax) refuse(`a batch has at most ${batchBytesMax} bytes`);
  const byte = (): number => {
    const value = bytes[place.at];
    if (value === undefined) return refuse('cut short');
    place.at++;
    return value;
  };
  const varint = (max: number, what: string): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = byte();
      value += (next & 127) * scale;
      if (value > max) refuse(`${what} must be at most ${max}`);
      if (next < 128) {
        if (next === 0 && scale > 1) refuse(`${what} is written longer than needed`);
        return value;
      }
    }
  };
  const signed = (max: number, what: string): number => {
    const value = varint(2 * max, what);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const text = (bytesMax: number, what: string): string => {
    const length = varint(bytesMax, `length of ${what}`);
    if (place.at + length > bytes.length) refuse('cut short');
    const from = place.at;
    place.at += length;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, place.at));
    } catch {
      return refuse(`${what} is not UTF-8`);
    }
  };
  return { byte, varint, signed, text, refuse, isAtEnd: () => place.at === bytes.length };
}

const msMax = 2 ** 50;

function parse(read: Reader): Trace {
  for (const expected of magic) if (read.byte() !== expected) read.refuse('not a trace');
  const told = read.byte();
  if (told !== version) read.refuse(`version ${told} is not known, only ${version}`);
  const head: TraceHead = {
    boot: read.text(64, 'boot'),
    width: read.varint(4096, 'width'),
    height: read.varint(4096, 'height'),
    periodMs: read.varint(60_000, 'period'),
    sensitivity: read.varint(10, 'sensitivity'),
    minSize: read.varint(1e6, 'smallest size') / 1e6,
    quietMs: read.varint(600_000, 'quiet time'),
    zones: Array.from({ length: read.varint(16, 'number of zones') }, () => read.text(240, 'name of a zone')),
  };
  if (head.width < 1 || head.height < 1 || head.sensitivity < 1) read.refuse('size and sensitivity must not be 0');
  const firstMonoMs = read.varint(msMax, 'first moment');
  const wall = read.varint(msMax, 'wall time');
  const told0 = { head, firstMonoMs, firstWallMs: wall === 0 ? null : wall - 1 };
  return { ...told0, ...parseSteps(read, head, firstMonoMs) };
}

interface Progress {
  monoMs: number;
  pictures: number;
  bar: number;
  noise: number;
  /** By slot. */
  readonly tracks: Map<number, SightedTrack>;
}

function parseSteps(read: Reader, head: TraceHead, firstMonoMs: number) {
  const steps: TraceStep[] = [];
  const now: Progress = { monoMs: firstMonoMs - head.periodMs, pictures: 0, bar: -1, noise: -1, tracks: new Map() };
  for (;;) {
    const token = read.byte();
    if (token === marks.end) break;
    if (token === marks.broken) {
      now.tracks.clear();
      steps.push({ is: 'break' });
    } else if (token === tokens.model) {
      now.bar = read.byte() / greySteps;
      now.noise = read.byte() / greySteps;
    } else if ((token & 0xc0) === tokens.idle) steps.push(parseRun(read, token, head, now));
    else if ((token & 0xc0) === tokens.picture) steps.push(parsePicture(read, token, head, now));
    else read.refuse(`token 0x${token.toString(16)} is not known`);
  }
  const pictures = read.varint(msMax, 'number of pictures');
  if (pictures !== now.pictures) read.refuse(`${pictures} pictures are told, ${now.pictures} are there`);
  if (!read.isAtEnd()) read.refuse('something follows the end');
  return { steps, pictures, lastMonoMs: now.monoMs };
}

function parseRun(read: Reader, token: number, head: TraceHead, now: Progress): TraceStep {
  const short = token & 0x3f;
  if (short === 0) read.refuse('a run of no pictures');
  const pictures = short < longRun ? short : read.varint(1e9, 'length of a run');
  if (short === longRun && pictures < longRun) read.refuse('a short run written as a long one');
  const ms = pictures * head.periodMs + read.signed(msMax, 'time of a run');
  if (ms < 0) read.refuse('time runs backwards');
  now.monoMs += ms;
  now.pictures += pictures;
  return { is: 'idle', toMonoMs: now.monoMs, pictures };
}

function parsePicture(read: Reader, token: number, head: TraceHead, now: Progress): TracedPicture {
  if (now.bar < 0) read.refuse('a picture before the first note on the model');
  const gapMs = head.periodMs + read.signed(msMax, 'time of a picture');
  if (gapMs < 0) read.refuse('time runs backwards');
  now.monoMs += gapMs;
  now.pictures++;
  const whole = (token & pictureFlags.whole) === 0 ? 0 : read.byte();
  if ((whole & ~(wholeFlags.rule | wholeFlags.warming)) !== 0) read.refuse('unknown flags of a whole picture');
  const share = (token & pictureFlags.whole) === 0 ? undefined : (read.byte() / 255) ** 2;
  const leftOut = (token & pictureFlags.leftOut) === 0 ? 0 : read.varint(127, 'number left out');
  const tracks = Array.from({ length: token & pictureFlags.count }, () => parseTrack(read, head, now));
  if (new Set(tracks.map(({ slot }) => slot)).size !== tracks.length) read.refuse('a track stands twice in a picture');
  const { monoMs, bar, noise } = now;
  const rule = ruleOf(read, whole & wholeFlags.rule);
  const warming = (whole & wholeFlags.warming) !== 0;
  return { is: 'picture', monoMs, warming, whole: rule, bar, noise, share, tracks, leftOut };
}

function ruleOf(read: Reader, code: number): TraceRule {
  return traceRules[code] ?? read.refuse(`rule ${code} is not known`);
}

function parseTrack(read: Reader, head: TraceHead, now: Progress): SightedTrack {
  const flags = read.byte();
  const slot = flags & trackFlags.slot;
  const fresh = (flags & trackFlags.fresh) !== 0;
  const before = now.tracks.get(slot);
  if (!fresh && before === undefined) read.refuse(`track ${slot} goes on but never began`);
  const told = (flags & trackFlags.verdict) !== 0;
  const wide = (flags & trackFlags.wide) !== 0;
  if (fresh && !(told && wide)) read.refuse('a fresh track must come with its verdict and its whole box');
  const bornMs = fresh ? now.monoMs - read.varint(msMax, 'age') : (before?.bornMs ?? 0);
  const verdict = told ? parseVerdict(read) : before;
  if (verdict === undefined) return read.refuse('a track without a verdict');
  const box = wide ? wholeBox(read) : movedBox(read, before);
  const limits = [head.width, head.height, head.width, head.height];
  if (box.some((side, i) => side < 0 || side * boxPixels > (limits[i] ?? 0) + boxPixels))
    read.refuse('a box outside the picture');
  const [left = 0, top = 0, right = 0, bottom = 0] = box.map((side) => side * boxPixels);
  if (right <= left || bottom <= top) read.refuse('a box of nothing');
  const area = (read.byte() / 255) * (right - left) * (bottom - top);
  const { needs, rule, why, zoneBits } = verdict;
  const track = { slot, bornMs, left, top, right, bottom, area, contrast: read.byte(), needs, rule, why, zoneBits };
  now.tracks.set(slot, track);
  return track;
}

function parseVerdict(read: Reader): Pick<SightedTrack, 'needs' | 'rule' | 'why' | 'zoneBits'> {
  const verdict = read.byte();
  const needs = verdict >> 4;
  if (needs < 1 || needs > needsNever) read.refuse(`needs must be 1 to ${needsNever}, not ${needs}`);
  const whyZones = read.varint(2 ** 18 - 1, 'zones');
  if ((whyZones & 3) >= whys.length) read.refuse('proof 3 is not known');
  return { needs, rule: ruleOf(read, verdict & 15), why: whys[whyZones & 3], zoneBits: whyZones >> 2 };
}

const wholeBox = (read: Reader): number[] => [read.byte(), read.byte(), read.byte(), read.byte()];

function movedBox(read: Reader, before: SightedTrack | undefined): number[] {
  if (before === undefined) return read.refuse('a track moved that was not there');
  const [first, second] = [read.byte(), read.byte()];
  const steps = [first >> 4, first & 15, second >> 4, second & 15];
  const was = [before.left, before.top, before.right, before.bottom];
  return steps.map((step, side) => (was[side] ?? 0) / boxPixels + step - 8);
}
