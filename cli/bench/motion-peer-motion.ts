// Debian's motion on a film, in real time: it has no other way. Its settings are Debian's own, but for what it writes, and for event_gap: at 60 s it would
// make one event of a whole film, so it gets the shortest that covers our quiet time.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuOf } from '../process-tree.ts';
import type { Span } from './motion-score.ts';

export interface MotionPeerFilm {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
}
export interface MotionPeerResult {
  readonly spans: readonly Span[];
  readonly cpuS: number;
}

const eventGapS = 2;
/** As in /etc/motion/motion.conf of Debian 12. */
const framerate = 15;
const threshold = 1500;
/** Opening the film takes a moment; then it plays as long as it is. */
const graceMs = 15_000;

/** What it says on stderr is stamped when it comes: begin of the film, begin and end of each event, end of the film. `dir` is this film's own. */
export async function runMotion(film: MotionPeerFilm, dir: string, signal: AbortSignal): Promise<MotionPeerResult> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'motion.conf'), settings(film, dir));
  const child = spawn('motion', ['-n', '-c', join(dir, 'motion.conf')], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const late = setTimeout(stop, film.seconds * 1000 + graceMs);
  const spans: Span[] = [];
  let [beganMs, sinceS, cpuS] = [Number.NaN, Number.NaN, 0];
  const nowS = () => (performance.now() - beganMs) / 1000;
  const close = (endS: number) => {
    if (!Number.isNaN(sinceS)) spans.push({ startS: sinceS, endS: Math.max(sinceS, endS), touched: undefined });
    sinceS = Number.NaN;
  };
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      if (Number.isNaN(beganMs)) {
        if (/netcam_rtsp_connect: .* connected$/.test(line)) beganMs = performance.now();
      } else if (/starting event \d+/.test(line)) sinceS = nowS();
      else if (/End of event \d+/.test(line)) close(nowS() - eventGapS);
      else if (/handler_reconnect/.test(line)) {
        cpuS = cpuOf(child.pid ?? 0);
        close(Math.min(film.seconds, nowS()));
        stop();
      }
    }
  } finally {
    clearTimeout(late);
    stop();
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  if (cpuS === 0) throw new Error(`motion did not play ${film.path} to its end`);
  return { spans, cpuS };
}

const settings = ({ path, width, height }: MotionPeerFilm, dir: string): string => `daemon off
setup_mode off
log_level 6
target_dir ${dir}
netcam_url file://${path}
width ${width}
height ${height}
framerate ${framerate}
threshold ${threshold}
despeckle_filter EedDl
minimum_motion_frames 1
event_gap ${eventGapS}
pre_capture 3
post_capture 0
picture_output off
movie_output off
webcontrol_port 0
stream_port 0
`;
