// What happens on a node between two power cuts, one act at a time. Each keeps the list of promises.
import { folders, type Waiting } from '../../../agent/outbox.ts';
import { openSegment } from '../../../agent/recorder/open-segment.ts';
import { footageClass } from '../../../agent/recorder/pinned.ts';
import { openRoom } from '../../../agent/recorder/room.ts';
import type { Draft } from '../../../agent/spool.ts';
import { openParcel } from '../../../agent/uplink/parcel.ts';
import { below, pick, type Random } from '../../../hal/sim-disk/random.ts';
import {
  type DrainClass,
  drainClasses,
  type Level,
  manifestSchema,
  type SegmentRef,
  segmentManifestSchema,
} from '../../../protocol/manifest.ts';
import { splitRecordFile } from '../../../protocol/record-file.ts';
import { readUnverified, sha256 } from '../../../protocol/sign.ts';
import { type Node, stampAt } from './node.ts';
import { at } from './paths.ts';
import type { Promises } from './promises.ts';

export type Act =
  | { readonly do: 'record'; readonly class: DrainClass; readonly bytes: number }
  /** An event begins: its record, and a segment that is pinned for it. */
  | { readonly do: 'event'; readonly level: Level }
  | { readonly do: 'segment'; readonly bytes: number; readonly pin: Level | undefined }
  /** The event that goes on ends, with its clip. */
  | { readonly do: 'end' }
  /** The uplink sends up to so many of a class, the hub stores them, the receipt comes. */
  | { readonly do: 'deliver'; readonly class: DrainClass; readonly count: number }
  /** Everything that waits is delivered. */
  | { readonly do: 'drain' }
  /** A record is delivered between having its name and being flushed: two processes at work. */
  | { readonly do: 'overtake'; readonly class: DrainClass }
  /** The uplink sets the oldest of a class aside. */
  | { readonly do: 'quarantine'; readonly class: DrainClass }
  /** `hard`: so little room that un-sent records must go. */
  | { readonly do: 'makeRoom'; readonly hard: boolean };

/** One start of a node, as far as the acts must remember it. */
export interface Life {
  readonly node: Node;
  readonly promises: Promises;
  readonly random: Random;
  readonly open: { event: { id: string; level: Level } | undefined; count: number; seg: number; monoMs: number };
  readonly film: { name: string; ref: SegmentRef }[];
  /** `class/name` of records that have left the queue since it was last flushed. */
  readonly unsettled: string[];
}

export function beginLife(node: Node, promises: Promises, random: Random): Life {
  return {
    node,
    promises,
    random,
    open: { event: undefined, count: 0, seg: 0, monoMs: 1000 },
    film: [],
    unsettled: [],
  };
}

const init = sha256('init');

export async function perform(life: Life, act: Act): Promise<void> {
  switch (act.do) {
    case 'record':
      await append(life, { kind: act.class === 2 ? 'still' : 'log', class: act.class, body: noise(act.bytes, life) });
      return;
    case 'event':
      return await beginEvent(life, act.level);
    case 'segment':
      return await film(life, act.bytes, act.pin);
    case 'end':
      return await endEvent(life);
    case 'deliver':
      return await deliver(life, act.class, act.count);
    case 'drain':
      for (const drainClass of drainClasses) await deliver(life, drainClass, Number.POSITIVE_INFINITY);
      return;
    case 'overtake':
      return await overtake(life, act.class);
    case 'quarantine':
      return await setAside(life, act.class);
    case 'makeRoom':
      return await makeRoom(life, act.hard);
  }
}

/** Any act, the usual ones more often. */
export function chooseAct(random: Random): Act {
  const chance = random();
  const level = random() < 0.5 ? 'alarm' : 'event';
  const drainClass = pick(drainClasses, random) ?? 1;
  if (chance < 0.26)
    return { do: 'record', class: pick([0, 1, 2, 5] as const, random) ?? 1, bytes: below(1500, random) };
  if (chance < 0.36) return { do: 'event', level };
  if (chance < 0.52)
    return { do: 'segment', bytes: 300 + below(2500, random), pin: random() < 0.6 ? level : undefined };
  if (chance < 0.62) return { do: 'end' };
  if (chance < 0.66) return { do: 'overtake', class: pick([0, 1, 2, 5] as const, random) ?? 1 };
  if (chance < 0.7) return { do: 'drain' };
  if (chance < 0.84) return { do: 'deliver', class: drainClass, count: 1 + below(3, random) };
  if (chance < 0.88) return { do: 'quarantine', class: drainClass };
  return { do: 'makeRoom', hard: random() < 0.5 };
}

/** Bytes that differ each time, and are sealed already. */
function noise(bytes: number, { random }: Life): NonNullable<Draft['body']> {
  const sealed = new Uint8Array(bytes).map(() => below(256, random));
  return { sealed, plainSha256: sha256(sealed), type: 'application/octet-stream' };
}

async function append(life: Life, draft: Omit<Draft, 'time'>): Promise<void> {
  life.open.monoMs += 1;
  const stored = await life.node.spool.append({ ...draft, time: stampAt(life.open.monoMs) });
  if (stored.ok) life.promises.records.add(stored.name);
}

async function beginEvent(life: Life, level: Level): Promise<void> {
  if (life.open.event !== undefined) return;
  life.open.count += 1;
  const event = { id: `${life.node.spool.boot}-e${life.open.count}`, level };
  life.open.event = event;
  await append(life, { kind: 'event', class: classOf(level), event: { ...event, phase: 'new', trigger: 'motion' } });
  await film(life, 700, level);
}

async function endEvent(life: Life): Promise<void> {
  const { event } = life.open;
  if (event === undefined) return;
  life.open.event = undefined;
  await append(life, {
    kind: 'event',
    class: classOf(event.level),
    event: { ...event, phase: 'end', trigger: 'motion' },
  });
  await append(life, {
    kind: 'clip',
    class: classOf(event.level),
    of: { event: event.id, part: 0, why: 'event' },
    segments: life.film.filter(({ name }) => life.promises.pinned.has(name)).map(({ ref }) => ref),
    init,
    complete: true,
    last: true,
  });
}

const classOf = (level: Level): DrainClass => (level === 'alarm' ? 0 : 1);

async function film(life: Life, bytes: number, level: Level | undefined): Promise<void> {
  const { node, promises, open } = life;
  const start = { boot: node.spool.boot, seg: open.seg, init, firstMonoMs: open.monoMs, wallMs: null };
  open.seg += 1;
  open.monoMs += 2000;
  // As a node that keeps no ring does it.
  const isBornWaiting = level !== undefined && life.random() < 0.5;
  const home = isBornWaiting ? folders(at.data).waiting(footageClass[level]) : folders(at.data).ring;
  const { act } = node.stage;
  if (isBornWaiting) node.stage.act = 'born';
  const segment = openSegment(node.disk, home, node.maker, node.lineBytes, start);
  const half = bytes >> 1;
  for (const part of [half, bytes - half])
    await segment.add(
      new Uint8Array(part).map(() => below(256, life.random)),
      1000,
    );
  const done = await segment.finish(home, level === undefined || isBornWaiting ? 'flush' : 'flushed-by-pin');
  node.stage.act = act;
  if (!done.ok) return;
  life.film.push({ name: done.name, ref: done.segment.ref });
  if (level === undefined) return void promises.inRing.add(done.name);
  if (isBornWaiting) node.pinned.born(done.name, level);
  await node.pinned.pin(done.name, level);
  promises.pinned.set(done.name, level);
  // The event becomes an alarm.
  if (level === 'alarm' || life.random() < 0.7) return;
  await node.pinned.pin(done.name, 'alarm');
  promises.pinned.set(done.name, 'alarm');
}

/** The uplink must not be slower than the flush here: it looks, sends and has its receipt before it. */
async function overtake(life: Life, drainClass: DrainClass): Promise<void> {
  const { stage } = life.node;
  const { act } = stage;
  stage.onName = async () => {
    await deliver(life, drainClass, Number.POSITIVE_INFINITY);
    stage.act = act;
  };
  try {
    await append(life, { kind: 'log', class: drainClass, body: noise(300, life) });
  } finally {
    stage.onName = undefined;
  }
}

async function deliver(life: Life, drainClass: DrainClass, count: number): Promise<void> {
  const { node, promises, random, unsettled } = life;
  node.stage.act = 'look';
  node.stage.isUnflushed = false;
  const items = (await node.outbox.list(drainClass)).slice(0, count);
  node.stage.act = 'deliver';
  const sent: Waiting[] = [];
  for (const item of items) {
    const opened = await openParcel(node.outbox, item);
    if (!opened.ok) {
      if (opened.why === 'damaged') {
        await node.outbox.quarantine(item);
        settled(life);
      }
      continue;
    }
    if (node.stage.isUnflushed && item.file.is === 'record') promises.sentUnflushed.add(item.name);
    const bytes = await node.outbox.readRange(item, 0, (await node.outbox.size(item)) ?? 0);
    const file = bytes === undefined ? undefined : splitRecordFile(bytes);
    if (file === undefined) throw new Error(`${item.name} was whole and cannot be read`);
    sent.push(item);
    const common = { jws: file.jws, id: sha256(file.jws), node: 'mat-01', boot: item.file.boot, name: item.name };
    const body = { bytes: file.body.length, sha256: sha256(file.body) };
    const payload = readUnverified(file.jws);
    const entry =
      item.file.is === 'record'
        ? ({ is: 'record', ...common, number: item.file.seq, body, manifest: manifestSchema.parse(payload) } as const)
        : ({
            is: 'segment',
            ...common,
            number: item.file.seg,
            body,
            manifest: segmentManifestSchema.parse(payload),
          } as const);
    const outcome = await node.archive.put(entry, [file.body]);
    if (outcome !== 'stored') throw new Error(`the archive refuses ${item.name}: ${outcome}`);
    promises.archived.add(node.archive.path({ node: 'mat-01', boot: item.file.boot, name: item.name }));
  }
  await node.outbox.delivered(sent);
  // A segment may be pinned again by a clip that is mended.
  for (const { name, file } of sent) if (file.is === 'record') unsettled.push(`${drainClass}/${name}`);
  // Now and then, as the uplink does.
  if (random() < 0.5) return;
  await node.outbox.settle();
  settled(life);
}

function settled({ promises, unsettled }: Life): void {
  for (const place of unsettled.splice(0)) promises.left.add(place);
}

async function setAside(life: Life, drainClass: DrainClass): Promise<void> {
  const { node, promises } = life;
  const [item] = await node.outbox.list(drainClass);
  if (item === undefined) return;
  await node.outbox.quarantine(item);
  settled(life);
  if (item.file.is === 'record') promises.left.add(`${drainClass}/${item.name}`);
}

async function makeRoom({ node, promises, open }: Life, hard: boolean): Promise<void> {
  const rules = { ringBytesMax: hard ? 0 : 6000, spoolBytesMax: hard ? 0 : 16_000, keepFreeBytes: 0, hardFreeBytes: 0 };
  const quiet = {
    raise: () => undefined,
    over: () => undefined,
    note: () => undefined,
    standing: () => [],
    count: () => 0,
  };
  promises.inRing.clear();
  const spool: Node['spool'] = {
    ...node.spool,
    append: async (draft) => {
      const stored = await node.spool.append(draft);
      if (stored.ok) promises.records.add(stored.name);
      return stored;
    },
  };
  await openRoom(
    node.disk,
    at.data,
    spool,
    rules,
    quiet,
    () => stampAt(open.monoMs),
    () => false,
    () => Promise.resolve(true),
  ).make();
}
