// The microphone behind the `Sound` port: a child listens, so that a crash in an engine's native code costs no picture. Whatever goes wrong is a state to look at.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ear, EarState, Heard, Sound, SoundState } from './ports.ts';

export interface SoundRules {
  /** Undefined: nobody listens for a keyword. The AccessKey reaches the engine by its file alone, never by arguments. */
  readonly keyword?: { readonly accessKeyFile: string; readonly keyword: string };
  /** Undefined: nobody listens for bangs. What the detector wants to know. */
  readonly bang?: { readonly levelDb: number; readonly riseMs: number };
  /** Program of the listening child: it takes these rules as JSON, and says `SoundWords` on stdout, one JSON a line. */
  readonly child: string;
  readonly monoMs: () => number;
  readonly env?: NodeJS.ProcessEnv;
}

/** What the child says. */
export type SoundWords =
  | { readonly of: Ear; readonly state: SoundState; readonly text: string }
  | { readonly heard: Ear; readonly text: string };

/** A microphone may be plugged in later, so those states are tried again; a key or a processor does not mend itself. */
const retryMs = 60_000;
const worthRetrying: readonly SoundState[] = ['no-microphone', 'failed'];
const states: readonly string[] = [
  'off',
  'listening',
  'no-module',
  'no-key',
  'bad-key',
  'unsupported-cpu',
  'no-microphone',
  'failed',
];
const ears: readonly Ear[] = ['keyword', 'bang'];
/** Until the child has answered. */
const starting: EarState = { state: 'off', text: 'starting' };

export function openSound(rules: SoundRules): Sound {
  const wanted = ears.filter((ear) => rules[ear] !== undefined);
  const now: Record<Ear, EarState> = {
    keyword: { state: 'off', text: 'off in the configuration' },
    bang: { state: 'off', text: 'off in the configuration' },
  };
  const all = (state: EarState) => {
    for (const ear of wanted) now[ear] = state;
  };
  return {
    state: () => ({ ...now }),
    async *heard(signal) {
      while (wanted.length > 0 && !signal.aborted) {
        all(starting);
        for await (const said of listener(rules, signal)) {
          if ('heard' in said) yield { is: said.heard, text: said.text, monoMs: rules.monoMs() } satisfies Heard;
          else now[said.of] = { state: said.state, text: said.text };
        }
        for (const ear of wanted) {
          if (now[ear] === starting || now[ear].state === 'listening') {
            now[ear] = { state: 'failed', text: 'the listener ended without a word' };
          }
        }
        if (signal.aborted || !wanted.some((ear) => worthRetrying.includes(now[ear].state))) break;
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) all({ state: 'off', text: 'stopped' });
    },
  };
}

async function* listener(rules: SoundRules, signal: AbortSignal): AsyncGenerator<SoundWords, void> {
  const { keyword, bang } = rules;
  const program = [process.execPath, rules.child, JSON.stringify({ keyword, bang })];
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
    if (failure !== undefined) for (const of of ears) if (rules[of]) yield { of, state: 'failed', text: failure };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Undefined for a line that is none of ours: native code may print what it likes. */
function read(line: string): SoundWords | undefined {
  if (!line.startsWith('{')) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null || !('text' in said) || typeof said.text !== 'string') return undefined;
  const { text } = said;
  if ('heard' in said) return isEar(said.heard) ? { heard: said.heard, text } : undefined;
  if (!('state' in said) || !('of' in said)) return undefined;
  return isState(said.state) && isEar(said.of) ? { of: said.of, state: said.state, text } : undefined;
}

const isState = (state: unknown): state is SoundState => typeof state === 'string' && states.includes(state);
const isEar = (ear: unknown): ear is Ear => ear === 'keyword' || ear === 'bang';
