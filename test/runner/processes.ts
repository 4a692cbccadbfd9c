// Finds and ends what a test file started, wherever it hid: every process that carries the file's mark in its environment or belongs to its session.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fairClock } from '../support/patience.ts';

/** Holds the marks of all runners around a process, the innermost last: a runner may itself be under test. */
export const markName = 'MATLANG_TEST_MARKS';

interface Living {
  readonly pid: number;
  readonly command: string;
}

export function living(mark: string, session: number): Living[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = look(Number(name), mark, session);
      return found === undefined ? [] : [found];
    });
}

function look(pid: number, mark: string, session: number): Living | undefined {
  const stat = readProc(pid, 'stat');
  // "pid (command) state ppid pgrp session …": the command may hold spaces and brackets.
  const [state, , , itsSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || state === 'Z' || state === 'X' || state === '') return undefined;
  const marks = readProc(pid, 'environ')
    .split('\0')
    .find((entry) => entry.startsWith(`${markName}=`));
  const marked =
    marks
      ?.slice(markName.length + 1)
      .split(' ')
      .includes(mark) ?? false;
  if (!marked && Number(itsSession) !== session) return undefined;
  return { pid, command: readProc(pid, 'cmdline').split('\0').join(' ').trim().slice(0, 120) };
}

/** Empty where the process has gone or is another user's. */
function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Waits up to `graceMs` for the last ones to go by themselves; kills the rest and names them. */
export async function sweep(mark: string, session: number, graceMs: number): Promise<string[]> {
  const waitedMs = fairClock();
  while (living(mark, session).length > 0 && waitedMs() < graceMs) await wait(50);
  const left = living(mark, session);
  killAll(mark, session);
  return left.map(({ pid, command }) => `${pid} ${command}`);
}

export function killAll(mark: string, session: number): void {
  // Twice: what is killed may have started another meanwhile.
  for (let round = 0; round < 2; round++) for (const { pid } of living(mark, session)) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}
