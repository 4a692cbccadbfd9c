// Fragments become segments in the ring; wanted segments are pinned and become clips.
// All of it happens on one queue, in the order in which it was noticed, so that capture itself never waits for the card.
import type { Disk } from '../../hal/ports.ts';
import type { Level, Stamp } from '../../protocol/manifest.ts';
import { cardTrouble, cardTroubles } from '../card-trouble.ts';
import {
  type ClipAction,
  type ClipRules,
  type ClipSeen,
  type ClipState,
  noClips,
  stepClips,
  takenAs,
  wanted,
  wantedUntilMs,
} from '../core/clips.ts';
import type { StorageConfig } from '../core/config/schema.ts';
import type { Range } from '../core/coverage.ts';
import { cutDue, keptLoose, type Loose } from '../core/cut.ts';
import { folders } from '../outbox.ts';
import type { Maker, SealedBody, Spool } from '../spool.ts';
import { keepInit, sealInit } from './init-file.ts';
import { type OpenSegment, openSegment, segmentLineBytes } from './open-segment.ts';
import { footageClass, type Pinned } from './pinned.ts';
import type { Troubles } from './troubles.ts';

export interface FootageWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly maker: Maker;
  readonly spool: Spool;
  readonly pinned: Pinned;
  readonly now: () => Stamp;
  readonly troubles: Troubles;
  /** A segment has its name. */
  readonly onSegment: (bytes: number, range: Range) => void;
}

export interface Footage {
  init(bytes: Uint8Array): void;
  fragment(loose: Loose): void;
  /** What the clip planner must know besides segments. */
  tell(seen: Exclude<ClipSeen, { is: 'segment' }>): void;
  /** Done with everything told so far. */
  settled(): Promise<void>;
  counts(): { readonly fragments: number; readonly segments: number; readonly clips: number; readonly dropped: number };
}

/** Fragments that wait for a slow card; beyond this new ones are dropped and it is told. */
const waitingBytesMax = 24 * 1024 * 1024;

export async function openFootage(
  world: FootageWorld,
  profile: StorageConfig['profile'],
  rules: ClipRules,
): Promise<Footage> {
  const lineBytes = await segmentLineBytes(world.maker);
  const at = folders(world.dataDir);
  const tally = { fragments: 0, segments: 0, clips: 0, dropped: 0, waitingBytes: 0, seg: 0 };
  const names = new Map<number, string>();
  const inits = new Map<string, SealedBody>();
  let queue: Promise<void> = Promise.resolve();
  let state: ClipState = noClips;
  let init: SealedBody | undefined;
  let open: OpenSegment | undefined;
  let loose: readonly Loose[] = [];

  const enqueue = (task: () => Promise<void>) => {
    queue = queue
      .then(task)
      .catch((error: unknown) => world.troubles.raise('footage', `footage could not be kept: ${String(error)}`));
  };

  const add = async (each: Loose) => {
    if (init === undefined) return;
    open ??= begin(each, init);
    await open.add(each.bytes, each.durationMs);
  };
  const finishWhenDue = async () => {
    if (open === undefined) return;
    // A post-roll that is all there makes its clip now.
    const covers = open.start.firstMonoMs + open.durationMs() >= (wantedUntilMs(state) ?? Number.POSITIVE_INFINITY);
    if (covers || cutDue(open.durationMs(), wanted(state))) await finish();
  };

  const begin = (each: Loose, itsInit: SealedBody): OpenSegment => {
    const time = world.now();
    const wallMs = time.wallMs === null ? null : Math.round(time.wallMs - (time.monoMs - each.monoMs));
    const start = {
      boot: world.spool.boot,
      seg: tally.seg,
      init: itsInit.plainSha256,
      firstMonoMs: each.monoMs,
      wallMs,
    };
    tally.seg += 1;
    const { folder } = homeOf(takenAs(state, each.monoMs, each.monoMs + each.durationMs));
    return openSegment(world.disk, folder, world.maker, lineBytes, start);
  };

  /**
   * Where a segment gets its name. Without a ring to fill, wanted footage has one name, where it waits: a second one is two more folders in the journal's
   * commits, for each second of an event.
   */
  const homeOf = (level: Level | undefined): { folder: string; waitsAs: Level | undefined } =>
    profile === 'events' && level !== undefined
      ? { folder: at.waiting(footageClass[level]), waitsAs: level }
      : { folder: at.ring, waitsAs: undefined };

  const finish = async () => {
    const ended = open;
    open = undefined;
    if (ended === undefined) return;
    const { firstMonoMs } = ended.start;
    const level = takenAs(state, firstMonoMs, firstMonoMs + ended.durationMs());
    const { folder, waitsAs } = homeOf(level);
    // What is pinned at once is flushed under its other name.
    const done = await ended.finish(folder, level !== undefined && waitsAs === undefined ? 'flushed-by-pin' : 'flush');
    if (!done.ok) {
      world.troubles.raise(done.why, `${ended.durationMs()} ms of footage were lost: ${String(done.cause)}`);
      await plan({ is: 'lost', firstMonoMs, durationMs: ended.durationMs() });
      return;
    }
    for (const trouble of cardTroubles) world.troubles.over(trouble);
    tally.segments += 1;
    const { ref } = done.segment;
    remember(ref.seg, done.name);
    if (waitsAs !== undefined) world.pinned.born(done.name, waitsAs);
    world.onSegment(done.bytes, { fromMonoMs: ref.firstMonoMs, toMonoMs: ref.firstMonoMs + ref.durationMs });
    await plan({ is: 'segment', segment: done.segment });
  };

  /** Names of the segments that a clip may still ask for. */
  const remember = (seg: number, name: string) => {
    names.set(seg, name);
    names.delete(seg - 1000);
  };

  const plan = async (seen: ClipSeen) => {
    const step = stepClips(state, seen, rules);
    state = step.state;
    for (const action of step.actions) await perform(action);
  };

  const perform = async (action: ClipAction) => {
    if (action.do === 'pin') {
      const name = names.get(action.segment.ref.seg);
      if (name === undefined) throw new Error(`segment ${action.segment.ref.seg} is not known by name`);
      await world.pinned
        .pin(name, action.level)
        .catch((error: unknown) =>
          world.troubles.raise(cardTrouble(error), `${name} could not be pinned: ${String(error)}`),
        );
      return;
    }
    const body = inits.get(action.init);
    const { want, part, segments, complete, last } = action;
    const stored = await world.spool.append({
      kind: 'clip',
      // An alarm's clip is no less the alarm than its event.
      class: want.level === 'alarm' ? 0 : 1,
      time: world.now(),
      of: { ...(want.why === 'event' ? { event: want.id } : {}), part, why: want.why },
      segments: [...segments],
      init: action.init,
      complete,
      last,
      ...(body === undefined ? {} : { body }),
    });
    if (stored.ok) tally.clips += 1;
    else world.troubles.raise(stored.why, `clip ${want.id} part ${part} could not be written: ${String(stored.cause)}`);
  };

  return {
    init: (bytes) =>
      enqueue(async () => {
        await finish();
        loose = [];
        init = sealInit(world.maker.sealer, bytes);
        inits.set(init.plainSha256, init);
        await keepInit(world.disk, world.dataDir, init).catch((error: unknown) =>
          world.troubles.raise(cardTrouble(error), `the init segment could not be kept: ${String(error)}`),
        );
      }),
    fragment: (each) => {
      tally.fragments += 1;
      if (tally.waitingBytes + each.bytes.length > waitingBytesMax) {
        tally.dropped += 1;
        world.troubles.raise('card-slow', `the card does not keep up: ${tally.dropped} fragments dropped`);
        return;
      }
      tally.waitingBytes += each.bytes.length;
      enqueue(async () => {
        tally.waitingBytes -= each.bytes.length;
        if (tally.waitingBytes === 0) world.troubles.over('card-slow');
        if (profile === 'ring' || wanted(state) !== 'not') {
          await add(each);
          return await finishWhenDue();
        }
        await finish();
        loose = keptLoose([...loose, each], rules.preRollMs + 1000);
      });
    },
    tell: (seen) =>
      enqueue(async () => {
        // A break ends the segment first, so that the clip has all there is.
        if (seen.is === 'break') await finish();
        await plan(seen);
        if (seen.is !== 'opened') return;
        const before = loose;
        loose = [];
        // The pre-roll is one segment: it is over, a shorter one would save nothing.
        for (const each of before) await add(each);
        await finishWhenDue();
      }),
    settled: () => queue,
    counts: () => ({
      fragments: tally.fragments,
      segments: tally.segments,
      clips: tally.clips,
      dropped: tally.dropped,
    }),
  };
}
