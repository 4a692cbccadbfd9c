// At start: events that an earlier boot did not finish are ended, and their finished segments become a clip marked incomplete.
// Done before this boot's own `boot` record is written, so that a boot record says: everything before it is in order.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { CoverageDetails, EventDetails } from '../../protocol/details.ts';
import { type Boot, bootCounter } from '../../protocol/identity.ts';
import { drainClasses, manifestSchema, type SegmentManifest, type Stamp } from '../../protocol/manifest.ts';
import { type FileName, parseFileName } from '../../protocol/record-file.ts';
import { readUnverified } from '../../protocol/sign.ts';
import type { ClipRules } from '../core/clips.ts';
import { type Range, withRange } from '../core/coverage.ts';
import { belongs, type OpenEvent, openEvents } from '../core/interrupted.ts';
import { unlessGone } from '../gone.ts';
import { folders } from '../outbox.ts';
import type { Spool } from '../spool.ts';
import { readInit } from './init-file.ts';
import type { Pinned } from './pinned.ts';
import { firstLine, readSegmentManifest, refOf } from './segment-on-card.ts';

/** As many as a coverage record may have. */
const rangesMax = 4000;

interface Found {
  /** Where it was listed, and where the uplink takes it when it is delivered. */
  readonly paths: readonly string[];
  readonly name: string;
  readonly file: FileName;
}

export interface Mended {
  readonly events: number;
  readonly clips: number;
}

/** Throws what the disk throws. */
export async function mendInterrupted(
  disk: Disk,
  dataDir: string,
  spool: Spool,
  pinned: Pinned,
  rules: ClipRules,
  now: () => Stamp,
): Promise<Mended> {
  const found = await listAll(disk, dataDir);
  const mended = { events: 0, clips: 0 };
  const unfinished = new Set<Boot>(unfinishedBoots(found, spool.boot));
  const records = found.filter(
    ({ file }) => file.is === 'record' && unfinished.has(file.boot) && (file.kind === 'event' || file.kind === 'clip'),
  );
  const manifests = await Promise.all(
    records.map(async ({ paths }) => manifestSchema.safeParse(readUnverified(await firstLine(disk, ...paths)))),
  );
  // All boots at once: what one start mended before it was cut off itself is not to be mended again.
  for (const event of openEvents(manifests.flatMap((parsed) => (parsed.success ? [parsed.data] : [])))) {
    const segments = await segmentsOf(disk, found, event, rules);
    if (await makeClip(disk, dataDir, spool, pinned, event, segments, now)) mended.clips += 1;
    if (!event.hasEnd) await endEvent(spool, event, segments, now);
    mended.events += 1;
  }
  for (const boot of unfinished) await coverRest(disk, found, boot, spool, now);
  return mended;
}

/** What a start recorded after it had last said so. Its footage tells, as far as the ring still has it. */
async function coverRest(
  disk: Disk,
  found: readonly Found[],
  boot: Boot,
  spool: Spool,
  now: () => Stamp,
): Promise<void> {
  const its = found.filter(({ file }) => file.boot === boot);
  const said = its.filter(({ file }) => file.is === 'record' && file.kind === 'coverage');
  const manifests = await Promise.all(
    said.map(async ({ paths }) => manifestSchema.safeParse(readUnverified(await firstLine(disk, ...paths)))),
  );
  const fromMonoMs = Math.max(0, ...manifests.flatMap((parsed) => (parsed.success ? [parsed.data.time.monoMs] : [])));
  const ranges = its
    .flatMap(({ file }) => (file.is === 'segment' && file.firstMonoMs >= fromMonoMs ? [file] : []))
    .sort((one, other) => one.firstMonoMs - other.firstMonoMs)
    .reduce<Range[]>(
      (all, { firstMonoMs, durationMs }) =>
        withRange(all, { fromMonoMs: firstMonoMs, toMonoMs: firstMonoMs + durationMs }),
      [],
    );
  const last = ranges.at(-1);
  if (last === undefined) return;
  const details: CoverageDetails = { boot, fromMonoMs, toMonoMs: last.toMonoMs, recorded: ranges.slice(-rangesMax) };
  const body = { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' };
  await spool.append({ kind: 'coverage', class: 5, time: now(), body });
}

/** Earlier boots, newest first, down to the one whose own boot record says that all before it is in order. */
function unfinishedBoots(found: readonly Found[], current: Boot): Boot[] {
  const boots = [...new Set(found.map(({ file }) => file.boot))].filter((boot) => boot !== current);
  boots.sort((one, other) => bootCounter(other) - bootCounter(one));
  const orderly = boots.findIndex((boot) =>
    found.some(({ file }) => file.is === 'record' && file.boot === boot && file.kind === 'boot'),
  );
  return orderly < 0 ? boots : boots.slice(0, orderly + 1);
}

/** In the order in which files move: the uplink delivers meanwhile, and what is not seen any more in one place is seen in the next. */
async function listAll(disk: Disk, dataDir: string): Promise<Found[]> {
  const at = folders(dataDir);
  const byName = new Map<string, Found>();
  for (const folder of [at.ring, ...drainClasses.map(at.waiting), at.delivered]) {
    for (const name of await disk.list(folder)) {
      const file = parseFileName(name);
      if (file !== undefined) byName.set(name, { paths: [join(folder, name), join(at.delivered, name)], name, file });
    }
  }
  return [...byName.values()];
}

async function segmentsOf(
  disk: Disk,
  found: readonly Found[],
  event: OpenEvent,
  rules: ClipRules,
): Promise<{ name: string; manifest: SegmentManifest }[]> {
  const names = found.filter(
    ({ file }) => file.is === 'segment' && file.boot === event.boot && belongs(event, file, rules),
  );
  const read = await Promise.all(
    names.map(async ({ paths, name }) => {
      const manifest = await readSegmentManifest(disk, ...paths);
      return manifest === undefined ? [] : [{ name, manifest }];
    }),
  );
  return read.flat().sort((one, other) => one.manifest.seg - other.manifest.seg);
}

async function makeClip(
  disk: Disk,
  dataDir: string,
  spool: Spool,
  pinned: Pinned,
  event: OpenEvent,
  segments: readonly { name: string; manifest: SegmentManifest }[],
  now: () => Stamp,
): Promise<boolean> {
  // Another init segment means that the camera began anew within the event: the cut came in the newest run.
  const init = segments.at(-1)?.manifest.init;
  if (init === undefined) return false;
  const run = segments.filter(({ manifest }) => manifest.init === init);
  // Those that are delivered already have left the ring, or are pinned: neither is a reason to leave the clip out.
  for (const { name } of run) await unlessGone(pinned.pin(name, event.level));
  const body = await readInit(disk, dataDir, init);
  await spool.append({
    kind: 'clip',
    class: event.level === 'alarm' ? 0 : 1,
    time: now(),
    of: { event: event.id, part: event.parts, why: 'event' },
    segments: run.map(({ manifest }) => refOf(manifest)),
    init,
    complete: false,
    last: true,
    ...(body === undefined ? {} : { body }),
  });
  return true;
}

async function endEvent(
  spool: Spool,
  event: OpenEvent,
  segments: readonly { manifest: SegmentManifest }[],
  now: () => Stamp,
): Promise<void> {
  const newest = segments.at(-1)?.manifest;
  const details: EventDetails = {
    id: event.id,
    trigger: event.trigger,
    level: event.level,
    firstMonoMs: event.fromMonoMs,
    lastMonoMs: newest === undefined ? event.fromMonoMs : newest.firstMonoMs + newest.durationMs,
    peakShare: 0,
    boxes: [],
    zones: [],
    reason: 'the recorder was cut off while this event went on',
    endedBy: 'power-cut',
  };
  await spool.append({
    kind: 'event',
    class: event.level === 'alarm' ? 0 : 1,
    time: now(),
    event: { id: event.id, phase: 'end', trigger: event.trigger, level: event.level },
    body: { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' },
  });
}
