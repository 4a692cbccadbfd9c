// When the infrared lamp burns: by darkness, or by hours. Its own light brightens the picture, so "is it day?" is asked against what the lamp itself made of the night.

import type { Span } from './config/hours.ts';
import { dayMinutes, spanHolds } from './config/hours.ts';
import { localTime } from './local-time.ts';

export interface InfraredRules {
  readonly when: 'dark' | 'hours';
  /** Mean grey level (0 to 255) below which it is dark. */
  readonly darkLevel: number;
  readonly spans: readonly Span[];
}

export interface InfraredSeen {
  readonly monoMs: number;
  readonly wallMs: number | null;
  /** Mean grey level of the newest picture; undefined while there is none. */
  readonly brightness: number | undefined;
}

//            dark for settleMs                      lamp's own light has settled
//   off ────────────────────────▶ burning ─────────────────────────────────────▶ lit (base = brightness then)
//    ▲                                                                            │
//    └──────────── brighter than base + dawnStep for settleMs ◀───────────────────┘
export type Infrared =
  | { readonly name: 'off'; readonly darkSinceMonoMs: number | undefined }
  | { readonly name: 'burning'; readonly sinceMonoMs: number }
  | { readonly name: 'lit'; readonly base: number; readonly brightSinceMonoMs: number | undefined };

/** A car's headlights or a passing cloud is no night and no dawn. */
const settleMs = 30_000;
/** Exposure and gain have found their place. */
const burnMs = 20_000;
/** Dawn outshines the lamp by this much. */
const dawnStep = 40;

export const infraredAtStart: Infrared = { name: 'off', darkSinceMonoMs: undefined };
export const isLit = (state: Infrared): boolean => state.name !== 'off';

export function infraredStep(state: Infrared, seen: InfraredSeen, rules: InfraredRules): Infrared {
  // Without a clock that can be trusted, hours mean nothing: the picture decides.
  if (rules.when === 'hours' && seen.wallMs !== null) {
    if (!holdsAt(rules.spans, seen.wallMs)) return infraredAtStart;
    return isLit(state) ? state : { name: 'burning', sinceMonoMs: seen.monoMs };
  }
  if (seen.brightness === undefined) return state;
  switch (state.name) {
    case 'off': {
      if (seen.brightness >= rules.darkLevel) return infraredAtStart;
      const since = state.darkSinceMonoMs ?? seen.monoMs;
      if (seen.monoMs - since < settleMs) return { name: 'off', darkSinceMonoMs: since };
      return { name: 'burning', sinceMonoMs: seen.monoMs };
    }
    case 'burning':
      if (seen.monoMs - state.sinceMonoMs < burnMs) return state;
      return { name: 'lit', base: seen.brightness, brightSinceMonoMs: undefined };
    case 'lit': {
      // The darkest stretch of the night is the measure.
      const base = Math.min(state.base, seen.brightness);
      if (seen.brightness < Math.max(base + dawnStep, rules.darkLevel)) {
        return { name: 'lit', base, brightSinceMonoMs: undefined };
      }
      const since = state.brightSinceMonoMs ?? seen.monoMs;
      if (seen.monoMs - since < settleMs) return { name: 'lit', base, brightSinceMonoMs: since };
      return infraredAtStart;
    }
  }
}

function holdsAt(spans: readonly Span[], wallMs: number): boolean {
  const { weekday, hour, minute } = localTime(wallMs);
  const at = weekday * dayMinutes + hour * 60 + minute;
  return spans.some((span) => spanHolds(span, at));
}
