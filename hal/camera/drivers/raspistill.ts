// One still through node-raspistill. The package spawns the literal `raspistill`, gone since Raspberry Pi OS Bullseye, never settles when it is missing, and
// takes any line on stderr for a failure. So it is given an executor of ours: today's program where the old one is absent, the exit code as the judge, and a
// time limit.
import type { CameraFault } from '../../ports.ts';
import { startChild } from '../child.ts';
import type { StillsSettings } from '../settings.ts';

export const stillPrograms = ['rpicam-still', 'libcamera-still', 'raspistill'] as const;
export type StillProgram = (typeof stillPrograms)[number];
export type Still =
  | { readonly ok: true; readonly jpeg: Uint8Array }
  | { readonly ok: false; readonly code: CameraFault; readonly text: string };

/** Time for the sensor to find exposure and white balance. */
const settleMs = 500;
const noCamera = /no cameras available|camera is not (?:enabled|detected)|failed to acquire/i;

export async function takeStill(
  program: StillProgram,
  { width, height }: StillsSettings,
  limitMs: number,
  signal: AbortSignal,
): Promise<Still> {
  const { Raspistill } = await import('node-raspistill');
  let outcome: Still = { ok: false, code: 'camera-exit', text: `${program} was not started` };
  const shoot = async (args: string[]) => {
    outcome = await run(program, args, limitMs, signal);
    return outcome.ok ? Buffer.from(outcome.jpeg) : Buffer.alloc(0);
  };
  const notAsked = () => Promise.reject(new Error('only single pictures in memory are taken'));
  const executor = {
    spawnAndGetImage: shoot,
    exec: notAsked,
    spawnAndGetImages: notAsked,
    killProcess: () => undefined,
  };
  const options = { noFileSave: true, encoding: 'jpg', width, height, time: settleMs, quality: 85 } as const;
  await new Raspistill(options, undefined, executor).takePhoto();
  return outcome;
}

async function run(
  program: StillProgram,
  args: readonly string[],
  limitMs: number,
  signal: AbortSignal,
): Promise<Still> {
  const spoken = program === 'raspistill' ? args : rpicamArgs(args);
  const child = startChild({ program, args: spoken }, ['ignore', 'pipe', 'pipe'], []);
  const chunks: Buffer[] = [];
  child.process.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const late = AbortSignal.timeout(limitMs);
  const cut = AbortSignal.any([signal, late]);
  cut.addEventListener('abort', child.end, { once: true });
  const ended = await child.ended;
  cut.removeEventListener('abort', child.end);
  const jpeg = Buffer.concat(chunks);
  if (late.aborted) return { ok: false, code: 'camera-hang', text: `${program} took no picture within ${limitMs} ms` };
  if (ended.code === 0 && jpeg.length > 0) return { ok: true, jpeg };
  const code = noCamera.test(ended.lastWords) ? 'camera-absent' : 'camera-exit';
  return { ok: false, code, text: `${program} took no picture (code ${ended.code}): ${ended.lastWords}` };
}

type Translation = (value: number) => readonly string[];
const same =
  (flag: string): Translation =>
  (value) => [flag, String(value)];
/** raspistill's flags with a number, in rpicam-still's words; an empty list drops the flag. Tables: `raspistill --help`, `rpicam-still --help`. */
const withNumber: Readonly<Record<string, Translation>> = {
  '-w': same('--width'),
  '-h': same('--height'),
  '-t': same('-t'),
  '-tl': same('--timelapse'),
  '-q': same('-q'),
  '-ss': same('--shutter'),
  '-ISO': (iso) => ['--gain', String(iso / 100)],
  '-br': (brightness) => ['--brightness', String((brightness - 50) / 50)],
  '-co': (contrast) => ['--contrast', String(1 + contrast / 100)],
  '-sa': (saturation) => ['--saturation', String(1 + saturation / 100)],
  // rpicam-still turns by half turns only.
  '-rot': (turn) => (turn % 180 === 0 ? ['--rotation', String(turn % 360)] : []),
};
const flickerPeriods: Readonly<Record<string, string>> = { '50hz': '10000us', '60hz': '8333us' };
const exposures: Readonly<Record<string, string>> = { sports: 'sport', verylong: 'long' };
const whiteBalances: Readonly<Record<string, string>> = { sun: 'daylight', cloud: 'cloudy', shade: 'cloudy' };
const withWord: Readonly<Record<string, (word: string) => readonly string[]>> = {
  '-e': (word) => ['-e', word],
  '-o': (word) => ['-o', word],
  '-th': (word) => ['--thumb', word],
  '-awbg': (word) => ['--awbgains', word],
  '-awb': (word) => ['--awb', whiteBalances[word] ?? (word === 'off' ? 'auto' : word)],
  '-ex': (word) => ['--exposure', exposures[word] ?? 'normal'],
  '-fli': (word) => (flickerPeriods[word] === undefined ? [] : ['--flicker-period', flickerPeriods[word]]),
  // Nothing of the kind is left.
  '-ifx': () => [],
  '-drc': () => [],
};
const alone: Readonly<Record<string, string>> = { '-vf': '--vflip', '-hf': '--hflip', '-n': '-n' };

/** raspistill's arguments in rpicam-still's words. `-v 0` keeps its chatter off stderr. */
export function rpicamArgs(args: readonly string[]): string[] {
  const spoken = ['-v', '0'];
  for (let at = 0; at < args.length; at += 1) {
    const flag = args[at] ?? '';
    const flip = alone[flag];
    if (flip !== undefined) {
      spoken.push(flip);
      continue;
    }
    const value = args[at + 1] ?? '';
    at += 1;
    spoken.push(...(withNumber[flag]?.(Number(value)) ?? withWord[flag]?.(value) ?? []));
  }
  return spoken;
}
