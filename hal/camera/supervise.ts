// What to do about a camera, as a function. The shell (live.ts) reports what it sees and does what this says.
//
//              ready             grey               grey for hangMs missing, end, bad fragment …
//  preparing ────────▶ starting ──────▶ running ──────────────────────────────▶ stopping ──gone──▶ waiting (back-off)
//   ▲  │ refused          │ nothing for startMs, end ─────────────────────────────▲                    │
//   │  └──────────────────┼────────────────────────────────────────────────────────────────▶ waiting   │
//   └─────────────────────┴──────────────────────────────────────────── time is up ◀───────────────────┘
import type { CameraFault } from '../ports.ts';
import type { Trouble } from './recipe.ts';
import type { Moment, Rules, Running, Seen, Step, Supervised } from './supervised.ts';

export const begin: Step = {
  state: {
    phase: { name: 'preparing' },
    left: [],
    recipes: [],
    proven: [],
    standing: [],
    failures: 0,
    restarts: 0,
  },
  actions: [{ do: 'prepare' }],
};

/** Where nothing worked, the next round gives each start twice the time, up to so many times: a slow board's programs may not be ready before. */
const patienceMax = 4;

/** Faults that a picture disproves. */
const ofNoPicture: readonly CameraFault[] = ['camera-absent', 'camera-exit', 'camera-hang', 'camera-input'];

/** What the deciding depends on besides the state. */
interface When extends Moment {
  readonly rules: Rules;
}
/** `alive`: its processes have still to be ended. */
interface Lost {
  readonly recipe: string;
  readonly alive: boolean;
}

export function step(state: Supervised, seen: Seen, moment: Moment, rules: Rules): Step {
  const { phase } = state;
  const when = { ...moment, rules };
  if (seen.is === 'stop') return stop(state);
  if (seen.is === 'renew') return renew(state, when);
  switch (phase.name) {
    case 'over':
      return still(state);
    case 'waiting':
      return seen.is === 'tick' && when.monoMs >= phase.untilMs ? prepare(state) : still(state);
    case 'preparing':
      if (seen.is === 'ready') return choose({ ...state, recipes: seen.recipes }, when);
      return seen.is === 'refused' ? wait(fault(state, seen.code, seen.text), when, false) : still(state);
    case 'stopping':
      return seen.is === 'gone' ? stopped(state, phase.thenMs, when) : still(state);
    case 'starting':
      return starting(state, phase, seen, when);
    case 'running':
      return running(state, phase, seen, when);
  }
}

const still = (state: Supervised): Step => ({ state, actions: [] });
const over = (state: Supervised): Step => ({
  state: { ...state, phase: { name: 'over' } },
  actions: state.phase.name === 'over' ? [] : [{ do: 'finish' }],
});
const prepare = (state: Supervised): Step => ({
  state: { ...state, phase: { name: 'preparing' } },
  actions: [{ do: 'prepare' }],
});

function stop(state: Supervised): Step {
  const { name } = state.phase;
  const hasChild = name === 'starting' || name === 'running';
  if (!hasChild && name !== 'stopping') return over(state);
  return {
    state: { ...state, phase: { name: 'stopping', thenMs: undefined } },
    actions: hasChild ? [{ do: 'end' }] : [],
  };
}

/** Where nothing runs yet, the next start takes what is new by itself. */
function renew(state: Supervised, when: When): Step {
  const { name } = state.phase;
  if (name !== 'starting' && name !== 'running') return still(state);
  return { state: { ...state, phase: { name: 'stopping', thenMs: when.monoMs } }, actions: [{ do: 'end' }] };
}

function stopped(state: Supervised, thenMs: number | undefined, when: When): Step {
  if (thenMs === undefined) return over(state);
  if (thenMs <= when.monoMs) return prepare(state);
  return still({ ...state, phase: { name: 'waiting', untilMs: thenMs } });
}

function choose(state: Supervised, when: When): Step {
  const untried = untriedOf(state);
  const recipe = untried[0] ?? state.recipes[0];
  if (recipe === undefined) return still(state);
  const left = untried.length === 0 ? [] : state.left;
  return {
    state: { ...state, left, phase: { name: 'starting', recipe, sinceMs: when.monoMs } },
    actions: [{ do: 'start', recipe }],
  };
}

const untriedOf = (state: Supervised) =>
  state.recipes.filter((name) => !state.left.some(({ recipe }) => recipe === name));

function starting(
  state: Supervised,
  phase: { readonly recipe: string; readonly sinceMs: number },
  seen: Seen,
  when: When,
): Step {
  const { recipe } = phase;
  const { monoMs, rules } = when;
  switch (seen.is) {
    case 'grey': {
      const next = { name: 'running', recipe, sinceMs: monoMs, greyMs: monoMs, changedMs: monoMs } as const;
      return recover(still({ ...state, phase: { ...next, fragmentMs: monoMs, proven: false } }), ofNoPicture);
    }
    case 'unfit':
      return leave(state, seen.why, { recipe, alive: true }, when);
    case 'gone':
      return gone(state, recipe, seen, when);
    case 'tick': {
      const patienceMs = rules.startMs * Math.min(2 ** state.failures, patienceMax);
      if (monoMs - phase.sinceMs <= patienceMs) return still(state);
      const text = `no picture within ${patienceMs} ms of its start`;
      return lose(state, { code: 'camera-hang', text }, { recipe, alive: true }, when);
    }
    default:
      return still(state);
  }
}

function running(state: Supervised, phase: Running, seen: Seen, when: When): Step {
  const { recipe, proven } = phase;
  switch (seen.is) {
    case 'grey': {
      const changedMs = seen.same ? phase.changedMs : when.monoMs;
      const next = still({ ...state, phase: { ...phase, greyMs: when.monoMs, changedMs } });
      return seen.same ? next : recover(next, ['camera-frozen']);
    }
    case 'fragment': {
      const why = unfitFragment(seen, when.rules);
      if (why !== undefined && !proven) return leave(state, why, { recipe, alive: true }, when);
      return still({ ...state, phase: { ...phase, fragmentMs: when.monoMs } });
    }
    case 'unfit':
      return leave(state, seen.why, { recipe, alive: true }, when);
    case 'proven': {
      const all = [...new Set([...state.proven, recipe])];
      return recover(still({ ...state, proven: all, phase: { ...phase, proven: true } }), ['camera-recipe']);
    }
    case 'gone':
      return gone(state, recipe, seen, when);
    case 'tick':
      return watch(state, phase, when);
    default:
      return still(state);
  }
}

/** What only time shows: a hang, key frames that do not come, a frozen picture. */
function watch(state: Supervised, phase: Running, when: When): Step {
  const { monoMs, rules } = when;
  const here = { recipe: phase.recipe, alive: true };
  if (monoMs - phase.greyMs > rules.hangMs)
    return lose(state, { code: 'camera-hang', text: `no picture for ${rules.hangMs} ms` }, here, when);
  const silentMs = rules.fragmentMsMax * 2;
  if (monoMs - phase.fragmentMs > silentMs) {
    const text = `pictures come, but no fragment for ${silentMs} ms: key frames are not where they were asked`;
    if (!phase.proven) return leave(state, text, here, when);
    return lose(state, { code: 'camera-hang', text }, here, when);
  }
  const isCalm = state.failures > 0 && monoMs - phase.sinceMs > rules.calmMs;
  const rested = isCalm ? { ...state, failures: 0 } : state;
  if (monoMs - phase.changedMs <= rules.frozenMs) return still(rested);
  const said = fault(rested, 'camera-frozen', `the same picture for ${rules.frozenMs} ms`);
  return rules.restartsWhenFrozen ? wait(said, when, true) : said;
}

function unfitFragment(seen: { readonly durationMs: number; readonly startsWithKey: boolean }, rules: Rules) {
  if (!seen.startsWithKey) return 'a fragment does not begin with a key frame';
  if (seen.durationMs <= rules.fragmentMsMax) return undefined;
  return `key frames every ${Math.round(seen.durationMs)} ms, wanted at most ${rules.fragmentMsMax} ms`;
}

function gone(state: Supervised, recipe: string, trouble: Trouble, when: When): Step {
  if (trouble.code !== 'film-ended') return lose(state, trouble, { recipe, alive: false }, when);
  const next = when.rules.beginsAgain ? prepare(state) : after(fault(state, 'film-ended', trouble.text), over);
  return { state: next.state, actions: [{ do: 'film-over' }, ...next.actions] };
}

/** The picture is lost. A recipe that has not proven itself may be the cause; one that has is tried again, some times. */
function lose(state: Supervised, trouble: Trouble, lost: Lost, when: When): Step {
  const mayBeRecipe = trouble.code === 'camera-exit' || trouble.code === 'camera-hang';
  const isTrusted = state.proven.includes(lost.recipe) && state.failures + 1 < when.rules.failuresMax;
  if (!mayBeRecipe || isTrusted || state.recipes.length < 2)
    return wait(fault(state, trouble.code, trouble.text), when, lost.alive);
  // A start that hung has already cost the time in which a fault must stand; one that ended at once has not.
  if (trouble.code === 'camera-exit') return leave(state, trouble.text, lost, when);
  return after(fault(state, trouble.code, trouble.text), (said) => leave(said, trouble.text, lost, when));
}

/** The recipe is at fault: on to the next one at once; when none is left, say so and begin with the first again, later. */
function leave(state: Supervised, why: string, lost: Lost, when: When): Step {
  const left = [...state.left.filter((one) => one.recipe !== lost.recipe), { recipe: lost.recipe, why }];
  const next = { ...state, left, proven: state.proven.filter((name) => name !== lost.recipe) };
  if (untriedOf(next).length === 0) {
    const text = `no recipe works: ${left.map((one) => `${one.recipe}: ${one.why}`).join('; ')}`;
    return wait(fault(next, 'camera-recipe', text), when, lost.alive);
  }
  const counted = { ...next, restarts: next.restarts + 1 };
  if (!lost.alive) return prepare(counted);
  return { state: { ...counted, phase: { name: 'stopping', thenMs: when.monoMs } }, actions: [{ do: 'end' }] };
}

/** Back-off: twice as long each time, with jitter so that the cameras of a village do not start in step. */
function wait(said: Step, when: When, alive: boolean): Step {
  const { failures, restarts } = said.state;
  const backOffMs = Math.min(when.rules.backOffMs.max, when.rules.backOffMs.first * 2 ** failures);
  const untilMs = when.monoMs + backOffMs * (0.5 + when.luck / 2);
  return {
    state: {
      ...said.state,
      failures: failures + 1,
      restarts: restarts + 1,
      phase: alive ? { name: 'stopping', thenMs: untilMs } : { name: 'waiting', untilMs },
    },
    actions: alive ? [...said.actions, { do: 'end' }] : said.actions,
  };
}

/** One fault a cause until it recovers. */
function fault(state: Supervised, code: CameraFault, text: string): Step {
  if (state.standing.includes(code)) return still(state);
  return { state: { ...state, standing: [...state.standing, code] }, actions: [{ do: 'say', fault: code, text }] };
}

function recover(before: Step, codes: readonly CameraFault[]): Step {
  const { state, actions } = before;
  const done = state.standing.filter((code) => codes.includes(code));
  if (done.length === 0) return before;
  return {
    state: { ...state, standing: state.standing.filter((code) => !done.includes(code)) },
    actions: [...actions, ...done.map((code) => ({ do: 'recover', fault: code }) as const)],
  };
}

function after(first: Step, next: (state: Supervised) => Step): Step {
  const then = next(first.state);
  return { state: then.state, actions: [...first.actions, ...then.actions] };
}
