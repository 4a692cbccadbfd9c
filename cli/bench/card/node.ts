// A whole recorder on a counted card, with time wound as fast as the card goes: timers are node:test's, the camera gives footage of the usual bit rate.

import { join } from 'node:path';
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { readNodeConfig } from '../../../agent/core/config/read.ts';
import { makeSigningKey, readSigner } from '../../../agent/identity.ts';
import { folders, openOutbox, settleEveryMs } from '../../../agent/outbox.ts';
import { openRecorder } from '../../../agent/recorder/recorder.ts';
import { openRefuge } from '../../../agent/refuge.ts';
import { type Maker, openSpool } from '../../../agent/spool.ts';
import { writeDurable } from '../../../agent/write-durable.ts';
import { openBoard } from '../../../hal/board.ts';
import { disk } from '../../../hal/disk.ts';
import type { Camera, CameraSight, Disk, DiskFile } from '../../../hal/ports.ts';
import { drainClasses } from '../../../protocol/manifest.ts';

export type Profile = 'ring' | 'events';

export interface WoundNode {
  /** So many seconds of a street in which somebody walks, or nobody. */
  live(seconds: number, somebody: boolean): Promise<void>;
  /** Bytes handed to the card, in files that got their names, and how many these were. */
  payload(): { readonly bytes: number; readonly files: number };
  /** Clips made so far. */
  clips(): Promise<number>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

const [width, height, fps] = [160, 90, 5];
/** 2 Mbit/s, the configuration's own default. */
const fragmentBytes = 250_000;
/** A picture of 1280x720 as the media child makes them. */
const jpegBytes = 60_000;
const wallMs = Date.UTC(2026, 10, 22, 3);

/** `hub`: what is stored is put away as delivered, once a second, as receipts come over a good link. */
export async function openWoundNode(dir: string, profile: Profile): Promise<WoundNode> {
  const [dataDir, identityDir] = [join(dir, 'data'), join(dir, 'identity')];
  await makeSigningKey(disk, identityDir);
  const recipient = await identityToRecipient(await generateX25519Identity());
  await writeDurable(disk, join(identityDir, 'recipients.txt'), Buffer.from(`${recipient}\n`));
  const { signingKey, sealer } = await readSigner(disk, identityDir);
  const maker: Maker = {
    commune: 'xa-thu',
    node: 'mat-01',
    config: '0'.repeat(64),
    release: 'bench',
    signingKey,
    sealer,
  };
  const card = countedDisk(disk);
  const clock = { monoMs: 0 };
  const refuge = openRefuge(card.disk, disk, { dataDir, identityDir, memoryDir: join(dir, 'refuge') });
  const spool = await openSpool(refuge.disk, dataDir, identityDir, maker);
  const outbox = openOutbox(card.disk, dataDir);
  const stage = openStage();
  const stopping = new AbortController();
  const nothing = () => undefined;
  const off = { state: 'off', text: '' } as const;
  const board = openBoard({ dataDir });
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const recorder = await openRecorder(
    {
      disk: card.disk,
      clock: {
        monoMs: () => clock.monoMs,
        now: () => ({ monoMs: clock.monoMs, wallMs: wallMs + clock.monoMs, clock: 'ntp', errorMs: 1 }),
        hubSays: nothing,
        floorMs: () => wallMs + clock.monoMs,
        onChange: nothing,
      },
      camera: stage.camera,
      board: { vitals: async () => ({ ...(await board.vitals()), load1: 0, load15: 0 }) },
      pins: { ok: false, why: 'no-chip', text: '' },
      sound: { state: () => ({ keyword: off, bang: off }), heard: nobodySpeaks },
      notify: { ready: nothing, alive: nothing, stopping: nothing, status: nothing },
      cardWaitsMs: () => 0,
      ...{ spool, refuge, maker, dataDir, identityDir },
      runDir: dir,
      configFile: () => Promise.resolve(Buffer.alloc(0)),
      restart: nothing,
      local: {
        tell: nothing,
        joined: () => true,
        counts: () => ({ garbage: 0, dropped: 0 }),
        ended: Promise.resolve(),
      },
      inventory: () => Promise.resolve({}),
      began: { cause: 'asked', text: '' },
      measured: { begin: nothing, end: () => ({ rssMb: 0, cpuS: 0 }) },
      log: nothing,
    },
    configOf(profile),
  );
  const running = recorder.run(stopping.signal);
  const walker = { x: 0 };
  let settleMonoMs = Number.POSITIVE_INFINITY;

  /** Until the card has nothing under way, and nobody gives it anything. */
  const settle = async () => {
    for (let still = 0; still < 4; still = card.underWay() === 0 ? still + 1 : 0) await turn();
  };
  const second = async (somebody: boolean) => {
    const fromMonoMs = clock.monoMs;
    for (let at = 0; at < fps; at++) {
      clock.monoMs = fromMonoMs + (at * 1000) / fps;
      if (somebody) walker.x = (walker.x + 3) % (width - 20);
      const pixels = street(somebody ? walker.x : undefined, clock.monoMs);
      await stage.see({ is: 'grey', frame: { width, height, pixels, monoMs: clock.monoMs } });
    }
    clock.monoMs = fromMonoMs + 1000;
    await stage.see({ is: 'jpeg', bytes: Buffer.alloc(jpegBytes, 1), monoMs: clock.monoMs });
    await stage.see({ is: 'fragment', bytes: Buffer.alloc(fragmentBytes, 1), monoMs: fromMonoMs, durationMs: 1000 });
    mock.timers.tick(1000);
    await settle();
    // As the uplink does: what waits is listed first, the receipts come later.
    const items = [];
    for (const drainClass of drainClasses) items.push(...(await outbox.list(drainClass)));
    if (items.length > 0) {
      await outbox.delivered(items);
      settleMonoMs = Math.min(settleMonoMs, clock.monoMs + settleEveryMs);
    }
    if (clock.monoMs < settleMonoMs) return;
    settleMonoMs = Number.POSITIVE_INFINITY;
    await outbox.settle();
  };
  await stage.see({ is: 'start', recipe: 'bench', afresh: false });
  await stage.see({ is: 'init', bytes: Buffer.alloc(1200, 1) });
  return {
    live: async (seconds, somebody) => {
      for (let n = 0; n < seconds; n++) await second(somebody);
    },
    payload: card.payload,
    clips: async () =>
      (await Promise.all([folders(dataDir).delivered, ...drainClasses.map(folders(dataDir).waiting)].map(disk.list)))
        .flat()
        .filter((name) => name.includes('-clip-')).length,
    stop: async () => {
      stopping.abort();
      stage.leave();
      mock.timers.tick(1000);
      await running;
      mock.timers.reset();
    },
  };
}

function configOf(profile: Profile) {
  const text = `commune: xa-thu\nnode: mat-01\ntitle: Đo\ncamera: { driver: scene }\nstorage: { profile: ${profile} }\n`;
  const read = readNodeConfig(text, 'node.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.config;
}

/** Hands sights over one at a time. */
function openStage() {
  const waiting: { sight: CameraSight; taken: () => void }[] = [];
  const state: { over: boolean; wake: () => void } = { over: false, wake: () => undefined };
  const camera: Camera = {
    async *run() {
      while (true) {
        const next = waiting.shift();
        if (next !== undefined) {
          yield next.sight;
          next.taken();
        } else if (state.over) return;
        else await new Promise<void>((resolve) => Object.assign(state, { wake: resolve }));
      }
    },
    inventory: () => ({ driver: 'bench', recipe: undefined, left: [], restarts: 0, pids: [] }),
    pace: () => undefined,
    caption: () => undefined,
  };
  return {
    camera,
    see: (sight: CameraSight) =>
      new Promise<void>((taken) => {
        waiting.push({ sight, taken });
        state.wake();
      }),
    leave: () => {
      state.over = true;
      state.wake();
    },
  };
}

/** A street with a fixed texture and a trace of noise; somebody is a bright block. */
function street(subjectX: number | undefined, monoMs: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (let at = 0; at < pixels.length; at++) pixels[at] = 100 + ((at * 7919) % 13) + ((at * 31 + monoMs / 200) % 3);
  if (subjectX !== undefined)
    for (let y = 40; y < 64; y++) pixels.fill(220, y * width + subjectX, y * width + subjectX + 12);
  return pixels;
}

// biome-ignore lint/correctness/useYield: nobody is there
async function* nobodySpeaks(): AsyncGenerator<never> {
  return;
}

/** Counts what is handed over, and what is under way. */
function countedDisk(inner: Disk): { disk: Disk; underWay(): number; payload: WoundNode['payload'] } {
  const tally = { underWay: 0, bytes: 0, files: 0 };
  const counted = async <T>(step: () => Promise<T>): Promise<T> => {
    tally.underWay += 1;
    try {
      return await step();
    } finally {
      tally.underWay -= 1;
    }
  };
  const file = (its: DiskFile): DiskFile => ({
    write: (bytes, position) => {
      tally.bytes += bytes.length;
      return counted(() => its.write(bytes, position));
    },
    sync: () => counted(() => its.sync()),
    close: () => counted(() => its.close()),
  });
  const disk: Disk = {
    ...inner,
    makeFolder: (path) => counted(() => inner.makeFolder(path)),
    create: (path) =>
      counted(async () => {
        tally.files += 1;
        return file(await inner.create(path));
      }),
    rename: (from, to) => counted(() => inner.rename(from, to)),
    link: (from, to) => counted(() => inner.link(from, to)),
    remove: (path) => counted(() => inner.remove(path)),
    syncFolder: (path) => counted(() => inner.syncFolder(path)),
    list: (path) => counted(() => inner.list(path)),
    readRange: (path, start, length) => counted(() => inner.readRange(path, start, length)),
  };
  return { disk, underWay: () => tally.underWay, payload: () => ({ bytes: tally.bytes, files: tally.files }) };
}
