// Which language people are spoken to in: --lang, else the environment, else Vietnamese.
import type { Command } from 'commander';

export type Language = 'vi' | 'en';

export function languageOfEnvironment(env: NodeJS.ProcessEnv): Language {
  const told = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^en([_.-]|$)/i.test(told) ? 'en' : 'vi';
}

/** The language chosen for this run; known before any command is registered. */
export function languageOf(program: Command): Language {
  const { lang } = program.optsWithGlobals<{ lang?: unknown }>();
  return lang === 'en' ? 'en' : 'vi';
}

export interface Words {
  readonly vi: string;
  readonly en: string;
}
