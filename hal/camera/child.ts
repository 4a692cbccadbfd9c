// One child process: it dies with us, its last words are kept, and it can always be ended.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { endingMs, stderrCharsMax } from './bounds.ts';
import type { Command, Ended } from './recipe.ts';
import { redact } from './redact.ts';

export interface Child {
  readonly process: ChildProcess;
  /** Settles when the process is gone and its pipes are read out; never rejects. */
  readonly ended: Promise<Ended>;
  /** Asks it to end, then makes it. Calling again changes nothing. */
  end(): void;
}

/**
 * Descriptor 2 is read here. `setpriv --pdeathsig KILL` makes the kernel end the child when we die, however we die: a child that is blocked
 * on something never notices by itself.
 */
export function startChild(command: Command, stdio: StdioOptions & unknown[], secrets: readonly string[]): Child {
  const args = ['--pdeathsig', 'KILL', '--', command.program, ...command.args];
  // A session of its own: Ctrl-C at a terminal is for us, and we end the child in order.
  const started = spawn('setpriv', args, { stdio, detached: true });
  const words = tail();
  started.stderr?.setEncoding('utf8').on('data', words.add);
  if (command.input !== undefined) writeAll(started, command.input);
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const timers: NodeJS.Timeout[] = [];
  const settle = (code: number | null, signal: string | null, lastWords: string) => {
    for (const timer of timers) clearTimeout(timer);
    resolve({ program: command.program, code, signal, lastWords: redact(oneLine(lastWords), secrets) });
  };
  started.once('error', (error) => settle(127, null, error.message));
  started.once('close', (code, signal) => settle(code, signal, words.text()));
  const end = () => {
    if (timers.length > 0 || started.exitCode !== null || started.signalCode !== null) return;
    started.kill('SIGINT');
    let afterMs = 0;
    const later = (ms: number, act: () => void) => {
      afterMs += ms;
      timers.push(setTimeout(act, afterMs));
    };
    later(endingMs.interrupt, () => started.kill('SIGTERM'));
    later(endingMs.terminate, () => started.kill('SIGKILL'));
    // A process in the kernel's D state outlives even SIGKILL; waiting for it would hang us too.
    later(endingMs.kill, () =>
      settle(null, null, `process ${started.pid} cannot be ended: it waits inside the kernel`),
    );
  };
  return { process: started, ended: promise, end };
}

/** ffmpeg names its parts with their addresses in memory; those say nothing to anyone. */
const oneLine = (words: string) => words.replaceAll(/ @ 0x[0-9a-f]+/g, '').replaceAll(/\s*\n\s*/g, ' | ');

/** Whether a program is to be found on PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}

function writeAll(child: ChildProcess, text: string): void {
  // A child that ends before it has read all says why on its standard error; the broken pipe adds nothing.
  child.stdin?.on('error', (error) => child.stderr?.emit('data', `standard input: ${error.message}\n`));
  child.stdin?.end(text);
}

function tail() {
  let kept = '';
  return {
    add: (chunk: string) => {
      kept = (kept + chunk).slice(-stderrCharsMax);
    },
    text: () => kept.trim(),
  };
}
