// Side by side: what each detector caught and told wrongly on the same films, set by set and as ratios. Pure.
import type { FilmScore } from './motion-film-score.ts';
import { recallOf, type Score } from './motion-score.ts';
import { type Compared, type Detector, detectors } from './motion-sets.ts';

/** One film, one detector: visits or noted events caught, of how many, and false events. */
export interface Tally {
  readonly caught: number;
  readonly of: number;
  readonly falseEvents: number;
  readonly cpuMsPerFrame: number;
}
export interface SetTally {
  readonly name: string;
  readonly kind: 'scene' | 'film';
  readonly hours: number;
  readonly by: Readonly<Partial<Record<Detector, Tally>>>;
}

export function sceneTally({ name, hours, by }: Compared<Score>): SetTally {
  return { name, hours, kind: 'scene', by: each(by, ({ large, falseEvents }) => ({ ...large, falseEvents })) };
}

/** An event of its own is what counts on a film, and in a continuous one that nobody is lost for long. */
export function filmTally({ name, hours, by }: Compared<FilmScore>): SetTally {
  return {
    name,
    hours,
    kind: 'film',
    by: each(by, ({ separate, of, falseEvents, torn }) => ({ caught: separate, of, falseEvents: falseEvents + torn })),
  };
}

function each<Kind>(by: Compared<Kind>['by'], told: (score: Kind) => Omit<Tally, 'cpuMsPerFrame'>): SetTally['by'] {
  return Object.fromEntries(
    Object.entries(by).map(([detector, { score, cpuMsPerFrame }]) => [detector, { ...told(score), cpuMsPerFrame }]),
  );
}

/** Sets in which a peer caught more than we did, or told less wrongly. */
export function setsBehind(sets: readonly SetTally[]): string[] {
  return sets.flatMap(({ name, by: { ours, ...peers } }) =>
    Object.entries(peers).flatMap(([peer, theirs]) =>
      ours !== undefined && (theirs.caught > ours.caught || theirs.falseEvents < ours.falseEvents)
        ? [`${name} (${peer})`]
        : [],
    ),
  );
}

/** Each peer's figures and ours on the same sets; `…Ratio` is ours divided by theirs, left out where theirs is 0. */
export function peerFigures(
  sets: readonly SetTally[],
  ourCpuMs: Readonly<Partial<Record<Detector, number>>>,
): Record<string, Record<string, number>> {
  const ours = totalOf(sets, 'ours');
  return Object.fromEntries(
    detectors
      .filter((detector) => detector !== 'ours' && sets.some(({ by }) => by[detector] !== undefined))
      .map((detector) => {
        const theirs = totalOf(sets, detector);
        const figures = {
          sets: sets.length,
          hours: ours.hours,
          recall: theirs.recall,
          recallOurs: ours.recall,
          recallRatio: ours.recall / theirs.recall,
          falsePerHour: theirs.falsePerHour,
          falsePerHourOurs: ours.falsePerHour,
          falseRatio: ours.falsePerHour / theirs.falsePerHour,
          cpuMsPerFrame: theirs.cpuMsPerFrame,
          cpuMsPerFrameOurs: ourCpuMs[detector] ?? Number.NaN,
          cpuRatio: (ourCpuMs[detector] ?? Number.NaN) / theirs.cpuMsPerFrame,
        };
        return [detector, tidy(figures)];
      }),
  );
}

function totalOf(sets: readonly SetTally[], detector: Detector) {
  const tallies = sets.flatMap(({ by }) => by[detector] ?? []);
  const sum = (part: (tally: Tally) => number) => tallies.reduce((total, tally) => total + part(tally), 0);
  const hours = sets.reduce((total, set) => total + set.hours, 0);
  return {
    hours,
    recall: recallOf({ caught: sum(({ caught }) => caught), of: sum(({ of }) => of) }),
    falsePerHour: sum(({ falseEvents }) => falseEvents) / hours,
    cpuMsPerFrame: sum(({ cpuMsPerFrame }) => cpuMsPerFrame) / tallies.length,
  };
}

const tidy = (figures: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(figures)
      .filter(([, figure]) => Number.isFinite(figure))
      .map(([key, figure]) => [key, Number(figure.toPrecision(4))]),
  );

/** A row for each set: what each caught and told wrongly. */
export function setTable(sets: readonly SetTally[]): Record<string, string | number>[] {
  const present = detectors.filter((detector) => sets.some(({ by }) => by[detector] !== undefined));
  return sets.map(({ name, by }) => {
    const cells = present.flatMap((detector) => {
      const tally = by[detector];
      return [
        [`${detector} caught`, tally === undefined ? '-' : `${tally.caught}/${tally.of}`],
        [`${detector} false`, tally?.falseEvents ?? '-'],
      ];
    });
    return Object.fromEntries([['the same film', name], ...cells]);
  });
}
