// A program that must do its work; otherwise its last words are thrown.
import { spawnSync } from 'node:child_process';

export function must(program: string, args: readonly string[], cwd?: string): void {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, DEBIAN_FRONTEND: 'noninteractive' };
  const run = spawnSync(program, args, {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 26,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (run.status !== 0)
    throw new Error(`${program} ${args.slice(0, 4).join(' ')}: ${(run.stderr ?? '').slice(-1500)}${run.error ?? ''}`);
}
