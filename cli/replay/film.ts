// `matlang replay FILE`: a film under a node's rules, and what these would change against others.
import { stat } from 'node:fs/promises';
import { readLocalTime } from '../../agent/core/local-time.ts';
import type { FilmRead } from '../grey-film.ts';
import type { Language } from '../language.ts';
import { playBeside } from './beside.ts';
import type { Change } from './compare.ts';
import { changesAsData, changesAsTable } from './compare-show.ts';
import { compareWords } from './compare-words.ts';
import { play, progressOn, type Replayed } from './play.ts';
import { type Rules, rulesFrom } from './rules.ts';
import { asJson, asTable } from './show.ts';
import { words } from './words.ts';

export interface FilmOptions {
  readonly config?: string;
  readonly against?: string;
  readonly starts?: string;
  readonly json?: boolean;
}

/** The exit code. */
export async function replayFilm(
  film: string,
  options: FilmOptions,
  sensitivity: number | undefined,
  language: Language,
): Promise<number> {
  const say = words[language];
  const startsWallMs = options.starts === undefined ? null : readLocalTime(options.starts);
  if (startsWallMs === undefined) return fail(compareWords[language].badStarts(String(options.starts)));
  const rules = await rulesFrom(options.config, { sensitivity, startsWallMs }, language);
  if (typeof rules === 'string') return fail(rules);
  const was = await rulesAgainst(options, startsWallMs, language);
  if (typeof was === 'string') return fail(was);
  const found = await stat(film).catch((error: unknown) => error);
  if (found instanceof Error) return fail(say.noFile(film));
  const { replayed, changes } = await untilStopped((signal) => run(film, rules, was, language, signal));
  const { read } = replayed;
  if (!read.ok && read.why === 'unreadable') return fail(say.noFilm(film, read.text));
  process.stdout.write(
    options.json
      ? asJson(replayed, rules, changes && { against: options.against ?? 'defaults', changes: changesAsData(changes) })
      : asTable(replayed, rules, language) + (changes ? changesAsTable(changes, options.against, language) : ''),
  );
  return told(film, read, replayed.frames / rules.motion.fps, language);
}

/** Undefined where nothing is compared: a film without a configuration is read by the defaults themselves. */
async function rulesAgainst(
  { config, against }: FilmOptions,
  startsWallMs: number | null,
  language: Language,
): Promise<Rules | string | undefined> {
  if (config === undefined && against === undefined) return undefined;
  return rulesFrom(against, { sensitivity: undefined, startsWallMs }, language);
}

async function run(
  film: string,
  now: Rules,
  was: Rules | undefined,
  language: Language,
  signal: AbortSignal,
): Promise<{ readonly replayed: Replayed; readonly changes?: readonly Change[] }> {
  const progress = progressOn(process.stderr, words[language].progress);
  if (was === undefined) return { replayed: await play(film, now, language, progress, signal) };
  return playBeside(film, { was, now }, language, progress, signal);
}

export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(stopped.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function told(film: string, read: FilmRead, seconds: number, language: Language): number {
  if (read.ok) return 0;
  return fail(words[language].cut(film, seconds, read.why === 'cut' ? read.announcedS : undefined));
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
