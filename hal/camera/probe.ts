// Asks ffprobe what a source shows. Nothing secret in the argument list: the address goes in on standard input where it may hold a password.
import { startChild } from './child.ts';
import type { Command } from './recipe.ts';

export interface Picture {
  readonly codec: string;
  /** As it is to be seen: turned upright, square pixels. Both even. */
  readonly width: number;
  readonly height: number;
  /** Undefined when the source does not say, or says something no camera does. */
  readonly fps: number | undefined;
  readonly durationMs: number | undefined;
}
export type Probed = { readonly ok: true; readonly picture: Picture } | { readonly ok: false; readonly why: string };

const entries =
  'stream=codec_name,width,height,sample_aspect_ratio,avg_frame_rate:stream_side_data=rotation:format=format_name,duration';

/** Decodes text as pictures: a film that is a text file would be shown. */
const notFilms = new Set(['ansi', 'bintext', 'xbin', 'idf']);

export async function probe(
  source: Omit<Command, 'program'>,
  limitMs: number,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<Probed> {
  const args = ['-v', 'error', '-select_streams', 'V:0', '-show_entries', entries, '-of', 'json', ...source.args];
  const child = startChild(
    { ...source, program: 'ffprobe', args },
    [source.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    secrets,
  );
  let json = '';
  child.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    json += chunk;
  });
  const late = AbortSignal.timeout(limitMs);
  const cut = AbortSignal.any([signal, late]);
  cut.addEventListener('abort', child.end, { once: true });
  const ended = await child.ended;
  cut.removeEventListener('abort', child.end);
  if (late.aborted) return { ok: false, why: `no answer within ${limitMs} ms` };
  if (ended.code !== 0) return { ok: false, why: ended.lastWords || `ffprobe ended with code ${ended.code}` };
  return readPicture(json);
}

export function readPicture(json: string): Probed {
  const found = parsed(json);
  const stream = listOf(field(found, 'streams'))[0];
  const codec = field(stream, 'codec_name');
  const [wide, high] = [field(stream, 'width'), field(stream, 'height')];
  if (typeof codec !== 'string' || notFilms.has(codec)) return { ok: false, why: 'there is no moving picture in it' };
  if (typeof wide !== 'number' || typeof high !== 'number' || wide < 16 || high < 16)
    return { ok: false, why: `its picture has no usable size: ${wide}x${high}` };
  const [num = 1, den = 1] = ratio(field(stream, 'sample_aspect_ratio'), ':');
  const turns = listOf(field(stream, 'side_data_list')).map((data) => field(data, 'rotation'));
  const isTurned = turns.some((turn) => typeof turn === 'number' && Math.abs(turn) % 180 === 90);
  const seen = [Math.round((wide * (num || 1)) / (den || 1)), high] as const;
  const [width, height] = isTurned ? [seen[1], seen[0]] : seen;
  const [frames = 0, per = 1] = ratio(field(stream, 'avg_frame_rate'), '/');
  const fps = frames / per;
  const seconds = Number(field(field(found, 'format'), 'duration'));
  return {
    ok: true,
    picture: {
      codec,
      width: even(width),
      height: even(height),
      fps: fps > 0 && fps <= 120 ? fps : undefined,
      durationMs: seconds > 0 ? seconds * 1000 : undefined,
    },
  };
}

/** Keeps its shape within the largest picture wanted, and is never enlarged: more pixels would cost and show nothing more. */
export function fitted(picture: { readonly width: number; readonly height: number }, width: number, height: number) {
  const share = Math.min(1, width / picture.width, height / picture.height);
  return { width: even(picture.width * share), height: even(picture.height * share) };
}

const even = (length: number) => Math.max(2, Math.round(length / 2) * 2);
const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const ratio = (value: unknown, sign: string) => (typeof value === 'string' ? value.split(sign).map(Number) : []);

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Nothing found in it is the answer to what cannot be read.
    return undefined;
  }
}
