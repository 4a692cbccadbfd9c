// What the camera tests share: films made on the spot, a camera with a folder of its own, and ways to wait for a sight.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CameraWorld, openCamera } from '../../hal/camera/open.ts';
import type { CameraSettings, PictureSettings } from '../../hal/camera/settings.ts';
import type { Camera, CameraSight } from '../../hal/ports.ts';

export const picture: PictureSettings = {
  width: 640,
  height: 360,
  fps: 15,
  bitrateKbps: 1000,
  caption: false,
  masks: [],
};
export const analysis = { fps: 5, width: 160, height: 90 };

const root = mkdtempSync(join(tmpdir(), 'matlang-camera-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));

/** A folder that goes with the process. */
export const ownFolder = (): string => mkdtempSync(join(root, 'of-'));

/** Runs ffmpeg to its end. */
export const ffmpeg = (...args: string[]): void => {
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-nostdin', ...args]);
};

/** A moving test film; `encoding` are output options. */
export function makeFilm(path: string, size: string, seconds: number, ...encoding: string[]): string {
  ffmpeg('-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=15`, '-t', String(seconds), ...encoding, path);
  return path;
}

export const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

export function camera(settings: CameraSettings, world: Partial<CameraWorld> = {}): Camera {
  return openCamera(settings, { monoMs: () => performance.now(), runDir: ownFolder(), analysis, ...world });
}

/** A sight as a test keeps it: pixels copied, arrival noted. */
export type Kept = CameraSight & { readonly atMs: number };

/**
 * Runs the camera until `enough` says so, or to its end.
 * @throws when `limitMs` is over first, with what was seen until then.
 */
export async function watch(
  source: Camera,
  enough: (seen: readonly Kept[]) => boolean,
  limitMs: number,
): Promise<readonly Kept[]> {
  const seen: Kept[] = [];
  const limit = AbortSignal.timeout(limitMs);
  for await (const sight of source.run(limit)) {
    seen.push({ ...kept(sight), atMs: performance.now() });
    if (enough(seen)) return seen;
  }
  if (limit.aborted)
    throw new Error(`not enough within ${limitMs} ms: ${told(seen)} ${JSON.stringify(source.inventory())}`);
  return seen;
}

const kept = (sight: CameraSight): CameraSight =>
  sight.is === 'grey' ? { is: 'grey', frame: { ...sight.frame, pixels: sight.frame.pixels.slice() } } : sight;

const told = (seen: readonly Kept[]) =>
  JSON.stringify(seen.map((sight) => (sight.is === 'fault' || sight.is === 'start' ? sight : sight.is)));

export const all = <Is extends CameraSight['is']>(seen: readonly Kept[], is: Is) =>
  seen.filter((sight): sight is Kept & { is: Is } => sight.is === is);

export const has =
  (is: CameraSight['is'], times = 1) =>
  (seen: readonly Kept[]) =>
    all(seen, is).length >= times;

/** Init and fragments in one file, as a player would get them. */
export const asMp4 = (seen: readonly Kept[]): Buffer =>
  Buffer.concat([...all(seen, 'init'), ...all(seen, 'fragment')].map(({ bytes }) => bytes));

/** Frames that ffmpeg decodes out of it; -1 when it says anything at all. */
export function decodedFrames(mp4: Buffer): number {
  const args = ['-v', 'error', '-xerror', '-i', 'pipe:0', '-map', '0:v', '-f', 'framecrc', '-'];
  return execFileSync('ffmpeg', args, { input: mp4, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] })
    .split('\n')
    .filter((line) => /^\d/.test(line)).length;
}

/** The size of an MP4's or JPEG's picture, `width,height`. */
export function sizeOf(bytes: Uint8Array): string {
  const path = join(ownFolder(), 'picture');
  writeFileSync(path, bytes);
  const args = ['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', path];
  return execFileSync('ffprobe', args, { encoding: 'utf8' }).trim();
}

/** One brightness a pixel, whole picture. */
export const brightness = (jpeg: Uint8Array): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'], { input: jpeg });

/** Command lines of all processes that hold `text`. */
export function commandLinesWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((line) => line.includes(text));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended while we looked.
    return '';
  }
}

export function isAlive(pid: number): boolean {
  try {
    // A zombie is dead; only its parent has not looked yet.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
