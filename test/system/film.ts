// Films of our own making: a still, textured place and a box that crosses it in known seconds.
import { spawnSync } from 'node:child_process';

export interface Pass {
  readonly fromS: number;
  readonly toS: number;
}

export interface Film {
  readonly seconds: number;
  readonly passes: readonly Pass[];
}

const width = 640;
const boxWidth = 70;

/** 640x360, 15 pictures a second, H.264. A trace of noise, as sensors have it: a picture that never changes is a frozen camera. */
export function makeFilm(path: string, { seconds, passes }: Film): void {
  const ground = `color=c=0x607060:s=${width}x360:r=15:d=${seconds},noise=c0s=60:c0f=u:c0_seed=7,gblur=sigma=3,eq=contrast=2`;
  const box = `color=c=0xd8c8a0:s=${boxWidth}x90:r=15:d=${seconds},noise=c0s=40`;
  const layers = `[0][1]overlay=x='${place(passes)}':y=180:eval=frame,noise=c0s=5:c0f=t:c0_seed=3,format=yuv420p`;
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '22', '-g', '15', '-t', String(seconds)];
  const inputs = [ground, box].flatMap((source) => ['-f', 'lavfi', '-i', source]);
  const args = ['-y', '-v', 'error', ...inputs, '-filter_complex', layers, ...encode, path];
  const run = spawnSync('ffmpeg', args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`ffmpeg made no film: ${run.stderr}`);
}

/** The box's left edge over time; outside its passes it is out of the picture. */
function place(passes: readonly Pass[]): string {
  return passes.reduceRight((otherwise, { fromS, toS }) => {
    const perS = (width + boxWidth) / (toS - fromS);
    return `if(between(t,${fromS},${toS}),${-boxWidth}+(t-${fromS})*${perS},${otherwise})`;
  }, '-200');
}

/** The seconds of a film in which the box is in the picture, found in its pictures alone. */
export function boxSeen(path: string): { readonly durationS: number; readonly seenS: readonly number[] } {
  const [fps, columns, rows] = [5, 64, 36];
  const args = ['-v', 'error', '-xerror', '-i', path, '-vf', `fps=${fps},scale=${columns}:${rows},format=gray`];
  const run = spawnSync('ffmpeg', [...args, '-f', 'rawvideo', '-'], { maxBuffer: 64 * 1024 * 1024 });
  if (run.status !== 0 || run.stderr.length > 0) throw new Error(`ffmpeg does not decode it all: ${run.stderr}`);
  const frameBytes = columns * rows;
  const frames = Array.from({ length: run.stdout.length / frameBytes }, (_, n) =>
    // The rows the box moves in; the caption is not among them.
    run.stdout.subarray(n * frameBytes + 19 * columns, n * frameBytes + 26 * columns),
  );
  const empty = frames[0];
  const seenS = frames.flatMap((frame, n) => {
    const changed = frame.filter((grey, at) => Math.abs(grey - (empty?.[at] ?? 0)) > 40).length;
    return changed > 12 ? [n / fps] : [];
  });
  return { durationS: frames.length / fps, seenS };
}
