// Which segments make the clips. A clip is a list of finished segments from preRollMs before its event to postRollMs after it;
// a segment may belong to several. Longer than clipMsMax, or with a new init segment, a clip goes on in a follow-on part.
//
//   open ──▶ [gathering, part 0] ── clipMsMax / new init ──▶ [gathering, part 1] … ── closed and covered ──▶ last part
import type { Level, SegmentRef } from '../../protocol/manifest.ts';
import type { Wanted } from './cut.ts';

/** A finished segment and the SHA-256 of the init segment it plays with. */
export interface Finished {
  readonly ref: SegmentRef;
  readonly init: string;
}

/** Why footage is wanted; it ends up in the clip record's `of`. */
export interface Want {
  readonly id: string;
  readonly why: 'event' | 'lookback' | 'command';
  readonly level: Level;
}

interface Window {
  readonly want: Want;
  readonly fromMonoMs: number;
  /** Infinity while the event goes on. */
  readonly toMonoMs: number;
  readonly part: number;
  readonly held: readonly Finished[];
  /** Footage of this part's time could not be kept. */
  readonly holed: boolean;
}

export interface ClipState {
  readonly windows: readonly Window[];
  /** Finished segments young enough to be somebody's pre-roll, oldest first. */
  readonly recent: readonly Finished[];
}

export interface ClipRules {
  readonly preRollMs: number;
  readonly postRollMs: number;
  readonly clipMsMax: number;
}

export type ClipSeen =
  | { readonly is: 'opened'; readonly want: Want; readonly firstMonoMs: number }
  | { readonly is: 'rose'; readonly id: string }
  | { readonly is: 'closed'; readonly id: string; readonly lastMonoMs: number }
  | { readonly is: 'segment'; readonly segment: Finished }
  /** Footage that the card did not take. */
  | { readonly is: 'lost'; readonly firstMonoMs: number; readonly durationMs: number }
  /** No footage will follow on this time line. `whole`: nothing is missing for it (a film ended, an orderly stop). */
  | { readonly is: 'break'; readonly whole: boolean };

export type ClipAction =
  | { readonly do: 'pin'; readonly segment: Finished; readonly level: Level; readonly why: Want['why'] }
  | {
      readonly do: 'clip';
      readonly want: Want;
      readonly part: number;
      readonly segments: readonly SegmentRef[];
      readonly init: string;
      readonly complete: boolean;
      readonly last: boolean;
    };

export interface ClipStep {
  readonly state: ClipState;
  readonly actions: readonly ClipAction[];
}

export const noClips: ClipState = { windows: [], recent: [] };

/** Segments are kept in mind this long beyond the pre-roll: the longest segment, and the time a decision may lag. */
const slackMs = 20_000;

export const endOf = (segment: Finished): number => segment.ref.firstMonoMs + segment.ref.durationMs;

/** `now` while an event goes on, `after` while only post-rolls run. */
export function wanted({ windows }: ClipState): Wanted {
  if (windows.length === 0) return 'not';
  return windows.some(({ toMonoMs }) => toMonoMs === Number.POSITIVE_INFINITY) ? 'now' : 'after';
}

/** When the last post-roll is over; undefined while an event goes on, and where nothing is wanted. */
export function wantedUntilMs(state: ClipState): number | undefined {
  return wanted(state) === 'after' ? Math.max(...state.windows.map(({ toMonoMs }) => toMonoMs)) : undefined;
}

/** As whose footage a segment of this time will be pinned as soon as it is finished, an alarm's before an event's. */
export function takenAs({ windows }: ClipState, firstMonoMs: number, endMonoMs: number): Level | undefined {
  const levels = windows.filter((window) => meets(window, firstMonoMs, endMonoMs)).map(({ want }) => want.level);
  return levels.includes('alarm') ? 'alarm' : levels[0];
}

const meets = ({ fromMonoMs, toMonoMs }: Window, firstMonoMs: number, endMonoMs: number): boolean =>
  firstMonoMs < toMonoMs && endMonoMs > fromMonoMs;

export function stepClips(state: ClipState, seen: ClipSeen, rules: ClipRules): ClipStep {
  switch (seen.is) {
    case 'opened':
      return opened(state, seen.want, seen.firstMonoMs, rules);
    case 'rose':
      return rose(state, seen.id);
    case 'closed':
      return settle(closed(state, seen.id, seen.lastMonoMs + rules.postRollMs), []);
    case 'segment':
      return segmentFinished(state, seen.segment, rules);
    case 'lost':
      return { state: lost(state, seen.firstMonoMs, seen.durationMs), actions: [] };
    case 'break':
      return {
        state: noClips,
        actions: state.windows.flatMap((window) => part(window, { complete: seen.whole, last: true })),
      };
  }
}

function opened(state: ClipState, want: Want, firstMonoMs: number, rules: ClipRules): ClipStep {
  const empty: Window = {
    want,
    fromMonoMs: firstMonoMs - rules.preRollMs,
    toMonoMs: Number.POSITIVE_INFINITY,
    part: 0,
    held: [],
    holed: false,
  };
  const actions: ClipAction[] = [];
  let window = empty;
  for (const segment of state.recent) {
    if (endOf(segment) <= empty.fromMonoMs) continue;
    const taken = take(window, segment, rules);
    window = taken.window;
    actions.push(...taken.actions);
  }
  return { state: { ...state, windows: [...state.windows, window] }, actions };
}

/** What was pinned as an event's footage becomes an alarm's: pinned again, one class higher. */
function rose(state: ClipState, id: string): ClipStep {
  const actions: ClipAction[] = [];
  const windows = state.windows.map((window) => {
    if (window.want.id !== id || window.want.level === 'alarm') return window;
    const want: Want = { ...window.want, level: 'alarm' };
    for (const segment of window.held) actions.push(pin(want, segment));
    return { ...window, want };
  });
  return { state: { ...state, windows }, actions };
}

function closed(state: ClipState, id: string, toMonoMs: number): ClipState {
  const windows = state.windows.map((window) => (window.want.id === id ? { ...window, toMonoMs } : window));
  return { ...state, windows };
}

function lost(state: ClipState, firstMonoMs: number, durationMs: number): ClipState {
  const windows = state.windows.map((window) => {
    const isApart = firstMonoMs >= window.toMonoMs || firstMonoMs + durationMs <= window.fromMonoMs;
    return isApart ? window : { ...window, holed: true };
  });
  return { ...state, windows };
}

function segmentFinished(state: ClipState, segment: Finished, rules: ClipRules): ClipStep {
  const actions: ClipAction[] = [];
  const windows = state.windows.map((window) => {
    if (!meets(window, segment.ref.firstMonoMs, endOf(segment))) return window;
    const taken = take(window, segment, rules);
    actions.push(...taken.actions);
    return taken.window;
  });
  const oldest = endOf(segment) - rules.preRollMs - slackMs;
  const recent = [...state.recent.filter((each) => endOf(each) > oldest), segment];
  return settle({ windows, recent }, actions);
}

/** Adds a segment to a window; where the part is full or the init segment another one, the part so far becomes a clip first. */
function take(window: Window, segment: Finished, rules: ClipRules): { window: Window; actions: ClipAction[] } {
  const first = window.held[0];
  const full = first !== undefined && endOf(segment) - first.ref.firstMonoMs > rules.clipMsMax;
  const other = first !== undefined && first.init !== segment.init;
  const actions = full || other ? part(window, { complete: true, last: false }) : [];
  const room = full || other ? { ...window, part: window.part + 1, held: [], holed: false } : window;
  return { window: { ...room, held: [...room.held, segment] }, actions: [...actions, pin(window.want, segment)] };
}

/** Windows whose time is over and whose footage is all here become clips. */
function settle(state: ClipState, before: readonly ClipAction[]): ClipStep {
  const newest = state.recent.at(-1);
  const covered = (window: Window) => newest !== undefined && endOf(newest) >= window.toMonoMs;
  const done = state.windows.filter(covered);
  return {
    state: { ...state, windows: state.windows.filter((window) => !covered(window)) },
    actions: [...before, ...done.flatMap((window) => part(window, { complete: true, last: true }))],
  };
}

function pin(want: Want, segment: Finished): ClipAction {
  return { do: 'pin', segment, level: want.level, why: want.why };
}

function part(window: Window, { complete, last }: { complete: boolean; last: boolean }): ClipAction[] {
  const [first] = window.held;
  if (first === undefined) return [];
  const segments = window.held.map((segment) => segment.ref);
  return [
    {
      do: 'clip',
      want: window.want,
      part: window.part,
      segments,
      init: first.init,
      complete: complete && !window.holed,
      last,
    },
  ];
}
