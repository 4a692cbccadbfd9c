// Keeps one child process running: starts it again with back-off when it ends by itself, and ends it in order when asked.
// Only for where no service manager does this (`matlang node`, the demo).
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export interface ChildRules {
  readonly name: string;
  /** Arguments to this same Node. */
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Each line the child writes to stderr. */
  readonly onLine: (line: string) => void;
  /** It ended without being asked. */
  readonly onEnd: (how: string) => void;
}

export interface SupervisedChild {
  pid(): number | undefined;
  restarts(): number;
  /** SIGTERM, and SIGKILL where that does not help in `graceMs`. Resolves when it has ended; it is not started again. */
  stop(graceMs?: number): Promise<void>;
}

const backOffMsMin = 500;
const backOffMsMax = 30_000;
/** A child that lived this long is started again without delay. */
const steadyMs = 10_000;
const graceMsDefault = 10_000;

export function supervise(rules: ChildRules): SupervisedChild {
  const stopping = new AbortController();
  const tally = { restarts: 0 };
  let child: ChildProcess | undefined;

  const runOnce = async (): Promise<string> => {
    // When we are killed ourselves, the child gets a SIGTERM from the kernel and ends in order.
    const own = spawn('setpriv', ['--pdeathsig', 'TERM', '--', process.execPath, ...rules.args], {
      // What a process has to say it says on stderr; our own stdout belongs to the command that was typed.
      stdio: ['ignore', 'ignore', 'pipe'],
      // A session of its own: Ctrl+C in a terminal goes to the whole group, and it is we who stop the children, in order.
      detached: true,
      ...(rules.env === undefined ? {} : { env: rules.env }),
    });
    child = own;
    createInterface({ input: own.stderr }).on('line', rules.onLine);
    return await new Promise((resolve) => {
      own.once('error', (error) => resolve(error.message));
      own.once('close', (code, signal) => resolve(signal ?? `exit ${code}`));
    });
  };

  const run = async (): Promise<void> => {
    for (let waitMs = backOffMsMin; !stopping.signal.aborted; ) {
      const startedMs = performance.now();
      const how = await runOnce();
      if (stopping.signal.aborted) return;
      rules.onEnd(how);
      tally.restarts += 1;
      waitMs = performance.now() - startedMs > steadyMs ? backOffMsMin : Math.min(waitMs * 2, backOffMsMax);
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const ended = run();

  return {
    pid: () => (child?.exitCode === null && child.signalCode === null ? child.pid : undefined),
    restarts: () => tally.restarts,
    stop: async (graceMs = graceMsDefault) => {
      stopping.abort();
      child?.kill('SIGTERM');
      const killer = setTimeout(() => child?.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(killer);
    },
  };
}
