// The films of a folder: each seen by all who are here, scored against truth.json.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilmScore } from './motion-film-score.ts';
import { shapeOf } from './motion-film-shape.ts';
import { addPixels, noPixels, type PixelCounts, pixelFigures, scoreMasks } from './motion-masks.ts';
import { type Compared, compareFilm, type SetRules } from './motion-sets.ts';
import { type FilmTruth, readTruth } from './motion-truth.ts';

export interface SeenFilm {
  readonly truth: FilmTruth;
  readonly compared: Compared<FilmScore>;
  readonly pixels: PixelCounts | undefined;
}

/** @throws with every fault of truth.json, and every film and folder that is not there, a line each. */
export async function truthOf(dir: string): Promise<readonly FilmTruth[]> {
  const read = await readTruth(dir);
  if (!read.ok) throw new Error(read.faults.join('\n'));
  const faults = await Promise.all(
    read.films.flatMap(({ file, masks }) => [
      missing(join(dir, file), 'a film', (found) => found.isFile()),
      ...(masks === undefined ? [] : [missing(join(dir, masks), 'a folder of masks', (found) => found.isDirectory())]),
    ]),
  );
  const told = faults.filter((fault) => fault !== undefined);
  if (told.length > 0) throw new Error(told.join('\n'));
  return read.films;
}

type Found = Awaited<ReturnType<typeof stat>>;

async function missing(path: string, what: string, fits: (found: Found) => boolean): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && fits(found)) return undefined;
  return `${path}: truth.json names it as ${what}, but it is ${found === undefined ? 'not there' : 'something else'}`;
}

export async function seeFilm(dir: string, truth: FilmTruth, rules: SetRules): Promise<SeenFilm> {
  const path = join(dir, truth.file);
  const shape = await shapeOf(path);
  const compared = await compareFilm(path, truth, shape, rules);
  const pixels =
    truth.masks === undefined ? undefined : await scoreMasks(join(dir, truth.masks), shape.fps, compared.watched.boxes);
  return { truth, compared, pixels };
}

/** All films together, ours. */
export function filmFigures(films: readonly SeenFilm[]): Record<string, number> {
  const scores = films.flatMap(({ truth, compared }) => {
    const score = compared.by.ours?.score;
    return score === undefined ? [] : [{ score, truth }];
  });
  const sum = (part: (score: FilmScore) => number) => scores.reduce((total, { score }) => total + part(score), 0);
  const hours = films.reduce((total, { compared }) => total + compared.hours, 0);
  const gaps = scores.flatMap(({ score: { longestGapS }, truth: { toleranceS } }) =>
    longestGapS === undefined ? [] : [{ longestGapS, overS: longestGapS - toleranceS }],
  );
  const masked = films.flatMap(({ pixels }) => pixels ?? []);
  const figures = {
    filmRecall: sum(({ caught }) => caught) / sum(({ of }) => of),
    filmSeparate: sum(({ separate }) => separate) / sum(({ of }) => of),
    filmEdges: sum(({ edges }) => edges) / sum(({ of }) => of),
    filmTorn: sum(({ torn }) => torn),
    filmFalse: sum(({ falseEvents }) => falseEvents),
    filmFalsePerHour: sum(({ falseEvents }) => falseEvents) / hours,
    filmHours: hours,
    ...(gaps.length > 0 && {
      filmLongestGapS: Math.max(...gaps.map(({ longestGapS }) => longestGapS)),
      filmGapsTooLong: gaps.filter(({ overS }) => overS > 0).length,
    }),
    ...(masked.length > 0 && pixelFigures(masked.reduce(addPixels, noPixels))),
  };
  return Object.fromEntries(
    Object.entries(figures)
      .filter(([, figure]) => !Number.isNaN(figure))
      .map(([key, figure]) => [key, Number(figure.toFixed(4))]),
  );
}

export const filmTargets = {
  filmRecall: { min: 1 },
  filmSeparate: { min: 1 },
  filmTorn: { max: 0 },
  filmFalse: { max: 0 },
  filmGapsTooLong: { max: 0 },
} as const;

export function filmTable(films: readonly SeenFilm[]): Record<string, string | number>[] {
  return films.flatMap(({ truth, compared }) =>
    Object.entries(compared.by).map(([detector, { score }]) => ({
      film: truth.file,
      by: detector,
      events: score.events,
      caught: `${score.caught}/${score.of}`,
      separate: `${score.separate}/${score.of}`,
      torn: score.torn,
      'edges met': `${score.edges}/${score.of}`,
      false: score.falseEvents,
      'longest gap s': score.longestGapS === undefined ? '-' : Number(score.longestGapS.toFixed(1)),
    })),
  );
}
