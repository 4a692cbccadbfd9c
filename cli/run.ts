// Arguments to a command: finds it in the table, loads it, runs it, and says in one line what went wrong.
import { Command, CommanderError } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { release } from '../agent/release.ts';
import { type Language, languageOf, languageOfEnvironment } from './language.ts';
import type { CommandEntry } from './table.ts';
import { helpText, helpTitle, usageFault, words } from './words.ts';

/** Exit codes: 0 done · 1 tried and failed · 2 not understood. */
const notUnderstood = 2;

/** Resolves to an exit code, or to undefined where the command set `process.exitCode` itself or nothing failed. */
export async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  commands: Readonly<Record<string, CommandEntry>>,
): Promise<number | undefined> {
  const { rest, language, badLanguage } = takeLanguage(args, languageOfEnvironment(env));
  const say = words[language];
  if (badLanguage !== undefined) return refuse(say.badLanguage(badLanguage), language);

  const program = door(language);
  const name = rest[0] === 'help' ? rest[1] : rest.find((arg) => !arg.startsWith('-'));
  const entry = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name !== undefined && entry === undefined)
    return refuse(say.unknownCommand(name, nearest(name, Object.keys(commands))), language);
  try {
    if (entry !== undefined) {
      (await entry.load()).register(program);
      withoutHelpCommand(program);
    }
    if (entry === undefined)
      for (const [each, about] of Object.entries(commands)) program.command(each).description(about[language]);
    if (name === undefined && (rest.length === 0 || rest[0] === 'help')) {
      program.outputHelp();
      return rest.length === 0 ? notUnderstood : 0;
    }
    await program.parseAsync(name !== undefined && rest[0] === 'help' ? [name, '--help'] : [...rest], { from: 'user' });
    return undefined;
  } catch (error) {
    return failed(error, languageOf(program), env);
  }
}

function door(language: Language): Command {
  const say = words[language];
  const program = new Command('matlang')
    .description(say.about)
    .version(release, '-V, --version', say.version)
    .helpOption('-h, --help', say.help)
    .helpCommand(false)
    .option('--lang <vi|en>', say.lang)
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => helpTitle(title, language),
      styleUsage: (text) => helpText(text, language),
      styleOptionDescription: (text) => helpText(text, language),
      styleArgumentDescription: (text) => helpText(text, language),
    })
    // What is wrong is said once, in the chosen language, where the error is caught.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  program.setOptionValue('lang', language);
  return program;
}

/** `--help` does it, in either language. */
function withoutHelpCommand(command: Command): void {
  command.helpCommand(false);
  for (const each of command.commands) withoutHelpCommand(each);
}

/** `--lang` counts wherever it stands: the words of every option depend on it. */
function takeLanguage(args: readonly string[], otherwise: Language) {
  const rest: string[] = [];
  let language = otherwise;
  let badLanguage: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg !== '--lang' && !arg.startsWith('--lang=')) {
      rest.push(arg);
      continue;
    }
    const told = arg === '--lang' ? (args[++at] ?? '') : arg.slice('--lang='.length);
    if (told === 'vi' || told === 'en') language = told;
    else badLanguage = told;
  }
  return { rest, language, badLanguage };
}

function nearest(name: string, names: readonly string[]): string | undefined {
  const near = names.length === 0 ? undefined : closest(name.slice(0, 60), names);
  return near !== undefined && distance(name.slice(0, 60), near) <= 2 ? near : undefined;
}

function refuse(text: string, language: Language): number {
  process.stderr.write(`matlang: ${text}\n${words[language].seeHelp}\n`);
  return notUnderstood;
}

function failed(error: unknown, language: Language, env: NodeJS.ProcessEnv): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    return refuse(usageFault(error.code, error.message, language), language);
  }
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`matlang: ${text}\n`);
  if (env.MATLANG_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 1;
}
