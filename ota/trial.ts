// The life of a release on a node, as a pure machine. The launcher stores each new state durably before it acts on it, so a power cut anywhere ends in `boot` here.

/** Three starts that never pass the self-test, and the old release comes back. */
export const startsMax = 3;

export interface Back {
  readonly release: string;
  /** One reason for each failed start. */
  readonly whys: readonly string[];
}

/** `null` is "no release": before the first one. `older` is what `previous` named before the switch, to be restored on the way back. */
export type Launch =
  | { readonly name: 'steady'; readonly release: string | null; readonly previous: string | null; readonly back?: Back }
  | { readonly name: 'switching'; readonly to: string; readonly from: string | null; readonly older: string | null }
  | {
      readonly name: 'trial';
      readonly release: string;
      readonly before: string | null;
      readonly older: string | null;
      /** Counted before each start, so that one cut short counts too. */
      readonly starts: number;
      readonly whys: readonly string[];
    }
  | { readonly name: 'returning'; readonly back: Back; readonly to: string | null; readonly older: string | null };

export type LaunchSeen =
  /** The launcher has started and may have been cut short before. */
  | { readonly is: 'boot' }
  /** A release lies complete and verified in `releases/`. */
  | { readonly is: 'offered'; readonly release: string }
  | { readonly is: 'pointed' }
  | { readonly is: 'passed' }
  | { readonly is: 'failed'; readonly why: string };

/** Each may be done again after a cut without harm. */
export type LaunchStep =
  | { readonly do: 'point'; readonly current: string | null; readonly previous: string | null }
  | { readonly do: 'try'; readonly release: string }
  /** Every other release folder goes. */
  | { readonly do: 'keep'; readonly releases: readonly string[] };

type Next = { readonly state: Launch; readonly steps: readonly LaunchStep[] };

/**
 * ```
 *            offered              pointed            passed
 *   steady ──────────▶ switching ─────────▶ trial ──────────▶ steady (new)
 *     ▲                                     │   ▲
 *     │                     failed, or boot │   │ starts < startsMax: once more
 *     │                                     ├───┘
 *     │ pointed                             ▼ startsMax reached
 *   steady (old, with the reasons) ◀── returning
 * ```
 * What does not fit the state changes nothing; `boot` does the state's own steps again.
 */
export function step(state: Launch, seen: LaunchSeen): Next {
  switch (state.name) {
    case 'steady':
      if (seen.is === 'boot') return { state, steps: [keep(state.release, state.previous)] };
      return seen.is === 'offered' && seen.release !== state.release
        ? offer(state, seen.release)
        : { state, steps: [] };
    case 'switching':
      if (seen.is === 'boot') return { state, steps: [{ do: 'point', current: state.to, previous: state.from }] };
      return seen.is === 'pointed' ? start(state) : { state, steps: [] };
    case 'trial':
      if (seen.is === 'passed') return settle(state.release, state.before);
      if (seen.is === 'failed') return again(state, seen.why);
      return seen.is === 'boot' ? again(state, 'cut short: power or a crash') : { state, steps: [] };
    case 'returning':
      if (seen.is === 'boot') return { state, steps: [{ do: 'point', current: state.to, previous: state.older }] };
      return seen.is === 'pointed' ? settle(state.to, state.older, state.back) : { state, steps: [] };
  }
}

function offer(state: Launch & { name: 'steady' }, release: string): Next {
  return {
    state: { name: 'switching', to: release, from: state.release, older: state.previous },
    steps: [{ do: 'point', current: release, previous: state.release }],
  };
}

function start(state: Launch & { name: 'switching' }): Next {
  const { to: release, from: before, older } = state;
  return { state: { name: 'trial', release, before, older, starts: 1, whys: [] }, steps: [{ do: 'try', release }] };
}

function again(state: Launch & { name: 'trial' }, why: string): Next {
  const whys = [...state.whys, why];
  if (state.starts < startsMax) {
    return { state: { ...state, starts: state.starts + 1, whys }, steps: [{ do: 'try', release: state.release }] };
  }
  return {
    state: { name: 'returning', back: { release: state.release, whys }, to: state.before, older: state.older },
    steps: [{ do: 'point', current: state.before, previous: state.older }],
  };
}

function settle(release: string | null, previous: string | null, back?: Back): Next {
  const state: Launch = { name: 'steady', release, previous, ...(back === undefined ? {} : { back }) };
  return { state, steps: [keep(release, previous)] };
}

const keep = (...releases: (string | null)[]): LaunchStep => ({
  do: 'keep',
  releases: releases.filter((one) => one !== null),
});
