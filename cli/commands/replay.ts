// `matlang replay`: what the motion filter makes of a film, and why; or what another sensitivity would have caught, from the trace that nodes keep.
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Language, languageOf } from '../language.ts';
import { type AskOptions, ask } from '../replay/ask.ts';
import { askWords } from '../replay/ask-words.ts';
import { play, progressOn } from '../replay/play.ts';
import { rulesFrom } from '../replay/rules.ts';
import { asJson, asTable } from '../replay/show.ts';
import { words } from '../replay/words.ts';

interface Options extends AskOptions {
  readonly config?: string;
  readonly sensitivity?: string;
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
    .option('--sensitivity <1-10>', say.sensitivity)
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
  return film === undefined ? fail(askWords[language].filmOrTrace) : replayFilm(film, options, sensitivity, language);
}

async function replayFilm(
  film: string,
  options: Options,
  sensitivity: number | undefined,
  language: Language,
): Promise<number> {
  const say = words[language];
  const rules = await rulesFrom(options.config, { sensitivity, startsWallMs: null }, language);
  if (typeof rules === 'string') return fail(rules);
  const found = await stat(film).catch((error: unknown) => error);
  if (found instanceof Error) return fail(say.noFile(film));
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const replayed = await play(film, rules, language, progressOn(process.stderr, say.progress), stopped.signal);
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (!replayed.read.ok && replayed.read.why === 'unreadable') return fail(say.noFilm(film, replayed.read.text));
  process.stdout.write(options.json ? asJson(replayed, rules) : asTable(replayed, rules, language));
  if (replayed.read.ok) return 0;
  return fail(say.cut(film, replayed.frames / rules.motion.fps, replayed.read.announcedS));
}

const isSensitivity = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 10;

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
