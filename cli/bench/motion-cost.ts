// What the filter costs: laps over the same pictures, the best and the middle one, on a processor that others use too.
import { getHeapStatistics } from 'node:v8';
import { createMotion } from '../../agent/core/motion/motion.ts';
import { createScene } from '../../hal/camera/scene/scene.ts';
import { cpuWithEnded } from '../process-tree.ts';
import type { Mog2 } from './motion-peer-mog2.ts';
import { rules, watchFilm } from './motion-watch.ts';

const { width, height, fps } = rules;
const laps = 15;
const lapSeconds = 40;

/** A street with people by day and by night; nobody comes where `cast` is none. */
function drawLap(time: 'day' | 'night', cast: 'traffic' | 'none'): Uint8Array[] {
  const scene = createScene({ seed: 11, time, width, height, fps, cast });
  return Array.from({ length: lapSeconds * fps }, (_, n) => {
    const pixels = new Uint8Array(width * height);
    scene.grey(n, width, height, pixels);
    return pixels;
  });
}

export function filterCost() {
  const films = [drawLap('day', 'traffic'), drawLap('night', 'traffic')];
  const perFrameMs = Array.from({ length: laps }, () => {
    let cpuUs = 0;
    for (const pictures of films) {
      const lap = player(pictures);
      const before = process.threadCpuUsage();
      lap();
      const used = process.threadCpuUsage(before);
      cpuUs += used.user + used.system;
    }
    return cpuUs / 1000 / (films.length * lapSeconds * fps);
  }).sort((a, b) => a - b);
  const [best = 0, middle = 0] = [perFrameMs[0], perFrameMs[Math.floor(laps / 2)]];
  const perPixel = (ms: number) => round((ms * 1e6) / (width * height), 2);
  return {
    nsPerPixel: perPixel(best),
    nsPerPixelMedian: perPixel(middle),
    cpuMsPerFrame: round(middle, 4),
    bytesPerFrame: bytesPerFrame(),
  };
}

/** A filter that has not seen these pictures yet, and a lap through them. What is made before the lap is not its cost. */
function player(pictures: readonly Uint8Array[]): () => void {
  const motion = createMotion(rules);
  const frame = { width, height, pixels: pictures[0] ?? new Uint8Array(), monoMs: 0 };
  return () => {
    for (let n = 0; n < pictures.length; n++) {
      frame.pixels = pictures[n] ?? frame.pixels;
      frame.monoMs += 1000 / fps;
      motion.see(frame);
    }
  };
}

/** So many laps and the engine has compiled what runs all day: until then it makes a number anew for each that is handed over. */
const warmLaps = 150;
/** What asking the heap makes itself is to be little beside it. */
const lapsAtOnce = 10;

/** Of the heap and outside of it, for a picture in which nothing happens; the middle of many laps, as a collection in one of them would make it too little. */
function bytesPerFrame(): number {
  const pictures = drawLap('night', 'none');
  const lap = player(pictures);
  for (let warm = 0; warm < warmLaps; warm++) lap();
  const used = () => getHeapStatistics().used_heap_size + process.memoryUsage().arrayBuffers;
  const grown = Array.from({ length: laps }, () => {
    const before = used();
    for (let lapped = 0; lapped < lapsAtOnce; lapped++) lap();
    return (used() - before) / (lapsAtOnce * pictures.length);
  }).sort((a, b) => a - b);
  return Math.max(0, Math.round(grown[Math.floor(laps / 2)] ?? 0));
}

/** CPU of getting the pixels of a film and analysing them, this process and the decoder together. Nothing else may run in this process meanwhile. */
export async function cpuWithPixels(film: string, signal: AbortSignal): Promise<number> {
  const before = cpuWithEnded(process.pid);
  const { pictures } = await watchFilm(film, undefined, signal);
  return round(((cpuWithEnded(process.pid) - before) * 1000) / pictures.length, 3);
}

/** The same pictures through MOG2 alone. */
export async function mog2NsPerPixel(mog2: Mog2): Promise<number> {
  const best: number[] = [];
  const pictures = drawLap('day', 'traffic');
  for (let lap = 0; lap < 5; lap++) {
    const { cost } = await mog2.see(pictures);
    best.push(cost.applyNs / cost.frames / (width * height));
  }
  return round(Math.min(...best), 2);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
