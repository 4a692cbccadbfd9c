// Siren or strobe: on by a signed command or an alarm, never longer than its limit, whatever asks for it.

export interface SounderRules {
  /** Longest time in one piece. After it, alarms find it silent for as long again; a command does not wait. */
  readonly msMax: number;
}

export type SounderSeen =
  | { readonly is: 'alarm'; readonly monoMs: number }
  /** `forMs` is cut to the limit. */
  | { readonly is: 'on'; readonly monoMs: number; readonly forMs: number }
  | { readonly is: 'off'; readonly monoMs: number }
  /** Time passes; ask at least once a second. */
  | { readonly is: 'tick'; readonly monoMs: number };

//            alarm (rested), on                  untilMonoMs reached, off
//   silent ──────────────────────▶ sounding ────────────────────────────────▶ silent (rests msMax after a full run)
export type Sounder =
  | { readonly name: 'silent'; readonly restsUntilMonoMs: number }
  | { readonly name: 'sounding'; readonly sinceMonoMs: number; readonly untilMonoMs: number };

export const sounderAtStart: Sounder = { name: 'silent', restsUntilMonoMs: 0 };

export function sounderStep(state: Sounder, seen: SounderSeen, { msMax }: SounderRules): Sounder {
  switch (seen.is) {
    case 'off':
      return { name: 'silent', restsUntilMonoMs: seen.monoMs };
    case 'tick':
      if (state.name === 'silent' || seen.monoMs < state.untilMonoMs) return state;
      return { name: 'silent', restsUntilMonoMs: seen.monoMs + msMax };
    case 'alarm':
      if (state.name === 'silent') {
        return seen.monoMs < state.restsUntilMonoMs ? state : sound(seen.monoMs, msMax);
      }
      return { ...state, untilMonoMs: state.sinceMonoMs + msMax };
    case 'on': {
      const forMs = Math.min(Math.max(seen.forMs, 0), msMax);
      if (state.name === 'silent') return sound(seen.monoMs, forMs);
      return { ...state, untilMonoMs: Math.min(seen.monoMs + forMs, state.sinceMonoMs + msMax) };
    }
  }
}

const sound = (monoMs: number, forMs: number): Sounder => ({
  name: 'sounding',
  sinceMonoMs: monoMs,
  untilMonoMs: monoMs + forMs,
});
