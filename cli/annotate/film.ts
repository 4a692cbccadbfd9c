// `matlang replay FILE --annotate OUT.mp4`.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readLocalTime } from '../../agent/core/local-time.ts';
import type { Language } from '../language.ts';
import { compareWords } from '../replay/compare-words.ts';
import { type FilmOptions, replayFilm, untilStopped } from '../replay/film.ts';
import { progressOn } from '../replay/play.ts';
import { rulesFrom } from '../replay/rules.ts';
import { asJson, asTable } from '../replay/show.ts';
import { words } from '../replay/words.ts';
import { annotate } from './annotate.ts';
import { annotateWords } from './annotate-words.ts';

/** The exit code. What the film says goes to standard output as without a drawing; that a file was made, to standard error. */
export async function annotateFilm(
  film: string,
  out: string,
  options: FilmOptions,
  sensitivity: number | undefined,
  language: Language,
): Promise<number> {
  const say = annotateWords[language];
  if (resolve(film) === resolve(out)) return fail(say.sameFile);
  const startsWallMs = options.starts === undefined ? null : readLocalTime(options.starts);
  if (startsWallMs === undefined) return fail(compareWords[language].badStarts(String(options.starts)));
  const rules = await rulesFrom(options.config, { sensitivity, startsWallMs }, language);
  if (typeof rules === 'string') return fail(rules);
  const found = await stat(film).catch((error: unknown) => error);
  if (found instanceof Error) return fail(words[language].noFile(film));
  const progress = progressOn(process.stderr, say.drawn);
  const made = await untilStopped((signal) => annotate(film, out, rules, language, progress, signal));
  if (!made.ok)
    return fail(made.why === 'unreadable' ? words[language].noFilm(film, made.text) : say.failed(out, made.text));
  const { replayed, pictures } = made;
  process.stderr.write(`${say.made(out, pictures)}\n`);
  // What would change is found by reading the film once more, under both rules side by side.
  if (options.config !== undefined || options.against !== undefined)
    return replayFilm(film, options, sensitivity, language);
  process.stdout.write(options.json ? asJson(replayed, rules, undefined) : asTable(replayed, rules, language));
  const { read } = replayed;
  if (read.ok) return 0;
  const announcedS = read.why === 'cut' ? read.announcedS : undefined;
  return fail(words[language].cut(film, replayed.frames / rules.motion.fps, announcedS));
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
