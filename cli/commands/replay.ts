// `matlang replay`: what the motion filter makes of a film, and why; or what another sensitivity would have caught, from the trace that nodes keep.
import type { Command } from 'commander';
import { annotateWords } from '../annotate/annotate-words.ts';
import { annotateFilm } from '../annotate/film.ts';
import { type Language, languageOf } from '../language.ts';
import { type AskOptions, ask } from '../replay/ask.ts';
import { askWords } from '../replay/ask-words.ts';
import { compareWords } from '../replay/compare-words.ts';
import { type FilmOptions, replayFilm } from '../replay/film.ts';
import { words } from '../replay/words.ts';

interface Options extends AskOptions, FilmOptions {
  readonly sensitivity?: string;
  readonly annotate?: string;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  const asked = askWords[language];
  program
    .command('replay')
    .description(say.about)
    .argument(`[${say.file}]`, say.film)
    .option('--config <file>', say.config)
    .option('--against <file>', compareWords[language].against)
    .option('--starts <time>', compareWords[language].starts)
    .option('--sensitivity <1-10>', say.sensitivity)
    .option('--annotate <out.mp4>', annotateWords[language].option)
    .option('--trace <paths...>', asked.trace)
    .option('--archive <dir>', asked.archive)
    .option('--node <name>', asked.node)
    .option('--key <file>', asked.key)
    .option('--from <time>', asked.from)
    .option('--to <time>', asked.to)
    .option('--json', say.json)
    .action(async (film: string | undefined, options: Options) => {
      process.exitCode = await replay(film, options, language);
    });
}

async function replay(film: string | undefined, options: Options, language: Language): Promise<number> {
  const say = words[language];
  const sensitivity = options.sensitivity === undefined ? undefined : Number(options.sensitivity);
  if (sensitivity !== undefined && !isSensitivity(sensitivity))
    return fail(say.badSensitivity(String(options.sensitivity)));
  if (options.trace !== undefined || options.archive !== undefined) {
    if (sensitivity === undefined) return fail(askWords[language].needsSensitivity);
    const { code, out, err } = await ask(options, sensitivity, language);
    process.stdout.write(out);
    process.stderr.write(err);
    return code;
  }
  if (film === undefined) return fail(askWords[language].filmOrTrace);
  if (options.annotate !== undefined) return annotateFilm(film, options.annotate, options, sensitivity, language);
  return replayFilm(film, options, sensitivity, language);
}

const isSensitivity = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 10;

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
