// The self-test's last question to a recipe: do its first seconds decode, every frame of them? A child answers, on a copy of what was handed out.
import { proof } from './bounds.ts';
import { startChild } from './child.ts';

export interface Sample {
  readonly init: Uint8Array;
  readonly fragments: readonly Uint8Array[];
  readonly frames: number;
}
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

const args = ['-hide_banner', '-v', 'error', '-threads', '1', '-f', 'mp4', '-i', 'pipe:0', '-map', '0:V:0'];
/** A line a frame. Each is decoded whole, but only its corner is summed: summing all of 720p took a third of what decoding itself costs. */
const counting = ['-vf', 'crop=16:16:0:0', '-fps_mode', 'passthrough', '-f', 'framecrc', 'pipe:1'];

/** Undefined when it was aborted before there was an answer. */
export async function decodes(sample: Sample, signal: AbortSignal): Promise<Verdict | undefined> {
  const command = { program: 'ffmpeg', args: [...args, ...counting] };
  const child = startChild(command, ['pipe', 'pipe', 'pipe'], []);
  const { stdin, stdout } = child.process;
  let lines = '';
  stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    lines += chunk;
  });
  // When the decoder ends early, its own words say why.
  stdin?.on('error', child.end);
  stdin?.write(sample.init);
  for (const fragment of sample.fragments) stdin?.write(fragment);
  stdin?.end();
  const late = AbortSignal.timeout(proof.decodeMs);
  const cut = AbortSignal.any([signal, late]);
  cut.addEventListener('abort', child.end, { once: true });
  const ended = await child.ended;
  cut.removeEventListener('abort', child.end);
  if (signal.aborted) return undefined;
  if (late.aborted) return { ok: false, why: `the self-test's decoder gave no answer within ${proof.decodeMs} ms` };
  const decoded = lines.split('\n').filter((line) => /^\d/.test(line)).length;
  if (ended.code === 0 && decoded === sample.frames && ended.lastWords === '') return { ok: true };
  return { ok: false, why: `decodes ${decoded} of ${sample.frames} frames. ${ended.lastWords}`.trim() };
}
