// Which processes come from a test, wherever they hid: each inherits a mark in its environment.
import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../support/until.ts';

export const markName = 'MATLANG_RIG';

export interface Living {
  readonly pid: number;
  readonly command: string;
}

export function livingWith(mark: string): Living[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .flatMap((pid) => {
      const isOurs = read(pid, 'environ').split('\0').includes(`${markName}=${mark}`);
      const command = read(pid, 'cmdline').split('\0').join(' ').trim();
      // A process that has ended and waits to be buried has no command line.
      return isOurs && command !== '' ? [{ pid, command }] : [];
    });
}

/** Throws, naming them, when some are left after `ms`. */
export async function allGone(mark: string, ms: number): Promise<void> {
  await until('every process to end', () => livingWith(mark).length === 0, ms).catch((error: unknown) => {
    throw new Error(`left running: ${livingWith(mark).map(({ pid, command }) => `${pid} ${command}`)}`, {
      cause: error,
    });
  });
}

export function killAll(mark: string): void {
  for (let round = 0; round < 2; round++)
    for (const { pid } of livingWith(mark)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    }
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // It has gone, or is somebody else's.
    return '';
  }
}
