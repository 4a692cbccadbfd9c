// Writes the compact trace: one batch at a time, into a buffer made once. Nothing is allocated per picture.
//
//   add ─▶ idle? one more in the run · else: the run, what changed of the model, the picture
//   take ─▶ head + tokens + end, and begins the next batch
import {
  ageMsMax,
  batchBytesMax,
  boxPixels,
  gapMsMax,
  greySteps,
  longRun,
  magic,
  marks,
  pictureBytesMax,
  pictureFlags,
  type TraceHead,
  tokens,
  trackBytesMax,
  trackFlags,
  tracksInPictureMax,
  version,
  wholeFlags,
  whys,
} from './format.ts';
import { type PictureSight, type SightedTrack, traceRules } from './sight.ts';

export interface TraceEncoder {
  /** The next picture in time. Throws when the batch `isFull`. */
  add(sight: PictureSight): void;
  /** The time line is broken before the next picture: the camera was lost, a film begins again. */
  breakOff(): void;
  /** No further picture is sure to fit. */
  isFull(): boolean;
  /** Pictures since the last `take`, and when the first of them was; -1 when there is none. */
  pictures(): number;
  firstMonoMs(): number;
  /** The batch, its own bytes. `wallMs` of the first picture, or null. Undefined where no picture came. */
  take(wallMs: number | null): Uint8Array | undefined;
}

/** What may stand before a picture, a break and a run, and behind the last one, a run and the end. */
const beforeBytesMax = 16;
const endBytesMax = 48;
const slotsMax = 32;
/** Per slot: left, top, right, bottom in cells. */
const perBox = 4;
const sides = [0, 1, 2, 3] as const;

export function createTraceEncoder(head: TraceHead): TraceEncoder {
  const headBytes = encodeHead(head);
  const room = batchBytesMax - headBytes.length - endBytesMax;
  const out = new Uint8Array(batchBytesMax);
  // Numbers that change with every picture live in fields: a captured variable would be a new heap number each time.
  const at = {
    byte: 0,
    lastMs: 0,
    firstMs: -1,
    pictures: 0,
    run: 0,
    runMs: 0,
    bar: -1,
    noise: -1,
    broken: false,
  };
  const born = new Float64Array(slotsMax);
  const verdicts = new Int32Array(slotsMax);
  const zones = new Int32Array(slotsMax);
  const boxes = new Uint8Array(slotsMax * perBox);
  const box = new Uint8Array(perBox);
  const taken = new Uint8Array(slotsMax);

  const byte = (value: number): void => {
    out[at.byte++] = value;
  };
  const varint = (value: number): void => {
    let left = value;
    while (left > 127) {
      byte((left % 128) | 128);
      left = Math.floor(left / 128);
    }
    byte(left);
  };
  const signed = (value: number): void => varint(value < 0 ? -2 * value - 1 : 2 * value);

  function clear(): void {
    at.byte = 0;
    at.firstMs = -1;
    at.pictures = 0;
    at.run = 0;
    at.runMs = 0;
    at.bar = -1;
    at.noise = -1;
    at.broken = false;
    born.fill(-1);
  }

  function add(sight: PictureSight): void {
    if (isFull()) throw new Error('the batch is full: take it before the next picture');
    const monoMs = Math.round(sight.monoMs);
    if (at.firstMs < 0) {
      at.firstMs = monoMs;
      at.lastMs = monoMs - head.periodMs;
    }
    const gapMs = Math.max(0, Math.min(gapMsMax, monoMs - at.lastMs));
    at.pictures++;
    at.broken = false;
    if (sight.count === 0 && !sight.warming && sight.whole === 'none') {
      at.run++;
      at.runMs += gapMs;
    } else {
      endRun();
      model(sight);
      picture(sight, gapMs);
    }
    at.lastMs += gapMs;
  }

  function endRun(): void {
    if (at.run === 0) return;
    byte(tokens.idle | Math.min(at.run, longRun));
    if (at.run >= longRun) varint(at.run);
    signed(at.runMs - at.run * head.periodMs);
    at.run = 0;
    at.runMs = 0;
  }

  /** Told with the first picture that has something in it, and when it has changed by half a grey level. */
  function model({ bar, noise }: PictureSight): void {
    const barNow = quarters(bar);
    const noiseNow = quarters(noise);
    if (at.bar >= 0 && Math.abs(barNow - at.bar) < 2 && Math.abs(noiseNow - at.noise) < 2) return;
    at.bar = barNow;
    at.noise = noiseNow;
    byte(tokens.model);
    byte(barNow);
    byte(noiseNow);
  }

  function picture(sight: PictureSight, gapMs: number): void {
    const whole = sight.warming || sight.whole !== 'none';
    const first = at.byte;
    byte(0);
    signed(gapMs - head.periodMs);
    if (whole) {
      byte(traceRules.indexOf(sight.whole) | (sight.warming ? wholeFlags.warming : 0));
      byte(Math.round(255 * Math.sqrt(Math.max(0, Math.min(1, sight.share)))));
    }
    const countAt = at.byte;
    // One byte is held back for how many were left out; whether it is used turns out at the end.
    byte(0);
    const count = tracks(sight, first + pictureBytesMax - 3);
    const leftOut = Math.min(127, sight.count - count);
    out[first] = tokens.picture | count | (leftOut > 0 ? pictureFlags.leftOut : 0) | (whole ? pictureFlags.whole : 0);
    if (leftOut > 0) out[countAt] = leftOut;
    else {
      out.copyWithin(countAt, countAt + 1, at.byte);
      at.byte--;
    }
  }

  /** The easiest to catch first, so that what would count at any sensitivity is always among those that fit. */
  function tracks(sight: PictureSight, endMax: number): number {
    taken.fill(0);
    let count = 0;
    while (count < tracksInPictureMax && at.byte + trackBytesMax <= endMax) {
      let best = -1;
      for (let i = 0; i < sight.count; i++)
        if (taken[i] === 0 && (best < 0 || isEasier(sight.tracks[i], sight.tracks[best]))) best = i;
      const next = sight.tracks[best];
      if (next === undefined) break;
      taken[best] = 1;
      track(next, sight.monoMs);
      count++;
    }
    return count;
  }

  function track(seen: SightedTrack, monoMs: number): void {
    const { slot } = seen;
    const fresh = born[slot] !== seen.bornMs;
    const verdict = (seen.needs << 4) | traceRules.indexOf(seen.rule);
    const whyZones = (seen.zoneBits << 2) | whys.indexOf(seen.why);
    const told = fresh || verdicts[slot] !== verdict || zones[slot] !== whyZones;
    box[0] = Math.floor(seen.left / boxPixels);
    box[1] = Math.floor(seen.top / boxPixels);
    box[2] = Math.ceil(seen.right / boxPixels);
    box[3] = Math.ceil(seen.bottom / boxPixels);
    const wide = fresh || !isNear(slot);
    byte(slot | (fresh ? trackFlags.fresh : 0) | (told ? trackFlags.verdict : 0) | (wide ? trackFlags.wide : 0));
    if (fresh) varint(Math.max(0, Math.min(ageMsMax, Math.round(monoMs) - Math.round(seen.bornMs))));
    if (told) {
      byte(verdict);
      varint(whyZones);
    }
    if (wide) for (const side of sides) byte(box[side] ?? 0);
    else for (const side of [0, 2]) byte(((step(slot, side) + 8) << 4) | (step(slot, side + 1) + 8));
    const cells = Math.max(1, ((box[2] ?? 0) - (box[0] ?? 0)) * ((box[3] ?? 0) - (box[1] ?? 0)));
    byte(Math.max(1, Math.min(255, Math.round((255 * seen.area) / (cells * boxPixels * boxPixels)))));
    byte(Math.max(0, Math.min(255, Math.round(seen.contrast))));
    born[slot] = seen.bornMs;
    verdicts[slot] = verdict;
    zones[slot] = whyZones;
    boxes.set(box, slot * perBox);
  }

  const step = (slot: number, side: number): number => (box[side] ?? 0) - (boxes[slot * perBox + side] ?? 0);
  function isNear(slot: number): boolean {
    for (const side of sides) if (step(slot, side) < -8 || step(slot, side) > 7) return false;
    return true;
  }

  const isFull = (): boolean => at.byte + beforeBytesMax + pictureBytesMax > room;

  function take(wallMs: number | null): Uint8Array | undefined {
    if (at.pictures === 0) return undefined;
    endRun();
    byte(marks.end);
    varint(at.pictures);
    const body = out.slice(0, at.byte);
    at.byte = 0;
    varint(at.firstMs);
    varint(wallMs === null ? 0 : Math.round(wallMs) + 1);
    const times = out.slice(0, at.byte);
    clear();
    return joinBytes([headBytes, times, body]);
  }

  clear();
  return {
    add,
    breakOff: () => {
      if (at.pictures === 0 || at.broken) return;
      endRun();
      byte(marks.broken);
      at.broken = true;
      born.fill(-1);
    },
    isFull,
    pictures: () => at.pictures,
    firstMonoMs: () => at.firstMs,
    take,
  };
}

const quarters = (grey: number): number => Math.max(0, Math.min(255, Math.round(greySteps * grey)));

function isEasier(one: SightedTrack | undefined, other: SightedTrack | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.needs < other.needs || (one.needs === other.needs && one.area > other.area);
}

function encodeHead(head: TraceHead): Uint8Array {
  const bytes: number[] = [...magic, version];
  const varint = (value: number): void => {
    let left = value;
    for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
    bytes.push(left);
  };
  const text = (words: string): void => {
    const encoded = new TextEncoder().encode(words);
    varint(encoded.length);
    bytes.push(...encoded);
  };
  text(head.boot);
  varint(head.width);
  varint(head.height);
  varint(head.periodMs);
  varint(head.sensitivity);
  varint(Math.round(head.minSize * 1e6));
  varint(head.quietMs);
  varint(head.zones.length);
  for (const zone of head.zones) text(zone);
  return Uint8Array.from(bytes);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
