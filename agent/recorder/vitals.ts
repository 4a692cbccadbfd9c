// How the node is: to the uplink every vitalsEveryS, and as a batch to the spool every quarter of an hour.
import type { Board, Camera, PinsOpened, Sound, Vitals } from '../../hal/ports.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import { type Health, healthAtStart, healthStep, isHot } from '../core/health.ts';
import type { LocalServer } from '../local.ts';
import type { Spool } from '../spool.ts';
import { tellNow } from './now-file.ts';
import type { Software } from './software.ts';
import type { Troubles } from './troubles.ts';

export interface VitalsWorld {
  readonly board: Board;
  readonly camera: Pick<Camera, 'inventory' | 'pace'>;
  /** Processors. */
  readonly cores: number;
  /** Why this run began. */
  readonly began: { readonly cause: string; readonly text: string };
  readonly sound: Pick<Sound, 'state'>;
  readonly pins: PinsOpened;
  readonly troubles: Troubles;
  readonly local: LocalServer;
  readonly counts: () => Readonly<Record<string, number>>;
  readonly append: Spool['append'];
  readonly now: () => Stamp;
  /** Where the newest vitals lie for the doctor. */
  readonly runDir: string;
  readonly software: Software;
  /** What this recorder runs. */
  readonly release: string;
}

/** Batches are for the card's sake: a record costs it at least 32 times its bytes. */
const batchMs = 900_000;
const samplesMax = 200;

export function openVitals(world: VitalsWorld): {
  run(everyMs: number, signal: AbortSignal): Promise<void>;
  write(): Promise<void>;
} {
  let samples: unknown[] = [];
  let health: Health = healthAtStart;
  let batchFromMonoMs = world.now().monoMs;

  const write = async () => {
    const time = world.now();
    batchFromMonoMs = time.monoMs;
    const taken = samples;
    samples = [];
    if (taken.length === 0) return;
    await world.append({
      kind: 'vitals',
      class: 5,
      time,
      body: { plain: Buffer.from(JSON.stringify({ samples: taken })), type: 'application/json' },
    });
  };

  const judge = (board: Vitals, { monoMs, wallMs }: Stamp) => {
    const next = healthStep(health, { monoMs, board, clockKnown: wallMs !== null }, world.cores);
    health = next.state;
    for (const action of next.actions) {
      if (action.do === 'raise') world.troubles.raise(action.code, action.text);
      else world.troubles.over(action.code);
    }
    // Less heat, and the recording goes on. The camera itself ignores what it is told already.
    world.camera.pace(isHot(health) ? 'half' : 'whole');
  };

  const look = async () => {
    const time = world.now();
    const board = await world.board.vitals();
    judge(board, time);
    const { driver, recipe, restarts, left } = world.camera.inventory();
    const rssMb = Math.round(process.memoryUsage.rss() / 104857.6) / 10;
    samples.push({ monoMs: time.monoMs, wallMs: time.wallMs, board, rssMb });
    samples = samples.slice(-samplesMax);
    const update = await world.software.look();
    const vitals = {
      time,
      release: world.release,
      board,
      camera: { driver, recipe: recipe ?? null, restarts },
      sound: world.sound.state(),
      pins: world.pins.ok ? world.pins.pins.driver : world.pins.why,
      faults: world.troubles.standing(),
      counts: world.counts(),
      began: world.began,
      rssMb,
      ...(update === undefined ? {} : { update }),
    };
    world.local.tell({ is: 'vitals', vitals });
    await tellNow(world.runDir, { ...vitals, camera: { ...vitals.camera, left } });
    if (time.monoMs - batchFromMonoMs >= batchMs) await write();
  };

  return {
    run: async (everyMs, signal) => {
      while (!signal.aborted) {
        await look().catch((error: unknown) =>
          world.troubles.note('vitals', `vitals could not be read: ${String(error)}`),
        );
        await pauseUnlessAborted(everyMs, signal);
      }
    },
    write,
  };
}

function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
