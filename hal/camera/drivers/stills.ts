// A camera that only takes pictures: solar or 2G points, legacy boards. One picture every so often is fed to the media child, and a clip is a slow film of them.
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInstalled } from '../child.ts';
import type { Driver, Prepared, Trouble } from '../recipe.ts';
import type { StillsSettings } from '../settings.ts';
import { maskFile } from './mask-file.ts';
import { allFrom, explainBy, liveCamera, mediaCommand, type Place, planFor } from './place.ts';
import { type StillProgram, stillPrograms, takeStill } from './raspistill.ts';

/** A picture may come this much later than asked: the program starts, and the sensor finds its exposure, anew each time. */
const lateMs = 6000;
const boundary = 'still';

export function stillsDriver(settings: StillsSettings, place: Place): Driver {
  return {
    ...liveCamera,
    name: 'stills',
    prepare: () => Promise.resolve(stillsRecipes(settings, place, isInstalled)),
    explain: explainBy([]),
    hangMs: settings.everyMs + lateMs,
    fragmentMsMax: settings.everyMs * 2 + lateMs,
    // A still scene on a dark night may give equal pictures: starting anew would not change that.
    restartsWhenFrozen: false,
  };
}

export function stillsRecipes(
  settings: StillsSettings,
  place: Place,
  installed: (program: string) => boolean,
): Prepared {
  const program = stillPrograms.find(installed);
  if (program === undefined)
    return { ok: false, code: 'camera-absent', text: `none of ${stillPrograms.join(', ')} is installed` };
  const size = `${settings.width}:${settings.height}`;
  const media = mediaCommand({
    ...planFor(settings, place),
    // mpjpeg says how long each picture is, so that none waits for the next one to begin.
    input: ['-probesize', '32', '-f', 'mpjpeg', '-r', `1000/${settings.everyMs}`, '-i', 'pipe:0'],
    before: [`scale=${size}:flags=bilinear+accurate_rnd+bitexact`, 'setsar=1'],
    mask: maskFile(settings.masks, settings, place.runDir),
    encoder: 'libx264',
    gopFrames: 1,
  });
  const feed = (into: Writable, signal: AbortSignal) => takeStills(program, settings, into, signal);
  return { ok: true, recipes: [{ name: `${program} → libx264`, commands: [media], gives: allFrom(0), feed }] };
}

async function takeStills(
  program: StillProgram,
  settings: StillsSettings,
  into: Writable,
  signal: AbortSignal,
): Promise<Trouble> {
  for (let dueMs = performance.now(); !signal.aborted; dueMs = Math.max(dueMs + settings.everyMs, performance.now())) {
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(ignoreAbort);
    if (signal.aborted) break;
    const still = await takeStill(program, settings, settings.everyMs + lateMs / 2, signal);
    if (!still.ok) return { code: still.code, text: still.text };
    if (!into.write(part(still.jpeg))) await drained(into, signal);
  }
  into.end();
  return { code: 'camera-exit', text: 'no more pictures were asked for' };
}

const part = (jpeg: Uint8Array) =>
  Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-type: image/jpeg\r\nContent-length: ${jpeg.length}\r\n\r\n`),
    jpeg,
    Buffer.from('\r\n'),
  ]);

/** Returns when there is room again, or when nobody will read any more. */
async function drained(into: Writable, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const over of ['drain', 'close', 'error']) into.once(over, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
