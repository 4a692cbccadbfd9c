// The launcher while a release is on trial: makes its start, then asks the hub for it until it is kept or taken back. Nothing but node: and its neighbours here.
import { alone, drive, type LaunchRules, type Services } from './launcher.ts';
import { readState } from './root.ts';
import type { Shelf } from './shelf.ts';
import { type Launch, type LaunchSeen, unprovenMsMax } from './trial.ts';

export interface WatchRules extends LaunchRules {
  readonly services: Services;
  readonly monoMs: () => number;
  /** Resolves after so long, or when the signal aborts. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The boot record is there within seconds where all is well; later an answer a minute tells all that there is to tell. */
const askEveryMs = { first: 5_000, later: 60_000 } as const;
const oftenMs = 60_000;
/** A technician's command holds the root for a moment, or for as long as an update is copied. */
const busyAgainMs = 5_000;

/** Resolves with the steady state the trial ends in, or with the state it was in when the signal came. */
export async function watch(shelf: Shelf, rules: WatchRules, signal: AbortSignal): Promise<Launch> {
  const begunMs = rules.monoMs();
  let askedMs: number | undefined;
  let isAsked = false;
  for (;;) {
    const state = readState(rules.root);
    if (signal.aborted || state.name === 'steady') return state;
    if (state.name !== 'proving') {
      const isTrial = state.name === 'trial';
      await see(shelf, rules, { is: isTrial ? 'up' : 'boot' }, state, signal);
      continue;
    }
    if (isAsked) await rules.rest(untilAskedMs(rules.monoMs() - begunMs, askedMs !== undefined, state.heardMs), signal);
    if (signal.aborted) continue;
    isAsked = true;
    const told = await rules.services.ask(state.release, state.before);
    const nowMs = rules.monoMs();
    // Only time between two answers counts: what was in between, the hub was there for.
    const heardMs = askedMs === undefined ? 0 : Math.round(Math.min(nowMs - askedMs, 2 * askEveryMs.later));
    askedMs = told === undefined ? undefined : nowMs;
    if (told === 'stored') await see(shelf, rules, { is: 'receipt' }, state, signal);
    else if (told === 'not-stored' && heardMs > 0)
      await see(shelf, rules, { is: 'hub-there', ms: heardMs, log: await rules.services.lastLines() }, state, signal);
  }
}

/** While the hub answers, never past the moment at which its patience ends. */
function untilAskedMs(sinceBegunMs: number, isThere: boolean, heardMs: number): number {
  const ms = sinceBegunMs < oftenMs ? askEveryMs.first : askEveryMs.later;
  return isThere ? Math.min(ms, unprovenMsMax - heardMs) : ms;
}

/** Rests where somebody else is at work; what was seen of another state than the one that stands now is dropped. */
async function see(shelf: Shelf, rules: WatchRules, seen: LaunchSeen, of: Launch, signal: AbortSignal): Promise<void> {
  const driven = await alone(rules.root, async () => {
    const now = readState(rules.root);
    if (JSON.stringify(now) === JSON.stringify(of)) await drive(shelf, rules, now, seen);
    return { ok: true } as const;
  });
  if (!driven.ok) await rules.rest(busyAgainMs, signal);
}

/** Resolves once what records here has proven itself and the hub has its boot record: a new operating system is kept by that (systemd/os/). True, or false when the signal came first. */
export async function well(
  { root, services, rest }: Pick<WatchRules, 'root' | 'services' | 'rest'>,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    if (signal.aborted) return false;
    const state = readState(root);
    if (state.name === 'steady' && state.release !== null)
      if ((await services.ask(state.release, null)) === 'stored') return true;
    await rest(askEveryMs.first, signal);
  }
}
