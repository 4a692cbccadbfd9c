// The program of the virtual node: the card is healed, mounted and looked at, then the product's own recorder works on it until the power goes.
// Loaded and parked before the card is touched, so that each life begins at once.
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { readNodeConfig } from '../../../agent/core/config/read.ts';
import { heal, leaveNote } from '../../../agent/heal.ts';
import { makeSigningKey, readSigner } from '../../../agent/identity.ts';
import { keepTime } from '../../../agent/keep-time.ts';
import { openOutbox } from '../../../agent/outbox.ts';
import { openSpoolPatiently } from '../../../agent/recorder/open-spool.ts';
import { openRecorder } from '../../../agent/recorder/recorder.ts';
import { openRefuge } from '../../../agent/refuge.ts';
import type { Maker } from '../../../agent/spool.ts';
import { openBoard } from '../../../hal/board.ts';
import { openBoardClock } from '../../../hal/clock.ts';
import { disk } from '../../../hal/disk.ts';
import { openPartition } from '../../../hal/partition.ts';
import type { CameraSight, Disk, PinEdge } from '../../../hal/ports.ts';
import { runShort } from '../../../hal/short-child.ts';
import { drainClasses } from '../../../protocol/manifest.ts';
import { readVerifyingKey } from '../../../protocol/sign.ts';
import { lookAtCard } from './look.ts';
import { playedCamera } from './played-camera.ts';
import { openPort } from './port.ts';
import { watchedDisk, withoutFlushes } from './watched-disk.ts';
import type { Go, GuestWord } from './words.ts';

const place = { identity: '/identity', data: '/data' } as const;
const pressAfterMs = 150;
const tickMs = 40;
const off = { state: 'off', text: '' } as const;

const { say, hear } = openPort<GuestWord>();
const read = readNodeConfig(readFileSync('/app/node.yaml'), 'node.yaml');
if (!read.ok) throw new Error(JSON.stringify(read.faults));
const { config } = read;
const sights: CameraSight[] = deserialize(readFileSync('/app/sights'));

async function live(go: Go): Promise<void> {
  const beganMs = performance.now();
  const tookMs = () => Math.round(performance.now() - beganMs);
  const owner = { uid: 0, gid: 0 };
  const identityPartition = openPartition({ device: '/dev/vda1', at: place.identity, owner, journalsData: true });
  const dataPartition = openPartition({ device: '/dev/vda2', at: place.data, owner });
  // The kernel has read the card's beginning before it was parked; since then the card has lived on.
  await runShort('blockdev', ['--flushbufs', '/dev/vda'], { timeoutMs: 10_000 });
  const identity = await heal({ ...identityPartition, makeAnew: () => Promise.resolve({ ok: false, text: 'never' }) });
  const data = await heal(dataPartition);
  if (data.outcome !== 'well') await leaveNote(disk, place.identity, data);
  say({
    is: 'healed',
    identity: identity.outcome,
    data: data.outcome,
    why: `${identity.why} ${data.why}`.trim(),
    tookMs: tookMs(),
  });
  if (identity.outcome === 'beyond-help' || data.outcome === 'beyond-help') return;

  const publicKey = await readVerifyingKey(await makeSigningKey(disk, place.identity));
  await lookAtCard(disk, place.data, publicKey, say);
  await deliver(go.delivered);
  const card = watchedDisk(go.flushes ? disk : withoutFlushes(disk), (name) => say({ is: 'kept', name }));
  await record(card, tookMs);
}

/** What the hub has signed for may leave the card. */
async function deliver(names: readonly string[]): Promise<void> {
  const theirs = new Set(names);
  const outbox = openOutbox(disk, place.data);
  for (const drainClass of drainClasses)
    await outbox.delivered((await outbox.list(drainClass).catch(() => [])).filter(({ name }) => theirs.has(name)));
}

async function record(card: Disk, tookMs: () => number): Promise<void> {
  const { signingKey, sealer } = await readSigner(disk, place.identity);
  const maker: Maker = {
    commune: config.commune,
    node: config.node,
    config: '0'.repeat(64),
    release: 'lab',
    signingKey,
    sealer,
  };
  const clock = keepTime(openBoardClock({ trust: 'system' }), 0);
  const refuge = openRefuge(card, disk, { dataDir: place.data, identityDir: place.identity, memoryDir: '/run/refuge' });
  const { signal } = new AbortController();
  const spool = await openSpoolPatiently(card, refuge, place.data, place.identity, maker, signal, () => undefined);
  if (spool === undefined) return;
  const told: typeof spool = {
    ...spool,
    append: async (draft) => {
      const stored = await spool.append(draft);
      if (stored.ok) say({ is: 'kept', name: stored.name });
      return stored;
    },
  };
  const nothing = () => undefined;
  const recorder = await openRecorder(
    {
      disk: card,
      clock,
      camera: filming(playedCamera(sights, clock.monoMs)),
      board: openBoard({ dataDir: place.data }),
      pins: {
        ok: true,
        pins: {
          driver: 'lab',
          blinks: false,
          watch: () => pressedOnce(clock.monoMs),
          set: () => Promise.resolve(),
          close: () => Promise.resolve(),
        },
      },
      sound: { state: () => ({ keyword: off, bang: off }), heard: nobodySpeaks },
      cardWaitsMs: () => 0,
      runDir: '/run',
      configFile: () => Promise.resolve(readFileSync('/app/node.yaml')),
      restart: nothing,
      notify: { ready: nothing, alive: nothing, stopping: nothing, status: nothing },
      spool: told,
      refuge,
      maker,
      dataDir: place.data,
      identityDir: place.identity,
      local: {
        tell: nothing,
        joined: () => false,
        counts: () => ({ garbage: 0, dropped: 0 }),
        ended: Promise.resolve(),
      },
      inventory: () => Promise.resolve({}),
      began: { cause: 'asked', text: '' },
      measured: { begin: nothing, end: () => ({ rssMb: 0, cpuS: 0 }) },
      log: nothing,
    },
    config,
  );
  say({ is: 'running', boot: spool.boot, tookMs: tookMs() });
  setInterval(() => say({ is: 'tick', monoMs: Math.round(clock.monoMs()) }), tickMs);
  await recorder.run(new AbortController().signal);
}

/** Somebody presses the alarm button at once; with `quietMs` as long as it is, the event goes on until the power goes. */
async function* pressedOnce(monoMs: () => number): AsyncGenerator<PinEdge> {
  await new Promise((resolve) => setTimeout(resolve, pressAfterMs));
  const [input] = config.pins.inputs;
  if (input !== undefined) yield { pin: input.pin, active: true, monoMs: monoMs() };
}

// biome-ignore lint/correctness/useYield: nobody is there
async function* nobodySpeaks(): AsyncGenerator<never> {
  return;
}

/** Says from when on there is footage to lose. */
function filming(camera: ReturnType<typeof playedCamera>): typeof camera {
  return {
    ...camera,
    async *run(signal) {
      let isTold = false;
      for await (const sight of camera.run(signal)) {
        const fromMonoMs = sight.is === 'grey' ? sight.frame.monoMs : undefined;
        if (!isTold && fromMonoMs !== undefined) say({ is: 'filming', fromMonoMs: Math.round(fromMonoMs) });
        isTold ||= fromMonoMs !== undefined;
        yield sight;
      }
    },
  };
}

try {
  say({ is: 'parked' });
  await live(JSON.parse(hear()));
} catch (error) {
  say({ is: 'failed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
