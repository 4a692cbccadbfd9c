// The demo's hub: a process of its own, asked over HTTP like any viewer.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { supervise } from '../../agent/supervise.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import { doorUrl, enter, makeDoor } from './door.ts';
import { type HubSummary, hubSummarySchema } from './summary.ts';
import type { DemoWords } from './words.ts';

export interface DemoHub {
  /** Signs whoever opens it in. */
  readonly url: string;
  summarise(): Promise<Omit<HubSummary, 'clipsPlayable'>>;
  /** How many clips decode from their first to their last picture. */
  decodeClips(): Promise<number>;
  stop(): Promise<void>;
}

const upMsMax = 20_000;
const decodeMsMax = 120_000;
const program = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Resolves when its page answers. */
export async function startHub(
  configPath: string,
  archiveDir: string,
  url: string,
  say: (line: string) => void,
  words: DemoWords,
): Promise<DemoHub> {
  const token = await makeDoor(dirname(archiveDir));
  const heard: string[] = [];
  const hub = supervise({
    name: 'hub',
    args: [program, 'hub', '--config', configPath],
    onLine: (line) => {
      heard.push(line);
      heard.splice(0, heard.length - 20);
    },
    onEnd: (how) => say(words.hubEnded(`${how} ${heard.at(-1) ?? ''}`)),
  });
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return await answer.json();
  };
  const deadlineMs = performance.now() + upMsMax;
  while (
    !(await ask('/api/summary').then(
      () => true,
      () => false,
    ))
  ) {
    if (performance.now() > deadlineMs) {
      await hub.stop();
      throw new Error(words.hubEnded(heard.join('\n')));
    }
    await pause(100);
  }
  const cookie = await enter(url, token);
  return {
    url: doorUrl(url, token),
    summarise: async () => hubSummarySchema.parse(await ask('/api/summary')),
    decodeClips: async () => {
      let playable = 0;
      for (const path of await clipPaths(archiveDir)) if (await decodes(`${url}${path}`, cookie)) playable += 1;
      return playable;
    },
    stop: () => hub.stop(),
  };
}

/** Where the hub serves the clips that lie in its archive. */
async function clipPaths(archiveDir: string): Promise<string[]> {
  const names = await readdir(archiveDir, { recursive: true }).catch(() => []);
  return names.flatMap((name) => {
    const file = parseFileName(basename(name));
    if (file?.is !== 'record' || file.kind !== 'clip') return [];
    return [`/api/clip/${dirname(dirname(name))}/${file.boot}/${file.seq}.mp4`];
  });
}

/** ffmpeg reads it to the end and has nothing to say. */
function decodes(url: string, cookie: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(
      'ffmpeg',
      ['-v', 'error', '-xerror', '-headers', `Cookie: ${cookie}\r\n`, '-i', url, '-f', 'null', '-'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: decodeMsMax,
      },
    );
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0 && said.length === 0));
  });
}
