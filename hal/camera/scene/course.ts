// How far along a way someone is at a moment: at one speed, or with halts.

/** Where one is on the way, and how much one is moving: 1 at full speed, 0 standing. */
export interface Progress {
  readonly metres: number;
  readonly going: number;
}

export interface Course {
  readonly tookS: number;
  at(sinceS: number): Progress;
}

export interface Halt {
  readonly atM: number;
  readonly forS: number;
}

export function steady(lengthM: number, speedMs: number): Course {
  return { tookS: lengthM / speedMs, at: (sinceS) => ({ metres: sinceS * speedMs, going: 1 }) };
}

/** Seconds to come to rest, and to get going again. */
const easeS = 0.6;

/** At one speed, with halts in order of their place; braking and starting are even, so a halt costs `easeS` more than it lasts. */
export function halting(lengthM: number, speedMs: number, halts: readonly Halt[]): Course {
  // Braking covers half of what the same time at full speed would.
  const easeM = (speedMs * easeS) / 2;
  const legs: { readonly fromS: number; readonly fromM: number; readonly stopS: number; readonly forS: number }[] = [];
  let second = 0;
  let metres = 0;
  for (const { atM, forS } of halts) {
    const runS = (atM - metres - easeM) / speedMs + (second > 0 ? easeS / 2 : 0);
    if (runS <= easeS) continue;
    legs.push({ fromS: second, fromM: metres, stopS: second + runS, forS });
    second += runS + easeS + forS;
    metres = atM;
  }
  const tookS = second + (lengthM - metres) / speedMs + (legs.length > 0 ? easeS / 2 : 0);
  return {
    tookS,
    at: (sinceS) => {
      let [fromS, fromM] = [0, 0];
      for (const leg of legs) {
        if (sinceS < leg.stopS) break;
        const overS = sinceS - leg.stopS;
        const stopM = leg.fromM + distanceM(leg.stopS - leg.fromS, speedMs, leg.fromS > 0);
        if (overS < easeS) {
          const part = overS / easeS;
          return { metres: stopM + speedMs * overS * (1 - part / 2), going: 1 - part };
        }
        if (overS < easeS + leg.forS) return { metres: stopM + easeM, going: 0 };
        fromS = leg.stopS + easeS + leg.forS;
        fromM = stopM + easeM;
      }
      const started = fromS > 0;
      const going = started ? Math.min(1, (sinceS - fromS) / easeS) : 1;
      return { metres: fromM + distanceM(sinceS - fromS, speedMs, started), going };
    },
  };
}

/** Way made in that time, from rest or at full speed already. */
function distanceM(seconds: number, speedMs: number, fromRest: boolean): number {
  if (!fromRest) return seconds * speedMs;
  if (seconds < easeS) return (speedMs * seconds * seconds) / easeS / 2;
  return speedMs * (seconds - easeS / 2);
}

/** One course and, from its end at `atM`, another. */
export function followed(first: Course, atM: number, second: Course): Course {
  return {
    tookS: first.tookS + second.tookS,
    at: (sinceS) => {
      if (sinceS <= first.tookS) return first.at(sinceS);
      const { metres, going } = second.at(sinceS - first.tookS);
      return { metres: atM + metres, going };
    },
  };
}
