// A make-believe Pi for the camera tests: PATH leads to stand-ins for the camera program, GStreamer and ffmpeg's hardware encoder.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { PiSettings } from '../../hal/camera/settings.ts';
import type { Camera } from '../../hal/ports.ts';
import { all, camera, has, type Kept, ownFolder, picture } from './camera-world.ts';

export const pi: PiSettings = { ...picture, driver: 'pi', rotation: 0 };
export const raw = (encoder: string) => `rpicam-vid yuv420 → ${encoder}`;
const systemPath = process.env.PATH ?? '';
const standIns = join(import.meta.dirname, 'stand-ins');

/** A /sys with video devices of these names. */
export function sysWith(...names: readonly string[]): string {
  const root = ownFolder();
  names.forEach((name, index) => {
    const device = join(root, `class/video4linux/video${index}`);
    mkdirSync(device, { recursive: true });
    writeFileSync(join(device, 'name'), `${name}\n`);
  });
  return root;
}
/** As Raspberry Pi OS names what boards 0 to 4 have, and what a Pi 5 has. */
export const withEncoder = sysWith('unicam-image', 'bcm2835-codec-decode', 'bcm2835-codec-encode');
export const withoutEncoder = sysWith('rp1-cfe-csi2_ch0', 'pispbe-input', 'rpi-hevc-dec', 'HD Webcam: HD Webcam');
export const boardCamera = (settings: PiSettings): Camera => camera(settings, { sysRoot: withEncoder });

type Board = { readonly faults?: string; readonly camera?: string; readonly programs?: readonly string[] };

/** PATH, as every child finds it; the sensor's lock is a new one. */
export function onBoard({ faults = '', camera: fault = '', programs = ['rpicam-vid', 'ffmpeg'] }: Board): void {
  const bin = join(ownFolder(), 'bin');
  mkdirSync(bin);
  const sources: Record<string, () => void> = {
    'rpicam-vid': () =>
      writeFileSync(
        join(bin, 'rpicam-vid'),
        `#!/bin/sh\nexec '${process.execPath}' '${join(standIns, 'rpicam-vid.ts')}' "$@"\n`,
        { mode: 0o755 },
      ),
    ffmpeg: () => copyFileSync(join(standIns, 'ffmpeg-with-encoder.sh'), join(bin, 'ffmpeg')),
    'gst-launch-1.0': () => copyFileSync(join(standIns, 'gst-launch.sh'), join(bin, 'gst-launch-1.0')),
  };
  for (const program of programs) sources[program]?.();
  Object.assign(process.env, {
    PATH: [bin, systemPath].join(delimiter),
    REAL_FFMPEG: execFileSync('which', ['ffmpeg'], { encoding: 'utf8', env: { PATH: systemPath } }).trim(),
    ENCODER_FAULTS: faults,
    CAMERA_FAULT: fault,
    SENSOR_LOCK: join(bin, 'sensor.lock'),
  });
}
export const recipesOf = (seen: readonly Kept[]) => all(seen, 'start').map(({ recipe }) => recipe);
/** Four fragments of this recipe's latest start. */
export const enough = (recipe: string) => (seen: readonly Kept[]) => {
  const at = seen.findLastIndex((sight) => sight.is === 'start' && sight.recipe === recipe);
  return at >= 0 && has('fragment', 4)(seen.slice(at));
};
