// One test file, one process in a session of its own, with a time limit and a folder for its files.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fairClock } from '../support/patience.ts';
import { killAll, markName, sweep } from './processes.ts';
import type { FileRun } from './summary.ts';

/** The rest is cut from the middle: the beginning and the end tell most. */
const outputCharactersMax = 2_000_000;
/** What dies with its parent needs a moment to do so. */
const graceMs = 2000;

export async function runFile(file: string, limitS: number, stop: AbortSignal): Promise<FileRun> {
  const mark = randomBytes(8).toString('hex');
  // Short: Unix socket paths end at 107 characters.
  const folder = mkdtempSync(join(tmpdir(), 'mt-'));
  const began = performance.now();
  const child = spawn(process.execPath, [file], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TMPDIR: folder,
      [markName]: `${process.env[markName] ?? ''} ${mark}`.trim(),
      FORCE_COLOR: '0',
      NO_COLOR: '1',
    },
  });
  const session = child.pid ?? -1;
  const output = collect(child.stdout, child.stderr);
  const state = { timedOut: false };
  const end = () => killAll(mark, session);
  const tookFairMs = fairClock();
  const limit = setInterval(
    () => {
      if (tookFairMs() < limitS * 1000) return;
      state.timedOut = true;
      end();
    },
    Math.min(500, limitS * 1000),
  );
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();

  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  clearInterval(limit);
  stop.removeEventListener('abort', end);
  const leftovers = await sweep(mark, session, state.timedOut || stop.aborted ? 0 : graceMs);
  const stuck = removed(folder);
  return {
    file,
    output: output(),
    code,
    timedOut: state.timedOut,
    leftovers: [...leftovers, ...stuck],
    tookMs: performance.now() - began,
  };
}

/** What stays of it: a file that was killed may have left something mounted there, which is no reason to end the others. */
function removed(folder: string): string[] {
  try {
    rmSync(folder, { recursive: true, force: true });
    return [];
  } catch (error) {
    return [`${folder}: ${String(error)}`];
  }
}

function collect(...streams: readonly NodeJS.ReadableStream[]): () => string {
  const kept = { text: '' };
  for (const stream of streams) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      kept.text += chunk;
      if (kept.text.length > outputCharactersMax)
        kept.text = `${kept.text.slice(0, outputCharactersMax / 4)}\n… cut …\n${kept.text.slice(-outputCharactersMax / 2)}`;
    });
  }
  return () => kept.text;
}
