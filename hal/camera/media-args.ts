// The argument list of the media child: one ffmpeg, one input, three outputs (house.md, "The camera"). One thread per stage.
import type { AnalysisSettings } from './settings.ts';

export interface MediaPlan {
  /** Options and `-i` of the input. Thread count and bit-exactness are added here. */
  readonly input: readonly string[];
  /** Filters before masks and split: bring the source to the picture's size and rate. */
  readonly before: readonly string[];
  readonly mask?: MaskFile | undefined;
  readonly captionPath?: string | undefined;
  readonly encoder: Encoder;
  /** Frames between key frames: about one second. */
  readonly gopFrames: number;
  readonly bitrateKbps: number;
  readonly height: number;
  readonly analysis: AnalysisSettings;
}
/** `copy`: the source's own H.264 is kept as it is; such a plan can have no mask and no caption. */
export type Encoder = 'libx264' | 'h264_v4l2m2m' | 'copy';
export interface MaskFile {
  readonly path: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const quiet = ['-hide_banner', '-nostdin', '-nostats', '-v', 'error'];
const fragmentMs = 1000;
const font = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';

/** Raw and JPEG encoders too get `-threads 1`: with more, each holds its pictures back by as many periods (202 ms of grey at 5 fps, measured). */
export function mediaArgs(plan: MediaPlan, fontExists: boolean): string[] {
  return [
    ...quiet,
    ...['-filter_threads', '1', '-filter_complex_threads', '1'],
    ...['-threads', '1', '-flags', '+bitexact', ...plan.input],
    ...maskInput(plan.mask),
    ...['-filter_complex', graph(plan, fontExists)],
    ...['-map', plan.encoder === 'copy' ? '0:V:0' : '[video]', ...encoding(plan), ...fragmented('pipe:1')],
    ...[
      '-map',
      '[grey]',
      '-fps_mode',
      'passthrough',
      '-c:v',
      'rawvideo',
      '-threads',
      '1',
      '-f',
      'rawvideo',
      ...flushed('pipe:3'),
    ],
    ...['-map', '[jpeg]', '-fps_mode', 'passthrough', '-c:v', 'mjpeg', '-threads', '1', '-q:v', '5'],
    ...['-f', 'mjpeg', ...flushed('pipe:4')],
  ];
}

/** Packs ready H.264 on standard input into fragments, and nothing else. */
export const packArgs = (fps: number): string[] => [
  ...quiet,
  ...['-probesize', '256k', '-f', 'h264', '-framerate', String(fps), '-i', 'pipe:0'],
  ...['-map', '0:V:0', '-c:v', 'copy', ...fragmented('pipe:1')],
];

const flushed = (output: string) => ['-flush_packets', '1', output];
const fragmented = (output: string) => [
  ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact', '-video_track_timescale', '90000'],
  ...['-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov+default_base_moof+skip_trailer', ...flushed(output)],
];

const maskInput = (mask: MaskFile | undefined) =>
  mask === undefined
    ? []
    : ['-f', 'rawvideo', '-pix_fmt', 'yuva420p', '-video_size', `${mask.width}x${mask.height}`, '-i', mask.path];

function encoding(plan: MediaPlan): string[] {
  if (plan.encoder === 'copy') return ['-c:v', 'copy'];
  const rate = `${plan.bitrateKbps}k`;
  const common = ['-fps_mode', 'vfr', '-c:v', plan.encoder, '-g', String(plan.gopFrames), '-bf', '0'];
  const keys = ['-force_key_frames', `expr:gte(t,n_forced*${fragmentMs / 1000})`];
  if (plan.encoder === 'h264_v4l2m2m') return [...common, ...keys, '-b:v', rate, '-num_capture_buffers', '8'];
  const quality = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', '25', '-maxrate', rate, '-bufsize', rate];
  return [...common, ...keys, '-threads', '1', ...quality];
}

/** Masks before the split, so that no pipe carries what is hidden; the caption after grey has left, since ticking digits would be motion. */
function graph(plan: MediaPlan, fontExists: boolean): string {
  const { analysis, mask, captionPath } = plan;
  const source = `[0:V:0]${[...plan.before, 'format=yuv420p'].join(',')}`;
  const masked =
    mask === undefined ? '' : `[open];[open][1:v]overlay=${mask.x}:${mask.y}:format=yuv420:eval=init:eof_action=repeat`;
  const small = `scale=${analysis.width}:${analysis.height}:flags=area+accurate_rnd+bitexact,format=gray`;
  const caption = captionPath === undefined ? 'null' : drawCaption(captionPath, plan.height, fontExists);
  const grey = `[thought]${atMost(analysis.fps)},${small}[grey]`;
  if (plan.encoder === 'copy') return `${source},split=2[thought][seen];${grey};[seen]${atMost(1)}[jpeg]`;
  return `${source}${masked},split=2[thought][seen];${grey};[seen]${caption},split=2[video][stills];[stills]${atMost(1)}[jpeg]`;
}

/**
 * Passes the first frame of every 1/fps seconds, at once. The `fps` filter would hold each frame until the next one of its own rate is due:
 * half a second for stills.
 */
const atMost = (fps: number) =>
  `select='isnan(prev_selected_t)+gt(floor(t*${fps}+0.001),floor(prev_selected_t*${fps}+0.001))'`;

function drawCaption(path: string, height: number, fontExists: boolean): string {
  const size = Math.max(12, Math.round(height / 30));
  const look = `fontsize=${size}:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=${Math.round(size / 4)}`;
  const place = `x=${Math.round(size / 2)}:y=${Math.round(size / 2)}`;
  const face = fontExists ? `:fontfile=${font}` : '';
  return `drawtext=textfile=${filterValue(path)}:reload=1:expansion=none:${look}:${place}${face}`;
}

/** ffmpeg-utils "Quoting and escaping": once for the filter's own options, once for the graph. */
export const filterValue = (value: string) => value.replaceAll(/[\\':]/g, '\\$&').replaceAll(/[\\'[\],;]/g, '\\$&');

export const captionFont = font;
