// A USB webcam. Compressed frames first: over USB 2 a webcam gives 720p at full rate only as MJPEG.
import { accessSync, constants } from 'node:fs';
import { hasHardwareEncoder } from '../hardware-encoder.ts';
import type { Driver, Prepared, Recipe } from '../recipe.ts';
import type { V4l2Settings } from '../settings.ts';
import { maskFile } from './mask-file.ts';
import { allFrom, explainBy, liveCamera, mediaCommand, type Place, planFor } from './place.ts';

const signs = [
  [/no such (?:file|device)|cannot open video device|not a video capture device|permission denied/i, 'camera-absent'],
  [/device or resource busy/i, 'camera-absent'],
] as const;

export function v4l2Driver(settings: V4l2Settings, place: Place): Driver {
  return {
    ...liveCamera,
    name: 'v4l2',
    prepare: () => Promise.resolve(absence(settings.device) ?? v4l2Recipes(settings, place)),
    explain: explainBy(signs),
  };
}

function absence(device: string): Prepared | undefined {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, code: 'camera-absent', text: `no camera at ${device}: ${why}` };
  }
}

/** A webcam that cannot do the size asked gives its nearest one: kept in shape, with bars, so that masks lie where they were drawn. */
export function v4l2Recipes(settings: V4l2Settings, place: Place): Prepared {
  const { device, width, height, fps } = settings;
  const mask = maskFile(settings.masks, settings, place.runDir);
  const size = `${width}:${height}`;
  const before = [
    `scale=${size}:force_original_aspect_ratio=decrease:flags=bilinear+accurate_rnd+bitexact`,
    `pad=${size}:(ow-iw)/2:(oh-ih)/2`,
    'setsar=1',
  ];
  const recipe = (frames: 'mjpeg' | 'raw', encoder: 'h264_v4l2m2m' | 'libx264'): Recipe => {
    const format = frames === 'mjpeg' ? ['-input_format', 'mjpeg'] : [];
    const shape = ['-framerate', String(fps), '-video_size', `${width}x${height}`];
    const input = ['-f', 'v4l2', ...format, ...shape, '-i', device];
    const plan = { ...planFor(settings, place), input, before, mask, encoder };
    return { name: `v4l2 ${frames} → ${encoder}`, commands: [mediaCommand(plan)], gives: allFrom(0) };
  };
  const encoded = (frames: 'mjpeg' | 'raw'): [Recipe, ...Recipe[]] =>
    hasHardwareEncoder(place.sysRoot)
      ? [recipe(frames, 'h264_v4l2m2m'), recipe(frames, 'libx264')]
      : [recipe(frames, 'libx264')];
  return { ok: true, recipes: [...encoded('mjpeg'), ...encoded('raw')] };
}
