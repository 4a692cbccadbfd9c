// The Raspberry Pi's own camera. No Pi was at hand when this was written: every recipe is a hypothesis until it has proven itself on the board it runs on.
import { isInstalled } from '../child.ts';
import { hasHardwareEncoder } from '../hardware-encoder.ts';
import { type Encoder, packArgs } from '../media-args.ts';
import type { Driver, Prepared, Recipe } from '../recipe.ts';
import type { PiSettings } from '../settings.ts';
import { maskFile } from './mask-file.ts';
import { allFrom, explainBy, liveCamera, mediaCommand, type Place, planFor, rawInput } from './place.ts';

const gstreamer = 'gst-launch-1.0';
/** The name since Raspberry Pi OS Bookworm, and the one before. */
const captureNames = ['rpicam-vid', 'libcamera-vid'];

const signs = [
  [/no cameras available|no camera found|could not find (?:any )?(?:supported )?camera/i, 'camera-absent'],
  [/failed to acquire camera|device or resource busy|pipeline handler in use/i, 'camera-absent'],
] as const;

export function piDriver(settings: PiSettings, place: Place): Driver {
  return {
    ...liveCamera,
    name: 'pi',
    prepare: () => Promise.resolve(piRecipes(settings, place, isInstalled)),
    explain: explainBy(signs),
  };
}

/** The recipes this machine has the programs for. */
export function piRecipes(settings: PiSettings, place: Place, installed: (program: string) => boolean): Prepared {
  const capture = captureNames.find(installed);
  const recipes = [
    ...(capture === undefined ? [] : rawRecipes(settings, place, capture)),
    ...(capture === undefined ? [] : [ownEncoder(settings, place, capture)]),
    ...(installed(gstreamer) ? twoPads(settings, place) : []),
  ].filter(({ needsHardware }) => !needsHardware || hasHardwareEncoder(place.sysRoot));
  const ordered = inOrder(recipes, settings);
  const [first, ...others] = ordered;
  if (first !== undefined) return { ok: true, recipes: [first, ...others] };
  const text = `no program for the Raspberry Pi camera is installed: ${captureNames[0]} (package rpicam-apps) is missing`;
  return { ok: false, code: 'camera-absent', text };
}

type Ranked = Recipe & { readonly covers: boolean; readonly needsHardware: boolean; readonly rank: number };

/**
 * A recipe that cannot draw must not run where masks are asked: what they hide would be recorded. Where only the caption is asked it is a last resort,
 * after all that can write one.
 */
function inOrder(recipes: readonly Ranked[], settings: PiSettings): readonly Recipe[] {
  const fit = settings.masks.length > 0 ? recipes.filter(({ covers }) => covers) : recipes;
  const late = ({ covers, rank }: Ranked) => rank + (settings.caption && !covers ? fit.length + 1 : 0);
  return fit.toSorted((one, other) => late(one) - late(other));
}

/**
 * `--flush` hands over each frame at once; `-t 0` is "until told to stop", `-v 0` leaves only errors on stderr.
 * Known limit: rows come padded where the width is not a multiple of 64 (1280 and 640 are).
 */
const captureArgs = ({ width, height, fps, rotation }: PiSettings) => [
  ...['-t', '0', '-n', '-v', '0', '--flush', '--width', String(width), '--height', String(height)],
  ...['--framerate', String(fps), '--rotation', String(rotation)],
];

function rawRecipes(settings: PiSettings, place: Place, program: string): Ranked[] {
  const args = [...captureArgs(settings), '--codec', 'yuv420', '-o', '-'];
  const mask = maskFile(settings.masks, settings, place.runDir);
  const through = (encoder: Encoder, rank: number): Ranked => {
    const plan = { ...planFor(settings, place), input: rawInput(settings), before: [], mask, encoder };
    const commands = [{ program, args }, mediaCommand(plan)] as const;
    const needsHardware = encoder === 'h264_v4l2m2m';
    return { name: `${program} yuv420 → ${encoder}`, commands, gives: allFrom(1), covers: true, needsHardware, rank };
  };
  return [through('h264_v4l2m2m', 1), through('libx264', 4)];
}

function ownEncoder(settings: PiSettings, place: Place, program: string): Ranked {
  const bits = String(settings.bitrateKbps * 1000);
  const own = ['--codec', 'h264', '--inline', '-g', String(settings.fps), '-b', bits, '-o', '-'];
  const input = ['-probesize', '256k', '-f', 'h264', '-framerate', String(settings.fps), '-i', 'pipe:0'];
  const plan = { ...planFor(settings, place), input, before: [], captionPath: undefined, encoder: 'copy' } as const;
  return {
    name: `${program} h264 → copy (no caption)`,
    commands: [{ program, args: [...captureArgs(settings), ...own] }, mediaCommand(plan)],
    gives: allFrom(1),
    covers: false,
    needsHardware: false,
    rank: 2,
  };
}

/** libcamera's two streams: a large one for the encoder, a small one that is nearly the grey picture already. Nothing is decoded. */
function twoPads(settings: PiSettings, place: Place): Ranked[] {
  const { fps, bitrateKbps } = settings;
  const controls = `controls,video_bitrate=${bitrateKbps * 1000},h264_i_frame_period=${fps},repeat_sequence_header=1`;
  const board = ['v4l2h264enc', `extra-controls=${controls}`, '!', 'video/x-h264,level=(string)4'];
  const x264 = ['tune=zerolatency', 'speed-preset=ultrafast', 'threads=1'];
  const software = ['x264enc', ...x264, `bitrate=${bitrateKbps}`, `key-int-max=${fps}`];
  const through = (encoder: readonly string[], needsHardware: boolean, rank: number): Ranked => ({
    name: `libcamerasrc → ${encoder[0]} (no caption)`,
    commands: [
      { program: gstreamer, args: padArgs(settings, place, encoder) },
      { program: 'ffmpeg', args: packArgs(fps) },
    ],
    gives: { fragments: { command: 1, fd: 1 }, grey: { command: 0, fd: 3 }, jpeg: { command: 0, fd: 4 } },
    covers: false,
    needsHardware,
    rank,
  });
  return [through(board, true, 3), through(software, false, 5)];
}

function padArgs(settings: PiSettings, place: Place, encoder: readonly string[]): string[] {
  const { width, height, fps, rotation } = settings;
  const { analysis } = place;
  const size = `width=${width},height=${height},framerate=${fps}/1`;
  const upright = rotation === 180 ? ['!', 'videoflip', 'method=rotate-180'] : [];
  const newest = ['!', 'queue', 'leaky=downstream', 'max-size-buffers=2'];
  return [
    ...['-q', 'libcamerasrc', 'name=cam', 'cam.src', '!', `video/x-raw,format=NV12,${size}`, ...upright],
    ...['!', 'tee', 'name=look', ...newest, '!', ...encoder],
    ...['!', 'h264parse', 'config-interval=-1'],
    ...['!', 'video/x-h264,stream-format=byte-stream,alignment=au', '!', 'fdsink', 'fd=1', 'sync=false'],
    ...['look.', ...newest, '!', 'videorate', 'drop-only=true', '!', 'video/x-raw,framerate=1/1'],
    ...['!', 'jpegenc', 'quality=80', '!', 'fdsink', 'fd=4', 'sync=false'],
    ...[
      'cam.src_0',
      '!',
      `video/x-raw,width=${analysis.width * 2},height=${analysis.height * 2}`,
      ...upright,
      ...newest,
    ],
    ...['!', 'videorate', 'drop-only=true', '!', `video/x-raw,framerate=${analysis.fps}/1`, '!', 'videoscale'],
    ...['!', 'videoconvert', '!', `video/x-raw,format=GRAY8,width=${analysis.width},height=${analysis.height}`],
    ...['!', 'fdsink', 'fd=3', 'sync=false'],
  ];
}
