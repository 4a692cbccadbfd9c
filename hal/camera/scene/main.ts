// The scene as a process of its own: pictures to stdout, truth to another descriptor, until nobody reads or it is told to stop (SIGTERM's default does).
import { fstatSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Options, parseOptions, usage } from './options.ts';
import { createScene } from './scene.ts';

const exitUsage = 2;

const parsed = parseOptions(process.argv.slice(2));
if (parsed.ok && isOpen(parsed.options.truth)) await run(parsed.options);
else refuse(parsed.ok ? [`--truth: descriptor ${parsed.options.truth} is not open`] : parsed.faults);

function refuse(faults: readonly string[]): void {
  process.stderr.write(`${faults.map((fault) => `scene: ${fault}\n`).join('')}${usage}\n`);
  process.exitCode = exitUsage;
}

function isOpen(descriptor: number | undefined): boolean {
  if (descriptor === undefined) return true;
  try {
    const kind = fstatSync(descriptor);
    // The runtime has descriptors of its own; those are none of these.
    return kind.isFIFO() || kind.isSocket() || kind.isFile() || kind.isCharacterDevice();
  } catch (cause) {
    if (isError(cause, 'EBADF')) return false;
    throw cause;
  }
}

/** Each picture is due at a time counted from the first one, so nothing drifts. A picture whose time has passed while the reader was slow is left out. */
async function run({ frames, asFast, truth, startS, ...options }: Options): Promise<void> {
  const scene = createScene(options);
  const picture = new Uint8Array(scene.frameBytes);
  const first = Math.round(startS * options.fps);
  const frameMs = 1000 / options.fps;
  scene.frame(first, picture);
  const beginMs = performance.now();
  for (let n = 0, written = 0; frames === undefined || written < frames; n++, written++) {
    if (!asFast) {
      n = Math.max(n, Math.floor((performance.now() - beginMs) / frameMs));
      const dueMs = beginMs + n * frameMs - performance.now();
      if (dueMs > 0) await sleep(dueMs);
    }
    const seen = scene.frame(first + n, picture);
    if (!writeAll(1, picture)) return;
    if (truth !== undefined && !writeAll(truth, Buffer.from(`${JSON.stringify(seen)}\n`))) return;
  }
}

/** Blocks until the reader has taken all of it; false when there is no reader any more. */
function writeAll(descriptor: number, bytes: Uint8Array): boolean {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (cause) {
      // A socket whose reader left something unread says the second.
      if (isError(cause, 'EPIPE') || isError(cause, 'ECONNRESET')) return false;
      // Someone else who holds the pipe made it non-blocking: look again in a moment.
      if (!isError(cause, 'EAGAIN')) throw cause;
      Atomics.wait(pause, 0, 0, 2);
    }
  }
  return true;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function isError(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
