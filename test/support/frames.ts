// Whether a film plays.
import { spawnSync } from 'node:child_process';

/** Decoded by ffmpeg from its first to its last picture. */
export function framesOf(film: Buffer): string {
  const args = ['-v', 'error', '-xerror', '-i', 'pipe:0', '-f', 'null', '-progress', 'pipe:1', '-'];
  const run = spawnSync('ffmpeg', args, { input: film, encoding: 'utf8' });
  const frames = [...run.stdout.matchAll(/^frame=(\d+)$/gm)].at(-1)?.[1];
  if (run.status !== 0 || frames === undefined || frames === '0') throw new Error(`it does not play: ${run.stderr}`);
  return `${frames} pictures decoded`;
}
