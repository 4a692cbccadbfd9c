// What another sensitivity would have caught, asked of the trace: the same event machine over the verdicts that were kept.
//
// Exact, because no part of what the filter learns depends on the setting: which pictures count, so when events begin, end and join. Not in the trace: buttons,
// sounds, tamper, and zones' levels. Boxes are rounded outwards to 2 pixels, areas to half a percent of the box; of a crowd the tracks hardest to catch may be missing.
import type { Box } from '../../../protocol/details.ts';
import { type EventState, step, updateMs, watching } from '../events.ts';
import { type CellRange, cellsOf, joined } from './cells.ts';
import type { Trace, TracedPicture } from './decode.ts';
import { needsNever, type SightedTrack, type TraceRule, traceRules } from './sight.ts';

export interface WouldBe {
  readonly boot: string;
  readonly firstMonoMs: number;
  readonly lastMonoMs: number;
  /** Null where no clock could be trusted. */
  readonly firstWallMs: number | null;
  readonly lastWallMs: number | null;
  /** Lowest sensitivity at which anything of it would have been an event. */
  readonly needs: number;
  /** At the sensitivity that was set it was an event too, if perhaps a shorter one. */
  readonly caught: boolean;
  /** What held most of it back at the sensitivity that was set; `none` where it was not held back. */
  readonly rule: TraceRule;
  readonly cells: CellRange;
  readonly zones: readonly string[];
  readonly peakShare: number;
  readonly boxes: readonly Box[];
}

export interface Account {
  readonly events: readonly WouldBe[];
  readonly pictures: number;
  readonly accountedMs: number;
  /** Times of a boot that no batch tells of: a power cut, or records that are missing. */
  readonly gaps: readonly { readonly boot: string; readonly fromMonoMs: number; readonly toMonoMs: number }[];
  readonly crowded: number;
}

/** Pictures that are further apart than this stand for no account of the time in between. */
const gapMsMin = 10_000;
const boxesMax = 8;

interface Gathered {
  needs: number;
  caught: boolean;
  readonly rules: Map<TraceRule, number>;
  cells: CellRange | undefined;
  wall: { readonly monoMs: number; readonly wallMs: number } | undefined;
}

/** The batches of one node, in any order; one that is there twice counts once. */
export function wouldHave(traces: readonly Trace[], sensitivity: number): Account {
  const ordered = unique(traces);
  const boots = [...new Set(ordered.map(({ head }) => head.boot))];
  const runs = boots.map((boot) =>
    oneBoot(
      ordered.filter(({ head }) => head.boot === boot),
      sensitivity,
    ),
  );
  return {
    events: runs.flatMap(({ events }) => events),
    pictures: runs.reduce((sum, { pictures }) => sum + pictures, 0),
    accountedMs: runs.reduce((sum, { accountedMs }) => sum + accountedMs, 0),
    gaps: runs.flatMap(({ gaps }) => gaps),
    crowded: runs.reduce((sum, { crowded }) => sum + crowded, 0),
  };
}

function unique(traces: readonly Trace[]): Trace[] {
  const byName = new Map(traces.map((trace) => [`${trace.head.boot} ${trace.firstMonoMs}`, trace]));
  return [...byName.values()].sort((one, other) =>
    one.head.boot === other.head.boot ? one.firstMonoMs - other.firstMonoMs : one.head.boot < other.head.boot ? -1 : 1,
  );
}

function oneBoot(traces: readonly Trace[], sensitivity: number): Account {
  const events: WouldBe[] = [];
  const gaps: { boot: string; fromMonoMs: number; toMonoMs: number }[] = [];
  const tally = { pictures: 0, accountedMs: 0, crowded: 0, lastMs: -1 };
  let state: EventState = watching(traces[0]?.head.boot ?? '');
  let gathered = nothingYet();

  const advance = (seen: Parameters<typeof step>[1], trace: Trace, picture?: TracedPicture) => {
    const next = step(state, seen, { quietMs: trace.head.quietMs, updateMs });
    for (const action of next.actions) {
      if (action.do === 'close') events.push(toldEvent(action.event, gathered, trace));
      if (action.do === 'close' || action.do === 'open') gathered = nothingYet();
    }
    state = next.state;
    if (picture !== undefined && state.name === 'happening') gather(gathered, trace, picture, sensitivity);
  };

  for (const trace of traces) {
    if (tally.lastMs >= 0 && trace.firstMonoMs - tally.lastMs > gapMsMin) {
      gaps.push({ boot: trace.head.boot, fromMonoMs: tally.lastMs, toMonoMs: trace.firstMonoMs });
      advance({ is: 'break', monoMs: trace.firstMonoMs, why: 'camera-lost' }, trace);
    }
    tally.pictures += trace.pictures;
    tally.accountedMs += trace.lastMonoMs - trace.firstMonoMs;
    tally.lastMs = trace.lastMonoMs;
    let monoMs = trace.firstMonoMs;
    for (const seen of trace.steps) {
      if (seen.is === 'picture') {
        if (seen.leftOut > 0) tally.crowded++;
        advance(asSeen(seen, trace, sensitivity), trace, seen);
        monoMs = seen.monoMs;
      } else if (seen.is === 'idle') {
        advance({ is: 'tick', monoMs: seen.toMonoMs }, trace);
        monoMs = seen.toMonoMs;
      } else advance({ is: 'break', monoMs, why: 'camera-lost' }, trace);
    }
  }
  const last = traces.at(-1);
  if (last !== undefined) advance({ is: 'break', monoMs: last.lastMonoMs, why: 'stop' }, last);
  const { pictures, accountedMs, crowded } = tally;
  return { events, gaps, pictures, accountedMs, crowded };
}

const countsAt = (picture: TracedPicture, sensitivity: number) =>
  picture.warming || picture.whole !== 'none' ? [] : picture.tracks.filter(({ needs }) => needs <= sensitivity);

function asSeen(picture: TracedPicture, { head }: Trace, sensitivity: number): Parameters<typeof step>[1] {
  const { width, height } = head;
  const inView = countsAt(picture, sensitivity).sort((one, other) => other.area - one.area);
  const bits = inView.reduce((sum, { zoneBits }) => sum | zoneBits, 0);
  return {
    is: 'picture',
    monoMs: picture.monoMs,
    moving: inView.length > 0,
    sinceMonoMs: Math.min(picture.monoMs, ...inView.map(({ bornMs }) => bornMs)),
    share: inView.reduce((sum, { area }) => sum + area, 0) / (width * height),
    boxes: inView.slice(0, boxesMax).map((track) => boxOf(track, width, height)),
    zones: head.zones.filter((_, zone) => (bits >> zone) & 1),
    level: 'event',
    reason: '',
  };
}

function boxOf({ left, top, right, bottom }: SightedTrack, width: number, height: number): Box {
  return { x: left / width, y: top / height, w: (right - left) / width, h: (bottom - top) / height };
}

const nothingYet = (): Gathered => ({
  needs: needsNever,
  caught: false,
  rules: new Map(),
  cells: undefined,
  wall: undefined,
});

function gather(gathered: Gathered, trace: Trace, picture: TracedPicture, sensitivity: number): void {
  const { firstWallMs, firstMonoMs, head } = trace;
  if (firstWallMs !== null) gathered.wall = { monoMs: firstMonoMs, wallMs: firstWallMs };
  for (const track of countsAt(picture, sensitivity)) {
    gathered.needs = Math.min(gathered.needs, track.needs);
    gathered.caught ||= track.needs <= head.sensitivity;
    gathered.rules.set(track.rule, (gathered.rules.get(track.rule) ?? 0) + 1);
    const cells = cellsOf(track);
    gathered.cells = gathered.cells === undefined ? cells : joined(gathered.cells, cells);
  }
}

type Closed = Pick<WouldBe, 'firstMonoMs' | 'lastMonoMs' | 'zones' | 'peakShare' | 'boxes'>;

function toldEvent(event: Closed, { needs, caught, rules, cells, wall }: Gathered, { head }: Trace): WouldBe {
  const { firstMonoMs, lastMonoMs, zones, peakShare, boxes } = event;
  const wallOf = (monoMs: number) => (wall === undefined ? null : wall.wallMs + monoMs - wall.monoMs);
  const heldBy = traceRules
    .filter((rule) => rule !== 'none' && rules.has(rule))
    .sort((one, other) => (rules.get(other) ?? 0) - (rules.get(one) ?? 0));
  return {
    boot: head.boot,
    firstMonoMs,
    lastMonoMs,
    firstWallMs: wallOf(firstMonoMs),
    lastWallMs: wallOf(lastMonoMs),
    needs,
    caught,
    rule: caught ? 'none' : (heldBy[0] ?? 'none'),
    cells: cells ?? { left: 0, top: 0, right: 0, bottom: 0 },
    zones,
    peakShare,
    boxes,
  };
}
