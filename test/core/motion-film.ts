// Small drawn films for the motion tests: a street with house fronts, blocks that move, light that changes, noise with a seed.
import type { z } from 'zod';
import { type EventsConfig, eventsSchema, type MotionConfig, motionSchema } from '../../agent/core/config/schema.ts';
import { step, updateMs, watching } from '../../agent/core/events.ts';
import { createMotion, type Motion, type MotionSeen } from '../../agent/core/motion/motion.ts';
import type { GreyFrame } from '../../hal/ports.ts';
import type { EventDetails } from '../../protocol/details.ts';

export const width = 160;
export const height = 90;

/** A block in the film; pixels, whole or not. Not drawn before `fromMs` and from `toMs` on. */
export interface Block {
  readonly fromMs: number;
  readonly toMs: number;
  readonly w: number;
  readonly h: number;
  readonly grey: number;
  readonly at: (ms: number) => readonly [x: number, y: number];
}
export interface FilmPlan {
  readonly seconds: number;
  readonly fps?: number;
  readonly startMs?: number;
  /** Standard deviation, grey levels. */
  readonly noise?: number | ((ms: number) => number);
  readonly seed?: number;
  readonly blocks?: readonly Block[];
  /** Changes the scene itself, before the camera sees it. */
  readonly paint?: (scene: Float32Array, ms: number) => void;
  /** What the camera makes of the scene's grey level. */
  readonly light?: (grey: number, ms: number) => number;
}

export const rules = (told: z.input<typeof motionSchema> = {}): MotionConfig => motionSchema.parse(told);
const events: EventsConfig = eventsSchema.parse({});

/** Goes straight from `from` to `to` and is there for that time only. */
export function crossing(
  fromMs: number,
  toMs: number,
  from: readonly [number, number],
  to: readonly [number, number],
  size: { readonly w: number; readonly h: number; readonly grey: number },
): Block {
  const at = (ms: number) => {
    const part = (ms - fromMs) / (toMs - fromMs);
    return [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])] as const;
  };
  return { fromMs, toMs, ...size, at };
}

export function* film(plan: FilmPlan): Generator<GreyFrame> {
  const fps = plan.fps ?? 5;
  const random = xorshift(plan.seed ?? 1);
  const street = background();
  for (let frame = 0; frame < plan.seconds * fps; frame++) {
    const ms = (frame * 1000) / fps;
    const scene = Float32Array.from(street);
    for (const block of plan.blocks ?? []) if (ms >= block.fromMs && ms < block.toMs) draw(scene, block, ms);
    plan.paint?.(scene, ms);
    const from = Math.floor(random() * noiseTable.length);
    const strength = typeof plan.noise === 'function' ? plan.noise(ms) : (plan.noise ?? 1.5);
    const pixels = new Uint8ClampedArray(width * height);
    for (let i = 0; i < pixels.length; i++) {
      const grey = scene[i] ?? 0;
      pixels[i] = (plan.light?.(grey, ms) ?? grey) + strength * (noiseTable[(from + i) % noiseTable.length] ?? 0);
    }
    yield { width, height, pixels: new Uint8Array(pixels.buffer), monoMs: (plan.startMs ?? 0) + ms };
  }
}

/** What the recorder would make of it: events and, per picture, a copy of what was seen. */
export function watch(plan: FilmPlan, motionRules: MotionConfig = rules(), motion: Motion = createMotion(motionRules)) {
  const closed: EventDetails[] = [];
  const pictures: (MotionSeen & { readonly suppressedLight: number })[] = [];
  let state = watching('test');
  let lastMs = 0;
  const advance = (seen: Parameters<typeof step>[1]) => {
    const next = step(state, seen, { quietMs: events.quietMs, updateMs });
    state = next.state;
    for (const action of next.actions) if (action.do === 'close') closed.push(action.event);
  };
  for (const frame of film(plan)) {
    const seen = motion.see(frame);
    pictures.push({ ...seen, suppressedLight: seen.suppressed.light });
    advance(seen);
    lastMs = frame.monoMs;
  }
  advance({ is: 'break', monoMs: lastMs, why: 'film-end' });
  return { events: closed, pictures, moving: pictures.filter((picture) => picture.moving) };
}

/** House fronts with windows, a bright wall, a road with a line. */
function background(): Float32Array {
  const scene = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isWindow = y > 12 && y < 28 && x % 24 > 8 && x % 24 < 18;
      const isLine = y === 70 && x % 20 < 10;
      const house = x < 80 ? 110 : 170;
      const ground = isLine ? 200 : 85 + y / 4;
      scene[y * width + x] = y < 45 ? (isWindow ? 50 : house) : ground;
    }
  }
  return scene;
}

function draw(scene: Float32Array, block: Block, ms: number): void {
  const [left, top] = block.at(ms).map(Math.round);
  if (left === undefined || top === undefined) return;
  for (let y = Math.max(0, top); y < Math.min(height, top + block.h); y++)
    for (let x = Math.max(0, left); x < Math.min(width, left + block.w); x++) scene[y * width + x] = block.grey;
}

/** 0 to 1, the same everywhere. */
function xorshift(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Near enough to normal, deviation 1: sums of four uniform numbers. Each picture begins elsewhere in it; a prime length, so that rows do not repeat. */
const noiseTable = ((random) => Float32Array.from({ length: 99_991 }, () => normal(random)))(xorshift(7));
function normal(random: () => number): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}
