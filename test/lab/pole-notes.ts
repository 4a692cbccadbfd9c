// A run of the lab: a folder of its own, and what was tried and seen, told as it happens and written as a table at the end.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { labCache } from './debian.ts';

export interface Notes {
  /** Never throws: what the work threw is a failed step. */
  tell(name: string, work: () => Promise<string>): Promise<boolean>;
  skip(name: string, why: string): void;
  minutes(): number;
  table(): string;
  /** The last line; the exit code. */
  close(): number;
}

/** The folder goes with the process, unless it is kept. */
export function openFolder(name: string, keep: boolean): string {
  const runs = join(labCache(), 'runs');
  mkdirSync(runs, { recursive: true });
  const dir = mkdtempSync(join(runs, `${name}-`));
  process.on('exit', () => {
    if (!keep) rmSync(dir, { recursive: true, force: true });
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1));
  return dir;
}

interface Seen {
  readonly name: string;
  readonly verdict: 'ok' | 'failed' | 'skipped';
  readonly words: string;
  readonly seconds: number;
}

export const say = (text: string) => process.stdout.write(`${text}\n`);

/** A machine that cannot be had in this time ends the whole run. */
export function openNotes(minutesMax: number): Notes {
  const startMs = performance.now();
  const seen: Seen[] = [];
  const minutes = () => Math.round((performance.now() - startMs) / 60_000);
  const late = setTimeout(() => {
    say(`the lab took more than ${minutesMax} minutes`);
    process.exit(1);
  }, minutesMax * 60_000);
  return {
    minutes,
    tell: async (name, work) => {
      const stepMs = performance.now();
      const told = await work().then(
        (words) => ({ verdict: 'ok' as const, words }),
        (error: unknown) => ({
          verdict: 'failed' as const,
          words: error instanceof Error ? error.message : String(error),
        }),
      );
      const seconds = Math.round((performance.now() - stepMs) / 1000);
      seen.push({ name, ...told, seconds });
      say(`${told.verdict === 'ok' ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n       ${told.words}`);
      return told.verdict === 'ok';
    },
    skip: (name, why) => {
      say(`SKIP ${name}: ${why}`);
      seen.push({ name, verdict: 'skipped', words: why, seconds: 0 });
    },
    table: () => ['| | tried | seen | s |', '|---|---|---|---|', ...seen.map(row)].join('\n'),
    close: () => {
      clearTimeout(late);
      const count = (of: Seen['verdict']) => seen.filter(({ verdict }) => verdict === of).length;
      say(`${count('ok')} passed, ${count('failed')} failed, ${count('skipped')} skipped, ${minutes()} minutes`);
      return count('failed') === 0 ? 0 : 1;
    },
  };
}

const row = ({ name, verdict, words, seconds }: Seen) =>
  `| ${verdict === 'ok' ? 'ok' : `**${verdict}**`} | ${name} | ${words.replaceAll('\n', ' ').replaceAll('|', '\\|').slice(0, 400)} | ${seconds} |`;
