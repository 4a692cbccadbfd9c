// The keyword engine (Porcupine, optional), and each way in which it may not be had. English keywords only; it needs an AccessKey and, now and then, the internet.
import type * as Porcupine from '@picovoice/porcupine-node';
import type { SoundState } from './ports.ts';

export interface VoiceEngine {
  /** Samples it takes at a time: 16 bit, 16 kHz, one channel. */
  readonly frameLength: number;
  /** True when the keyword ended in this frame. */
  process(frame: Int16Array): boolean;
  release(): void;
}

export type VoiceEngineStarted =
  | { readonly ok: true; readonly engine: VoiceEngine }
  | { readonly ok: false; readonly state: SoundState; readonly text: string };

/** In the middle of Porcupine's scale: more finds more and errs more. */
const sensitivity = 0.5;

export async function startEngine(
  accessKey: string,
  keyword: string,
  load: () => Promise<typeof Porcupine> = () => import('@picovoice/porcupine-node'),
): Promise<VoiceEngineStarted> {
  if (accessKey === '') return { ok: false, state: 'no-key', text: 'no Picovoice AccessKey is set' };
  const loaded = await load().catch((error: unknown) => String(error));
  if (typeof loaded === 'string') {
    return { ok: false, state: 'no-module', text: `@picovoice/porcupine-node cannot be loaded: ${firstLine(loaded)}` };
  }
  const known = Object.values(loaded.BuiltinKeyword);
  const chosen = known.find((name) => name === keyword.toLowerCase().replaceAll('_', ' '));
  if (chosen === undefined) {
    return { ok: false, state: 'failed', text: `keyword must be one of ${known.join(', ')}, not ${keyword}` };
  }
  try {
    const porcupine = new loaded.Porcupine(accessKey, [chosen], [sensitivity]);
    return {
      ok: true,
      engine: {
        frameLength: porcupine.frameLength,
        process: (frame) => porcupine.process(frame) >= 0,
        release: () => porcupine.release(),
      },
    };
  } catch (error) {
    // The library throws strings too, and repeats the key it was given.
    const text = (error instanceof Error ? error.message : String(error)).replaceAll(accessKey, '***');
    const kind = error instanceof Error ? error.constructor.name : '';
    return { ok: false, state: stateOf(kind, text), text: text.replace(/\s+/g, ' ').slice(0, 400) };
  }
}

function stateOf(kind: string, text: string): SoundState {
  if (/unsupported cpu|not supported by this library/i.test(text)) return 'unsupported-cpu';
  if (kind.startsWith('PorcupineActivation') || kind === 'PorcupineKeyError') return 'bad-key';
  return /accesskey/i.test(text) ? 'bad-key' : 'failed';
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
