// The spoken keyword behind the `Voice` port. Off by default; whatever goes wrong is a state to look at, and never touches the pictures.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Voice, VoiceState } from './ports.ts';
import { besideMe } from './short-child.ts';

export interface VoiceRules {
  readonly enabled: boolean;
  /** File that holds the Picovoice AccessKey; it reaches the engine by this file alone, never by arguments. */
  readonly accessKeyFile: string;
  readonly keyword: string;
  readonly monoMs: () => number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A microphone may be plugged in later, so those states are tried again; a key or a processor does not mend itself. */
const retryMs = 60_000;
const worthRetrying: readonly VoiceState[] = ['no-microphone', 'failed'];
const states: readonly string[] = [
  'listening',
  'no-module',
  'no-key',
  'bad-key',
  'unsupported-cpu',
  'no-microphone',
  'failed',
];
/** Until the engine has answered. */
const starting: ReturnType<Voice['state']> = { state: 'off', text: 'starting' };

export function openVoice(rules: VoiceRules): Voice {
  let now: ReturnType<Voice['state']> = { state: 'off', text: 'voice is off in the configuration' };
  return {
    state: () => now,
    async *heard(signal) {
      while (rules.enabled && !signal.aborted) {
        now = starting;
        for await (const said of listener(rules, signal)) {
          if (said.is === 'heard') yield { keyword: rules.keyword, monoMs: rules.monoMs() };
          else now = said;
        }
        if (now === starting) now = { state: 'failed', text: 'the listener ended without a word' };
        if (signal.aborted || !worthRetrying.includes(now.state)) break;
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) now = { state: 'off', text: 'stopped' };
    },
  };
}

type Said = { readonly is: 'heard' } | { readonly is: 'state'; readonly state: VoiceState; readonly text: string };

async function* listener(rules: VoiceRules, signal: AbortSignal): AsyncGenerator<Said, void> {
  const program = [process.execPath, besideMe('voice-child', import.meta.url), rules.accessKeyFile, rules.keyword];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...program], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: rules.env ?? process.env,
  });
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = read(line);
      if (said !== undefined) yield said;
    }
    if (failure !== undefined) yield { is: 'state', state: 'failed', text: failure };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Undefined for a line that is none of ours: native code may print what it likes. */
function read(line: string): Said | undefined {
  if (!line.startsWith('{')) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null) return undefined;
  if ('heard' in said) return { is: 'heard' };
  if (!('state' in said) || !('text' in said)) return undefined;
  const { state, text } = said;
  return isState(state) && typeof text === 'string' ? { is: 'state', state, text } : undefined;
}

const isState = (state: unknown): state is VoiceState => typeof state === 'string' && states.includes(state);
