// A program that is asked one thing and ends: bounded in time and in what it may say, and never left behind.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ShortRun =
  | { readonly ok: true; readonly out: Uint8Array; readonly text: string }
  | {
      readonly ok: false;
      readonly why: 'absent' | 'timeout' | 'exit' | 'too-much' | 'aborted';
      readonly exitCode: number | null;
      readonly text: string;
    };

export interface ShortRules {
  readonly timeoutMs: number;
  readonly outBytesMax?: number;
  readonly input?: Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** What a child may say on stderr before the rest is dropped. */
const errBytesMax = 16 * 1024;

/**
 * Runs a program to its end; `text` is its stderr, cut. It dies with us whatever happens (`setpriv --pdeathsig KILL`), and in a group of its own, so that a
 * time-out takes its children too. Never throws for what the program does.
 */
export function runShort(command: string, args: readonly string[], rules: ShortRules): Promise<ShortRun> {
  const outBytesMax = rules.outBytesMax ?? 1024 * 1024;
  return new Promise((resolve) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: rules.env ?? process.env,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let outBytes = 0;
    let errBytes = 0;
    let cause: 'timeout' | 'too-much' | 'aborted' | undefined;
    const end = (why: typeof cause) => {
      cause ??= why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => end('timeout'), rules.timeoutMs);
    const onAbort = () => end('aborted');
    rules.signal?.addEventListener('abort', onAbort, { once: true });
    if (rules.signal?.aborted === true) onAbort();

    child.stdout.on('data', (bytes: Buffer) => {
      outBytes += bytes.length;
      if (outBytes > outBytesMax) end('too-much');
      else out.push(bytes);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      if (errBytes < errBytesMax) err.push(bytes.subarray(0, errBytesMax - errBytes));
      errBytes += bytes.length;
    });
    // A child that ends without reading its input breaks the pipe; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(rules.input);

    const done = (run: ShortRun) => {
      clearTimeout(timer);
      rules.signal?.removeEventListener('abort', onAbort);
      resolve(run);
    };
    child.once('error', (error) => done({ ok: false, why: 'absent', exitCode: null, text: error.message }));
    child.once('close', (exitCode) => {
      const text = Buffer.concat(err).toString('utf8').trim();
      if (cause !== undefined) done({ ok: false, why: cause, exitCode, text });
      // setpriv and the shells say "not found" with 127.
      else if (exitCode === 127) done({ ok: false, why: 'absent', exitCode, text });
      else if (exitCode !== 0) done({ ok: false, why: 'exit', exitCode, text });
      else done({ ok: true, out: Buffer.concat(out), text });
    });
  });
}

/** A child's program beside its parent's: `.ts` in a checkout, `.js` in a package. */
export function besideMe(name: string, importMetaUrl: string): string {
  return fileURLToPath(new URL(`./${name}${extname(new URL(importMetaUrl).pathname)}`, importMetaUrl));
}

/** A child's program of another room, `../scene/main`: in a node's release it is bundled, and lies beside us as `bundled`. */
export function inItsRoom(bundled: string, path: string, importMetaUrl: string): string {
  const beside = besideMe(bundled, importMetaUrl);
  return existsSync(beside) ? beside : besideMe(path, importMetaUrl);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
