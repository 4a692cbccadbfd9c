// Many jobs become the rows of a table and the figures that are judged. Pure.
import type { JobResult } from './motion-job.ts';
import { type Group, type Job, lightClasses } from './motion-plan.ts';
import { addScores, noScore, recallOf, type Score } from './motion-score.ts';

export interface Row {
  readonly group: Group;
  readonly class: string;
  readonly hours: number;
  readonly events: number;
  readonly score: Score;
  readonly day: Score;
  readonly night: Score;
  readonly flaggedMean: number;
  readonly flaggedMax: number;
  readonly riddenMean: number;
  readonly frames: number;
  readonly filterCpuMs: number;
}

export function rowsOf(jobs: readonly Job[], results: readonly JobResult[]): Row[] {
  const rows = new Map<string, Row>();
  for (const result of results) {
    const job = jobs[result.id];
    if (job === undefined) throw new Error(`a result of job ${result.id}, which nobody gave out`);
    const key = `${job.group} ${job.class}`;
    rows.set(key, join(rows.get(key) ?? emptyRow(job), job, result));
  }
  return [...rows.values()].sort((a, b) => jobsOrder(jobs, a) - jobsOrder(jobs, b));
}

const jobsOrder = (jobs: readonly Job[], row: Row): number =>
  jobs.findIndex((job) => job.group === row.group && job.class === row.class);

function emptyRow({ group, class: name }: Job): Row {
  const none = { hours: 0, events: 0, flaggedMean: 0, flaggedMax: 0, riddenMean: 0, frames: 0, filterCpuMs: 0 };
  return { group, class: name, score: noScore, day: noScore, night: noScore, ...none };
}

function join(row: Row, job: Job, result: JobResult): Row {
  const frames = row.frames + result.frames;
  return {
    ...row,
    hours: row.hours + result.hours,
    events: row.events + result.events,
    score: addScores(row.score, result.score),
    day: job.time === 'day' ? addScores(row.day, result.score) : row.day,
    night: job.time === 'night' ? addScores(row.night, result.score) : row.night,
    flaggedMean: (row.flaggedMean * row.frames + result.flaggedMean * result.frames) / Math.max(1, frames),
    flaggedMax: Math.max(row.flaggedMax, result.flaggedMax),
    riddenMean: (row.riddenMean * row.frames + result.riddenMean * result.frames) / Math.max(1, frames),
    frames,
    filterCpuMs: row.filterCpuMs + result.filterCpuMs,
  };
}

/** A figure is left out where nothing was measured for it; then its target is not asked for either. */
export function sceneFigures(rows: readonly Row[]): Record<string, number> {
  const of = (...groups: Group[]) => rows.filter((row) => groups.includes(row.group));
  const all = (chosen: readonly Row[], part: (row: Row) => Score) => chosen.map(part).reduce(addScores, noScore);
  const nuisances = of('nuisance', 'animal');
  const clear = rows.filter((row) => row.group === 'subject' || (row.group === 'traffic' && row.class === 'clear'));
  const noisy = rows.filter((row) => row.group === 'subject' || (row.group === 'traffic' && row.class === 'gain'));
  const disturbed = of('traffic').filter((row) => row.class !== 'clear');
  const mixed = of('mixed');
  const light = nuisances.filter((row) => lightClasses.has(row.class));
  const falseOf = ({ falseEvents, animalEvents }: Score) => falseEvents + animalEvents;
  const day = all(clear, (row) => row.day);
  const night = all(noisy, (row) => row.night);
  const quietHours = sum(nuisances.map(({ hours }) => hours));
  const mixedHours = sum(mixed.map(({ hours }) => hours));
  const figures = {
    recall: recallOf(day.large),
    recallNight: recallOf(night.large),
    recallSmall: recallOf(day.small),
    recallSmallNight: recallOf(night.small),
    recallDisturbed: recallOf(all(disturbed, (row) => row.score).large),
    falsePerHour: sum(nuisances.map(({ score }) => falseOf(score))) / quietHours,
    hours: nuisances.length === 0 ? Number.NaN : quietHours,
    hoursPerClassLeast: nuisances.length === 0 ? Number.NaN : Math.min(...nuisances.map(({ hours }) => hours)),
    falseWhileTraffic:
      of('traffic', 'subject').length === 0
        ? Number.NaN
        : sum(of('traffic', 'subject').map(({ score }) => falseOf(score))),
    mixedFalsePerDay: (sum(mixed.map(({ score }) => falseOf(score))) / mixedHours) * 24,
    mixedHours: mixed.length === 0 ? Number.NaN : mixedHours,
    mixedRecall: recallOf(all(mixed, (row) => row.score).large),
    lightShare: light.length === 0 ? Number.NaN : Math.max(...light.map(({ flaggedMean }) => flaggedMean)),
    lightShareRidden: light.length === 0 ? Number.NaN : Math.max(...light.map(({ riddenMean }) => riddenMean)),
    sensitivityDips: dips(of('sensitivity')),
  };
  return Object.fromEntries(
    Object.entries(figures)
      .filter(([, figure]) => !Number.isNaN(figure))
      .map(rounded),
  );
}

export const sceneTargets = {
  recall: { min: 0.95 },
  recallNight: { min: 0.9 },
  falsePerHour: { max: 0 },
  mixedFalsePerDay: { max: 5 },
  lightShare: { max: 0.01 },
  sensitivityDips: { max: 0 },
} as const;

/** How often a higher sensitivity catches less than the one below it. */
function dips(rows: readonly Row[]): number {
  if (rows.length === 0) return Number.NaN;
  const caught = rows
    .toSorted((a, b) => Number(a.class) - Number(b.class))
    .map(({ score }) => score.large.caught + score.small.caught);
  return caught.filter((now, at) => now < (caught[at - 1] ?? 0)).length;
}

/** The rows as a person reads them: one table for disturbances, one for subjects, one line each for the rest. */
export function tableOf(rows: readonly Row[]): Record<string, string | number>[] {
  const busy = new Map(rows.filter((row) => row.group === 'traffic').map((row) => [row.class, row]));
  const quiet = rows.filter(({ group }) => group === 'nuisance' || group === 'animal');
  const names = [...new Set([...quiet, ...busy.values()].map((row) => row.class))];
  const disturbances = names.map((name) => {
    const [alone, passing] = [quiet.find((row) => row.class === name), busy.get(name)];
    const falseEvents = (alone?.score.falseEvents ?? 0) + (alone?.score.animalEvents ?? 0);
    return {
      disturbance: name,
      hours: tidy(alone?.hours ?? 0),
      false: alone === undefined ? '-' : falseEvents,
      'false/h': alone === undefined ? '-' : tidy(falseEvents / alone.hours),
      'flagged %': alone === undefined ? '-' : tidy(alone.flaggedMean * 100),
      'ridden out %': alone === undefined ? '-' : tidy(alone.riddenMean * 100),
      'traffic caught': shownCaught(passing?.score.large),
      'small caught': shownCaught(passing?.score.small),
      'false meanwhile': passing?.score.falseEvents ?? '-',
    };
  });
  const subjects = rows
    .filter(({ group }) => group === 'subject')
    .map((row) => ({
      subject: row.class,
      'day large': shownCaught(row.day.large),
      'day small': shownCaught(row.day.small),
      'night large': shownCaught(row.night.large),
      'night small': shownCaught(row.night.small),
      false: row.score.falseEvents,
    }));
  const mixed = rows
    .filter(({ group }) => group === 'mixed')
    .map((row) => ({
      'mixed day': `${tidy(row.hours)} h`,
      false: row.score.falseEvents + row.score.animalEvents,
      large: shownCaught(row.score.large),
      small: shownCaught(row.score.small),
    }));
  const sensitivity = rows
    .filter(({ group }) => group === 'sensitivity')
    .map((row) => ({
      sensitivity: row.class,
      large: shownCaught(row.score.large),
      small: shownCaught(row.score.small),
      false: row.score.falseEvents,
    }));
  return [...disturbances, ...subjects, ...mixed, ...sensitivity];
}

function shownCaught(caught: Score['large'] | undefined): string {
  return caught === undefined || caught.of === 0 ? '-' : `${caught.caught}/${caught.of}`;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const tidy = (value: number): number => Number(value.toPrecision(3));
const rounded = ([key, figure]: readonly [string, number]) => [key, Number(figure.toFixed(4))] as const;
