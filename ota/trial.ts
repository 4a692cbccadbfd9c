// The life of a release on a node, as a pure machine. The launcher stores each new state durably before it acts on it, so a power cut anywhere ends in `boot` here.

/** Three starts that never pass the self-test, and the old release comes back. */
export const startsMax = 3;
/** So long the hub may be there, and taking, without having what the new release wrote at its start. Time without the hub does not count. */
export const unprovenMsMax = 600_000;

export interface Back {
  readonly release: string;
  /** One reason for each failed start, or the one reason for which it was taken back later. */
  readonly whys: readonly string[];
  /** The last lines that its programs wrote. */
  readonly log?: string;
}

/** What a trial must not forget. `null` is "no release": before the first one. */
interface OnTrial {
  readonly release: string;
  readonly before: string | null;
  /** What `previous` named before the switch, to be restored on the way back. */
  readonly older: string | null;
  /** Of the starts that failed. */
  readonly whys: readonly string[];
  /** How long the hub has been there without its boot record. */
  readonly heardMs: number;
}

export type Launch =
  | { readonly name: 'steady'; readonly release: string | null; readonly previous: string | null; readonly back?: Back }
  | { readonly name: 'switching'; readonly to: string; readonly from: string | null; readonly older: string | null }
  /** A start is under way. It is counted before it is made, so that one cut short counts too. */
  | (OnTrial & { readonly name: 'trial'; readonly starts: number })
  /** The self-test was passed; the hub has not said yet that it has the boot record. */
  | (OnTrial & { readonly name: 'proving' })
  | { readonly name: 'returning'; readonly back: Back; readonly to: string | null; readonly older: string | null };

export type LaunchSeen =
  /** The launcher has started and may have been cut short before. */
  | { readonly is: 'boot' }
  /** After a boot, where what a release runs on stands. */
  | { readonly is: 'up' }
  /** A release lies complete and verified in `releases/`. */
  | { readonly is: 'offered'; readonly release: string }
  | { readonly is: 'pointed' }
  | { readonly is: 'passed' }
  | { readonly is: 'failed'; readonly why: string; readonly log?: string }
  /** The hub has signed for the new release's own boot record. */
  | { readonly is: 'receipt' }
  /** The hub itself has answered, takes records, and does not have it; so long since it was asked before. */
  | { readonly is: 'hub-there'; readonly ms: number; readonly log?: string };

/** Each may be done again after a cut without harm. */
export type LaunchStep =
  | { readonly do: 'point'; readonly current: string | null; readonly previous: string | null }
  /** `afresh`: what runs of it has failed already, and is started anew. */
  | { readonly do: 'try'; readonly release: string; readonly afresh: boolean }
  /** What runs, runs from the release that `current` names now. */
  | { readonly do: 'restart' }
  /** Every other release folder goes. */
  | { readonly do: 'keep'; readonly releases: readonly string[] };

type Next = { readonly state: Launch; readonly steps: readonly LaunchStep[] };

/**
 * ```
 *            offered              pointed           passed              receipt
 *   steady ──────────▶ switching ─────────▶ trial ──────────▶ proving ──────────▶ steady (new)
 *     ▲                    ▲                │  ▲ ▲               │ │ │
 *     │                    │ failed, or cut │  │ └───────────────┘ │ │
 *     │                    │                │  │       boot        │ │
 *     │                    │                ├──┘ starts < startsMax│ │
 *     │                    └────────────────┼──────────────────────┘ │
 *     │ pointed                   startsMax ▼         offered        │ the hub there for unprovenMsMax,
 *   steady (old, with the reasons) ◀── returning ◀───────────────────┘ or the old one offered by hand
 * ```
 * What does not fit the state changes nothing; `boot` does the state's own steps again. Once steady, nothing takes a release back by itself.
 */
export function step(state: Launch, seen: LaunchSeen): Next {
  switch (state.name) {
    case 'steady':
      if (seen.is === 'boot') return { state, steps: [keep(state.release, state.previous)] };
      return seen.is === 'offered' && seen.release !== state.release
        ? offer(seen.release, state.release, state.previous)
        : stay(state);
    case 'switching':
      if (seen.is === 'boot') return { state, steps: [{ do: 'point', current: state.to, previous: state.from }] };
      return seen.is === 'pointed' ? start(state) : stay(state);
    case 'trial':
      if (seen.is === 'up') return { state, steps: [{ do: 'try', release: state.release, afresh: false }] };
      if (seen.is === 'passed') return pass(state);
      if (seen.is === 'failed') return again(state, seen.why, seen.log);
      return seen.is === 'boot' ? again(state, 'cut short: power or a crash') : stay(state);
    case 'proving':
      return prove(state, seen);
    case 'returning':
      if (seen.is === 'boot') return { state, steps: wayBack(state.to, state.older) };
      return seen.is === 'pointed' ? settle(state.to, state.older, state.back) : stay(state);
  }
}

function offer(to: string, from: string | null, older: string | null): Next {
  return {
    state: { name: 'switching', to, from, older },
    steps: [{ do: 'point', current: to, previous: from }],
  };
}

function start({ to: release, from: before, older }: Launch & { name: 'switching' }): Next {
  return {
    state: { name: 'trial', release, before, older, starts: 1, whys: [], heardMs: 0 },
    steps: [{ do: 'try', release, afresh: false }],
  };
}

function again(state: Launch & { name: 'trial' }, why: string, log?: string): Next {
  const whys = [...state.whys, why];
  if (state.starts >= startsMax) return goBack(state, whys, log);
  return {
    state: { ...state, starts: state.starts + 1, whys },
    steps: [{ do: 'try', release: state.release, afresh: true }],
  };
}

/** The first release of all has no other to give way to: the hub's word would decide nothing. */
function pass({ release, before, older, whys, heardMs }: Launch & { name: 'trial' }): Next {
  if (before === null) return settle(release, null);
  return { state: { name: 'proving', release, before, older, whys, heardMs }, steps: [] };
}

function prove(state: Launch & { name: 'proving' }, seen: LaunchSeen): Next {
  const { release, before, older, whys, heardMs } = state;
  switch (seen.is) {
    case 'receipt':
      return settle(release, before);
    case 'hub-there': {
      const heard = heardMs + seen.ms;
      if (heard < unprovenMsMax) return { state: { ...state, heardMs: heard }, steps: [] };
      const minutes = Math.round(unprovenMsMax / 60_000);
      return goBack(state, [`the hub was there for ${minutes} minutes and never had its boot record`], seen.log);
    }
    case 'boot':
      // The one before this start has passed: it does not count.
      return {
        state: { name: 'trial', release, before, older, starts: whys.length + 1, whys, heardMs },
        steps: [{ do: 'try', release, afresh: false }],
      };
    case 'offered':
      if (seen.release === release) return stay(state);
      // The way back leads to what was proven last.
      return seen.release === before
        ? goBack(state, ['taken back by hand before it was proven'])
        : offer(seen.release, before, older);
    default:
      return stay(state);
  }
}

function goBack({ release, before, older }: OnTrial, whys: readonly string[], log?: string): Next {
  const back: Back = { release, whys, ...(log === undefined || log === '' ? {} : { log }) };
  return { state: { name: 'returning', back, to: before, older }, steps: wayBack(before, older) };
}

/** The restart comes before the state that says it is over: a launcher that dies in between does both again. */
const wayBack = (current: string | null, previous: string | null): LaunchStep[] => [
  { do: 'point', current, previous },
  { do: 'restart' },
];

function settle(release: string | null, previous: string | null, back?: Back): Next {
  const state: Launch = { name: 'steady', release, previous, ...(back === undefined ? {} : { back }) };
  return { state, steps: [keep(release, previous)] };
}

const stay = (state: Launch): Next => ({ state, steps: [] });
const keep = (...releases: (string | null)[]): LaunchStep => ({
  do: 'keep',
  releases: releases.filter((one) => one !== null),
});
