// `matlang demo` as a user types it: a child process, what it printed, and the folder it kept.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { markName } from './marked.ts';

export interface DemoRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const program = resolve(import.meta.dirname, '../../cli/main.ts');

export async function matlang(args: readonly string[], mark: string): Promise<DemoRun> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [markName]: mark },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  const [code] = await once(child, 'close');
  return { code, ...said };
}

/** `--json` prints one object and nothing else. */
export function onlyJson(stdout: string) {
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== 1) throw new Error(`${lines.length} lines on stdout, not 1: ${stdout.slice(0, 500)}`);
  return JSON.parse(lines[0] ?? '');
}
