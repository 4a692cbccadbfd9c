// Why an event was one: gathered while it goes on, bounded whatever its length, by thinning out in time.
//
//   every picture ─▶ the last few are remembered ─ begin ─▶ lives, shares, cells, thresholds ─ end ─▶ EventTrace
import type { EventTrace } from '../../../protocol/details.ts';
import { cellRuns } from './cell-runs.ts';
import { cellPixels, cellsName } from './cells.ts';
import { createHeld, type HeldGroup } from './held.ts';
import { createLives, type Life } from './lives.ts';
import { createPictureSight, type PictureSight } from './sight.ts';

/** What the trace tells of the rules that were in force. */
export interface TraceRules {
  readonly width: number;
  readonly height: number;
  readonly sensitivity: number;
  /** Smallest subject at this sensitivity, as a part of the picture. */
  readonly minSize: number;
  readonly minMs: number;
}

export interface EventTracer {
  /** Each analysed picture, event or not. */
  see(sight: PictureSight): void;
  /** `firstMonoMs` is when its subject was first seen: up to 20 pictures ago. */
  begin(id: string, firstMonoMs: number): void;
  /** Undefined where none was begun. */
  end(): EventTrace | undefined;
}

/** A subject is proven after 2 to 4 pictures, at 10 a second and with a long `minMs` later. */
const rememberedPictures = 20;
const tracksInSight = 32;
const tracksTold = 12;
const heldTold = 16;
const sharesMax = 120;

interface Open {
  readonly id: string;
  readonly firstMonoMs: number;
  readonly subjects: Life[];
  readonly cells: Uint8Array;
  readonly shares: [ms: number, share: number][];
  every: number;
  pictures: number;
  readonly bar: { least: number; most: number };
  readonly noise: { least: number; most: number };
  readonly held: ReturnType<typeof createHeld>;
  readonly lives: ReturnType<typeof createLives>;
}

export function createEventTracer(rules: TraceRules): EventTracer {
  const { width, height } = rules;
  const wide = Math.ceil(width / cellPixels);
  const cellCount = wide * Math.ceil(height / cellPixels);
  const remembered = Array.from({ length: rememberedPictures }, () => createPictureSight(tracksInSight));
  const state = { next: 0, count: 0, open: undefined as Open | undefined };

  function remember(sight: PictureSight): void {
    const kept = remembered[state.next];
    if (kept === undefined) return;
    state.next = (state.next + 1) % rememberedPictures;
    state.count = Math.min(rememberedPictures, state.count + 1);
    kept.monoMs = sight.monoMs;
    kept.warming = sight.warming;
    kept.whole = sight.whole;
    kept.bar = sight.bar;
    kept.noise = sight.noise;
    kept.share = sight.share;
    kept.count = Math.min(sight.count, tracksInSight);
    for (let i = 0; i < kept.count; i++) {
      const [from, to] = [sight.tracks[i], kept.tracks[i]];
      if (from !== undefined && to !== undefined) Object.assign(to, from);
    }
  }

  function gather(open: Open, sight: PictureSight): void {
    if (sight.warming) return;
    open.lives.see(sight);
    const { bar, noise } = sight;
    open.bar.least = Math.min(open.bar.least, bar);
    open.bar.most = Math.max(open.bar.most, bar);
    open.noise.least = Math.min(open.noise.least, noise);
    open.noise.most = Math.max(open.noise.most, noise);
    let area = 0;
    for (let i = 0; i < sight.count; i++) {
      const track = sight.tracks[i];
      if (track === undefined || track.rule !== 'none') continue;
      area += track.area;
      for (let y = track.top; y < track.bottom; y += 2)
        for (let x = track.left; x < track.right; x += 2)
          open.cells[Math.floor(y / cellPixels) * wide + Math.floor(x / cellPixels)] = 1;
    }
    if (open.pictures % open.every === 0) addShare(open, sight.monoMs - open.firstMonoMs, area / (width * height));
    open.pictures++;
  }

  function begin(id: string, firstMonoMs: number): void {
    const held = createHeld();
    const subjects: Life[] = [];
    const open: Open = {
      id,
      firstMonoMs,
      subjects,
      cells: new Uint8Array(cellCount),
      shares: [],
      every: 1,
      pictures: 0,
      bar: { least: 255, most: 0 },
      noise: { least: 255, most: 0 },
      held,
      lives: createLives((life) => (life.counted > 0 ? keepLongest(subjects, life) : held.add(life))),
    };
    state.open = open;
    for (let ago = state.count; ago > 0; ago--) {
      const past = remembered[(state.next - ago + rememberedPictures) % rememberedPictures];
      if (past !== undefined && past.monoMs >= firstMonoMs) gather(open, past);
    }
  }

  function end(): EventTrace | undefined {
    const { open } = state;
    if (open === undefined) return undefined;
    state.open = undefined;
    open.lives.flush();
    const { subjects, firstMonoMs, pictures } = open;
    return {
      event: open.id,
      width,
      height,
      pictures,
      thresholds: {
        sensitivity: rules.sensitivity,
        minSize: rules.minSize,
        minMs: rules.minMs,
        bar: pictures === 0 ? { least: 0, most: 0 } : bounds(open.bar),
        noise: pictures === 0 ? { least: 0, most: 0 } : bounds(open.noise),
      },
      shares: open.shares,
      cells: cellRuns(open.cells, wide).map(cellsName),
      tracks: subjects
        .sort((one, other) => one.firstMs - other.firstMs)
        .map((life) => toldLife(life, firstMonoMs, rules)),
      held: open.held
        .groups()
        .slice(0, heldTold)
        .map((group) => toldGroup(group, firstMonoMs)),
    };
  }

  return {
    see: (sight) => {
      remember(sight);
      if (state.open !== undefined) gather(state.open, sight);
    },
    begin,
    end,
  };
}

function addShare(open: Open, ms: number, share: number): void {
  if (open.shares.length >= sharesMax) {
    const kept = open.shares.filter((_, i) => i % 2 === 0);
    open.shares.splice(0, open.shares.length, ...kept);
    open.every *= 2;
  }
  open.shares.push([Math.round(ms), digits(share, 4)]);
}

/** A busy square sees hundreds; those that were there longest tell most. */
function keepLongest(subjects: Life[], life: Life): void {
  subjects.push(life);
  if (subjects.length <= tracksTold) return;
  const shortest = subjects.reduce((least, each) => (each.counted < least.counted ? each : least));
  subjects.splice(subjects.indexOf(shortest), 1);
}

function toldLife(life: Life, firstMonoMs: number, { width, height }: TraceRules): EventTrace['tracks'][number] {
  const part = (value: number, of: number) => digits(value / of, 3);
  return {
    fromMs: Math.round(life.bornMs - firstMonoMs),
    toMs: Math.round(life.lastMs - firstMonoMs),
    proof: life.why ?? null,
    needs: life.needs,
    peakShare: digits(life.peakArea / (width * height), 4),
    contrast: Math.round(life.contrast),
    way: life.way.points.map(({ monoMs, box: [left, top, right, bottom] }) => [
      Math.round(monoMs - firstMonoMs),
      part(left, width),
      part(top, height),
      part(right - left, width),
      part(bottom - top, height),
    ]),
  };
}

export function toldGroup(group: HeldGroup, firstMonoMs: number): EventTrace['held'][number] {
  return {
    rule: group.rule,
    times: group.times,
    pictures: group.pictures,
    cells: group.cells === undefined ? null : cellsName(group.cells),
    fromMs: Math.round(group.firstMs - firstMonoMs),
    toMs: Math.round(group.lastMs - firstMonoMs),
    needs: group.needs,
  };
}

const bounds = ({ least, most }: { least: number; most: number }) => ({
  least: digits(least, 2),
  most: digits(most, 2),
});

function digits(value: number, count: number): number {
  const scale = 10 ** count;
  return Math.round(value * scale) / scale;
}
