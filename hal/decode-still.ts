// A small copy of a JPEG. Decoding takes tens of megabytes and eats strangers' bytes, so it happens in a child that ends.
import { besideMe, runShort } from './short-child.ts';

export type SmallStill =
  | { readonly ok: true; readonly jpeg: Uint8Array }
  | {
      readonly ok: false;
      readonly why: 'too-large' | 'not-a-picture' | 'no-module' | 'timeout' | 'failed';
      readonly text: string;
    };

export interface SmallStillRules {
  readonly width: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A 1080p still is about 400 KiB; whatever is far larger is no still of ours. */
const jpegBytesMax = 8 * 1024 * 1024;

/** The exit codes of `decode-still-child.ts`. */
const exitNoModule = 3;
const exitNotAPicture = 4;

export async function smallStill(jpeg: Uint8Array, rules: SmallStillRules): Promise<SmallStill> {
  if (jpeg.length > jpegBytesMax) {
    return { ok: false, why: 'too-large', text: `a still must be at most ${jpegBytesMax} bytes, not ${jpeg.length}` };
  }
  const run = await runShort(process.execPath, [besideMe('decode-still-child', import.meta.url), String(rules.width)], {
    timeoutMs: rules.timeoutMs ?? 10_000,
    input: jpeg,
    outBytesMax: jpegBytesMax,
    ...(rules.signal === undefined ? {} : { signal: rules.signal }),
  });
  if (run.ok) return { ok: true, jpeg: run.out };
  return { ok: false, why: why(run.why, run.exitCode), text: run.text };
}

function why(cause: string, exitCode: number | null): 'not-a-picture' | 'no-module' | 'timeout' | 'failed' {
  if (cause === 'timeout') return 'timeout';
  if (exitCode === exitNoModule) return 'no-module';
  return exitCode === exitNotAPicture ? 'not-a-picture' : 'failed';
}
