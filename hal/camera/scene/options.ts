// What the command line asks of the scene, or why it cannot be had.
import { parseArgs } from 'node:util';
import { castUsage, parseCast } from './cast-rules.ts';
import { type Nuisance, nuisanceClasses, parseNuisance } from './nuisance.ts';
import type { SceneOptions } from './scene.ts';

export interface Options extends SceneOptions {
  /** Pictures to write before ending; endless without. */
  readonly frames: number | undefined;
  readonly asFast: boolean;
  /** File descriptor that takes one JSON line a picture. */
  readonly truth: number | undefined;
  /** Seconds into the scene at which to begin. */
  readonly startS: number;
}

export const usage = `node hal/camera/scene/main.ts --seed N --time day|night --width W --height H --fps F
  [--frames N] [--as-fast] [--truth FD] [--start S] [--cast WHO] [--nuisance WHAT[:STRENGTH]]…
Raw I420 pictures on stdout, in real time; with --truth one JSON line a picture on that file descriptor.
WHO is ${castUsage}.
WHAT is ${nuisanceClasses.join(', ')}; STRENGTH 0 to 1, 0.5 when not said; several --nuisance add up.`;

export type Parsed =
  | { readonly ok: true; readonly options: Options }
  | { readonly ok: false; readonly faults: readonly string[] };

export function parseOptions(argv: readonly string[]): Parsed {
  const read = readArgv(argv);
  if (!read.ok) return read;
  const faults: string[] = [];
  const number = (name: Named, least: number, most: number, fallback?: string) => {
    const text = read.values[name] ?? fallback;
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
    const whole = name === 'start' || Number.isInteger(value);
    if (text === undefined) faults.push(`--${name} is missing`);
    else if (!(whole && value >= least && value <= most))
      faults.push(`--${name} must be ${least} to ${most}, not ${text}`);
    return value;
  };
  const optional = (name: Named, least: number, most: number) =>
    read.values[name] === undefined ? undefined : number(name, least, most);
  const time = read.values.time === 'night' ? 'night' : 'day';
  if (read.values.time === undefined) faults.push('--time is missing');
  else if (read.values.time !== time) faults.push(`--time must be day or night, not ${read.values.time}`);
  const cast = parseCast(read.values.cast ?? 'traffic');
  if (!cast.ok) faults.push(cast.fault);
  const nuisances: Nuisance[] = [];
  for (const text of read.nuisances) {
    const nuisance = parseNuisance(text);
    if (nuisance !== undefined) nuisances.push(nuisance);
    else faults.push(`--nuisance must be one of ${nuisanceClasses.join(', ')}, with :0 to :1 or without, not ${text}`);
  }
  const options: Options = {
    nuisances,
    cast: cast.ok ? cast.cast : 'none',
    seed: number('seed', 0, 2 ** 31 - 1),
    time,
    width: number('width', 64, 1920),
    height: number('height', 36, 1088),
    fps: number('fps', 1, 60),
    frames: optional('frames', 1, 1e9),
    asFast: read.asFast,
    truth: optional('truth', 1, 1023),
    startS: number('start', 0, 1e7, '0'),
  };
  if (options.width % 8 !== 0) faults.push(`--width must be a multiple of 8, not ${options.width}`);
  if (options.height % 2 !== 0) faults.push(`--height must be even, not ${options.height}`);
  if (options.truth === 1) faults.push('--truth must not be 1, the pictures go there');
  return faults.length > 0 ? { ok: false, faults } : { ok: true, options };
}

const named = ['seed', 'time', 'width', 'height', 'fps', 'frames', 'truth', 'start', 'cast'] as const;
type Named = (typeof named)[number];

type Read =
  | {
      readonly ok: true;
      readonly values: Readonly<Partial<Record<Named, string>>>;
      readonly nuisances: readonly string[];
      readonly asFast: boolean;
    }
  | { readonly ok: false; readonly faults: readonly string[] };

function readArgv(argv: readonly string[]): Read {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        seed: text,
        time: text,
        width: text,
        height: text,
        fps: text,
        frames: text,
        truth: text,
        start: text,
        cast: text,
        nuisance: { type: 'string', multiple: true },
        'as-fast': { type: 'boolean' },
      },
    });
    const { nuisance = [], 'as-fast': asFast = false, ...single } = values;
    return { ok: true, values: single, nuisances: nuisance, asFast };
  } catch (cause) {
    // Node's own sentence names the option; it ends with advice on positional arguments that is of no use here.
    return {
      ok: false,
      faults: [cause instanceof Error ? (cause.message.split('. To specify')[0] ?? '') : String(cause)],
    };
  }
}
