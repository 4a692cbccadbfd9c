// "What happened at 02:10": minutes that the card still holds become a clip, of this start or of an earlier one.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { Boot } from '../../protocol/identity.ts';
import { drainClasses, type SegmentManifest, type Stamp } from '../../protocol/manifest.ts';
import { type FileName, parseFileName } from '../../protocol/record-file.ts';
import { coveredMs, type Timed, within } from '../core/look-back.ts';
import { unlessGone } from '../gone.ts';
import { folders, nameHeld } from '../outbox.ts';
import type { Spool } from '../spool.ts';
import { readInit } from './init-file.ts';
import type { Pinned } from './pinned.ts';
import { readSegmentManifest, refOf } from './segment-on-card.ts';

/** Longer ones are asked for in pieces: an officer waits for it, and a slow link carries it. */
const lookBackMsMax = 1_800_000;
/** A clip names at most 900; while something happened there is one a second. */
const segmentsPerClip = 600;

interface LookBackWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly spool: Spool;
  readonly pinned: Pinned;
  readonly now: () => Stamp;
}

type Segment = Extract<FileName, { is: 'segment' }> & {
  readonly name: string;
  readonly path: string;
  readonly inRing: boolean;
};
type Found = Segment & { readonly manifest: SegmentManifest };

export type LookedBack =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why?: 'gone' | 'clock'; readonly text: string };

/** `fromMs`, `toMs`: Unix ms by this node's clock; of an earlier start, by what its clock said when the footage was made. */
export async function lookBack(world: LookBackWorld, id: string, fromMs: number, toMs: number): Promise<LookedBack> {
  const time = world.now();
  if (!(toMs > fromMs && toMs - fromMs <= lookBackMsMax)) {
    return {
      ok: false,
      text: `fromMs and toMs must be a range of at most ${lookBackMsMax} ms, not ${fromMs} to ${toMs}`,
    };
  }
  const all = await listSegments(world);
  const bootsWallMs = await wallTimes(world, all, time);
  if (bootsWallMs.size === 0) return { ok: false, why: 'clock', text: 'this node does not know the time yet' };
  const wanted = within(timedBy(all, bootsWallMs), fromMs, toMs);
  const found = (await Promise.all(wanted.map(({ name }) => secured(world, all.get(name))))).flatMap(
    (each) => each ?? [],
  );
  if (found.length === 0) return { ok: false, why: 'gone', text: 'no footage of that time is held here' };
  const names = new Set(found.map(({ name }) => name));
  const heldMs = coveredMs(
    wanted.filter(({ name }) => names.has(name)),
    fromMs,
    toMs,
  );
  const failed = await makeClips(world, clipsOf(found), heldMs >= toMs - fromMs, time);
  if (failed !== undefined) return { ok: false, text: `the clip could not be written: ${failed}` };
  return {
    ok: true,
    text: `${found.length} segments on their way (${id}): ${Math.round(heldMs / 1000)} of ${Math.round((toMs - fromMs) / 1000)} s are held`,
  };
}

/** Each once, wherever it lies; in the order in which files move, since the uplink delivers meanwhile. What lies in the ring alone must be pinned. */
export async function listSegments({
  disk,
  dataDir,
}: Pick<LookBackWorld, 'disk' | 'dataDir'>): Promise<Map<string, Segment>> {
  const at = folders(dataDir);
  const all = new Map<string, Segment>();
  for (const folder of [at.ring, ...drainClasses.map(at.waiting), at.delivered, at.held])
    for (const path of await disk.list(folder)) {
      const name = folder === at.held ? nameHeld(path) : path;
      const file = parseFileName(name);
      if (file?.is === 'segment')
        all.set(name, { ...file, name, path: join(folder, path), inRing: folder === at.ring });
    }
  return all;
}

/** When each start began, Unix ms. An earlier one's newest segment knows best: its clock had the longest time to be set. */
export async function wallTimes(
  { disk, spool }: Pick<LookBackWorld, 'disk' | 'spool'>,
  all: ReadonlyMap<string, Segment>,
  now: Stamp,
): Promise<ReadonlyMap<Boot, number>> {
  const known = new Map<Boot, number>();
  const newest = new Map<Boot, Segment>();
  for (const segment of all.values()) {
    const before = newest.get(segment.boot);
    if (before === undefined || segment.seg > before.seg) newest.set(segment.boot, segment);
  }
  for (const [boot, { path }] of newest) {
    if (boot === spool.boot) continue;
    const manifest = await readSegmentManifest(disk, path);
    if (typeof manifest?.wallMs === 'number') known.set(boot, manifest.wallMs - manifest.firstMonoMs);
  }
  if (now.wallMs !== null) known.set(spool.boot, now.wallMs - now.monoMs);
  return known;
}

/** Those of a start whose time is not known are left out. */
export const timedBy = (all: ReadonlyMap<string, Segment>, bootsWallMs: ReadonlyMap<Boot, number>): Timed[] =>
  [...all.values()].flatMap(({ name, boot, firstMonoMs, durationMs }) => {
    const bootWallMs = bootsWallMs.get(boot);
    if (bootWallMs === undefined) return [];
    const fromWallMs = bootWallMs + firstMonoMs;
    return [{ name, fromWallMs, toWallMs: fromWallMs + durationMs }];
  });

/** Pinned where only the ring has it; undefined where it went meanwhile, or cannot be read. */
async function secured(
  { disk, dataDir, pinned }: LookBackWorld,
  segment: Segment | undefined,
): Promise<Found | undefined> {
  if (segment === undefined) return undefined;
  const manifest = await readSegmentManifest(disk, segment.path, join(folders(dataDir).delivered, segment.name));
  if (manifest === undefined) return undefined;
  const kept = !segment.inRing || (await unlessGone(pinned.pin(segment.name, 'event'))) !== undefined;
  return kept ? { ...segment, manifest } : undefined;
}

/** In order; another init segment begins another clip. */
function clipsOf(found: readonly Found[]): Found[][] {
  const clips: Found[][] = [];
  for (const each of found) {
    const last = clips.at(-1);
    if (last !== undefined && last.length < segmentsPerClip && last[0]?.manifest.init === each.manifest.init)
      last.push(each);
    else clips.push([each]);
  }
  return clips;
}

/** Why it could not be done. */
async function makeClips(
  { disk, dataDir, spool }: LookBackWorld,
  clips: readonly Found[][],
  complete: boolean,
  time: Stamp,
): Promise<string | undefined> {
  for (const [part, clip] of clips.entries()) {
    const init = clip[0]?.manifest.init ?? '';
    const body = await readInit(disk, dataDir, init);
    const stored = await spool.append({
      kind: 'clip',
      class: 1,
      time,
      of: { part, why: 'lookback' },
      segments: clip.map(({ manifest }) => refOf(manifest)),
      init,
      complete,
      last: part === clips.length - 1,
      ...(body === undefined ? {} : { body }),
    });
    if (!stored.ok) return stored.why;
  }
  return undefined;
}
