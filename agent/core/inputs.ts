// One input contact: when it triggers, and when it is broken. A broken contact is one fault, not ten thousand events.

export interface InputRules {
  /** More edges than this within a second is a loose wire. */
  readonly edgesPerSecondMax: number;
  /** Active for longer than this is a button wedged or a wire shorted. */
  readonly activeMsMax: number;
  /** After chatter, this long without an edge and the contact is trusted again. */
  readonly calmMs: number;
}
export const inputRules: InputRules = { edgesPerSecondMax: 10, activeMsMax: 600_000, calmMs: 10_000 };

export type InputSeen =
  | { readonly is: 'edge'; readonly active: boolean; readonly monoMs: number }
  /** Time passes; ask at least once a second. */
  | { readonly is: 'tick'; readonly monoMs: number };

export type Input =
  | { readonly name: 'open'; readonly edgesMonoMs: readonly number[] }
  | { readonly name: 'active'; readonly sinceMonoMs: number; readonly edgesMonoMs: readonly number[] }
  | { readonly name: 'held' }
  | { readonly name: 'chattering'; readonly active: boolean; readonly lastMonoMs: number };

export type InputAction =
  | { readonly do: 'trigger' }
  | { readonly do: 'fault'; readonly code: InputFault }
  | { readonly do: 'recover'; readonly code: InputFault };
export type InputFault = 'input-held' | 'input-chatter';

export const inputAtStart: Input = { name: 'open', edgesMonoMs: [] };
type Step = { readonly state: Input; readonly actions: readonly InputAction[] };

/**
 * ```
 *            pressed: trigger            longer than activeMsMax: fault
 *   open ──────────────────────▶ active ────────────────────────────────▶ held
 *    ▲ ◀──────────────────────────┘ released                               │ released: recover
 *    │                                                                     ▼
 *    ├──────────────────────────────────────────────────────────────────  open
 *    │ calmMs without an edge: recover (to open, or to active without a trigger)
 *   chattering ◀── open, active: more than edgesPerSecondMax edges in a second: fault
 * ```
 */
export function step(state: Input, seen: InputSeen, rules: InputRules): Step {
  switch (state.name) {
    case 'chattering':
      return seen.is === 'edge'
        ? stay({ name: 'chattering', active: seen.active, lastMonoMs: seen.monoMs })
        : calm(state, seen.monoMs, rules);
    case 'held':
      return seen.is === 'edge' && !seen.active
        ? { state: { name: 'open', edgesMonoMs: [seen.monoMs] }, actions: [{ do: 'recover', code: 'input-held' }] }
        : stay(state);
    case 'active':
      if (seen.is === 'tick') return hold(state, seen.monoMs, rules);
      return edge(state, seen, rules);
    case 'open':
      return seen.is === 'tick' ? stay(state) : edge(state, seen, rules);
  }
}

function edge(state: Input & { name: 'open' | 'active' }, seen: InputSeen & { is: 'edge' }, rules: InputRules): Step {
  const edgesMonoMs = [...state.edgesMonoMs.filter((at) => at > seen.monoMs - 1000), seen.monoMs];
  if (edgesMonoMs.length > rules.edgesPerSecondMax) {
    const actions: InputAction[] = [{ do: 'fault', code: 'input-chatter' }];
    return { state: { name: 'chattering', active: seen.active, lastMonoMs: seen.monoMs }, actions };
  }
  if (!seen.active) return stay({ name: 'open', edgesMonoMs });
  if (state.name === 'active') return stay({ ...state, edgesMonoMs });
  return { state: { name: 'active', sinceMonoMs: seen.monoMs, edgesMonoMs }, actions: [{ do: 'trigger' }] };
}

function hold(state: Input & { name: 'active' }, monoMs: number, rules: InputRules): Step {
  if (monoMs - state.sinceMonoMs <= rules.activeMsMax) return stay(state);
  return { state: { name: 'held' }, actions: [{ do: 'fault', code: 'input-held' }] };
}

function calm(state: Input & { name: 'chattering' }, monoMs: number, rules: InputRules): Step {
  if (monoMs - state.lastMonoMs < rules.calmMs) return stay(state);
  const after: Input = state.active
    ? { name: 'active', sinceMonoMs: state.lastMonoMs, edgesMonoMs: [] }
    : { name: 'open', edgesMonoMs: [] };
  return { state: after, actions: [{ do: 'recover', code: 'input-chatter' }] };
}

const stay = (state: Input): Step => ({ state, actions: [] });
