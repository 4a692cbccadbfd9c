// "What happened at 02:10": minutes that the ring still holds become a clip.

import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import { folders } from '../outbox.ts';
import type { Spool } from '../spool.ts';
import { readInit } from './init-file.ts';
import type { Pinned } from './pinned.ts';
import { readSegmentManifest, refOf } from './segment-on-card.ts';

/** Longer ones are asked for in pieces: a clip names at most 900 segments. */
const lookBackMsMax = 1_800_000;

interface LookBackWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly spool: Spool;
  readonly pinned: Pinned;
  readonly now: () => Stamp;
}

/** `fromMs`, `toMs`: Unix ms by this node's clock. Only the running boot is searched: earlier ones have no known wall time here. */
export async function lookBack(
  world: LookBackWorld,
  id: string,
  fromMs: number,
  toMs: number,
): Promise<{ ok: boolean; text: string }> {
  const time = world.now();
  if (time.wallMs === null) return { ok: false, text: 'this node does not know the time yet' };
  if (!(toMs > fromMs && toMs - fromMs <= lookBackMsMax)) {
    return {
      ok: false,
      text: `fromMs and toMs must be a range of at most ${lookBackMsMax} ms, not ${fromMs} to ${toMs}`,
    };
  }
  const bootWallMs = time.wallMs - time.monoMs;
  const names = (await world.disk.list(folders(world.dataDir).ring)).filter((name) => {
    const file = parseFileName(name);
    if (file?.is !== 'segment' || file.boot !== world.spool.boot) return false;
    const fromWallMs = bootWallMs + file.firstMonoMs;
    return fromWallMs < toMs && fromWallMs + file.durationMs > fromMs;
  });
  const read = await Promise.all(
    names.map(async (name) => ({
      name,
      manifest: await readSegmentManifest(world.disk, join(folders(world.dataDir).ring, name)),
    })),
  );
  const runs = Map.groupBy(
    read.flatMap(({ name, manifest }) => (manifest === undefined ? [] : [{ name, manifest }])),
    ({ manifest }) => manifest.init,
  );
  let part = 0;
  for (const [init, run] of runs) {
    for (const { name } of run) await world.pinned.pin(name, 'event');
    const body = await readInit(world.disk, world.dataDir, init);
    const stored = await world.spool.append({
      kind: 'clip',
      class: 1,
      time,
      of: { part, why: 'lookback' },
      segments: run.map(({ manifest }) => refOf(manifest)),
      init,
      complete: true,
      last: part === runs.size - 1,
      ...(body === undefined ? {} : { body }),
    });
    if (!stored.ok) return { ok: false, text: `the clip could not be written: ${stored.why}` };
    part += 1;
  }
  return part === 0
    ? { ok: false, text: 'no footage of that time is held here' }
    : { ok: true, text: `${read.length} segments on their way (${id})` };
}
