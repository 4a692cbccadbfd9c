// A program that must do its work; otherwise its last words are thrown.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, DEBIAN_FRONTEND: 'noninteractive' };

export function must(program: string, args: readonly string[], cwd?: string): void {
  const run = spawnSync(program, args, {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 26,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (run.status !== 0)
    throw new Error(`${program} ${args.slice(0, 4).join(' ')}: ${(run.stderr ?? '').slice(-1500)}${run.error ?? ''}`);
}

/** The same without holding up this process; what it said. */
export const mustBeside = async (program: string, args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(program, [...args], { env, maxBuffer: 1 << 26 })).stdout;
