// A camera that shows what a test tells it to, and a recorder around it with a real card, real keys and a clock that the test winds.

import { join } from 'node:path';
import { readNodeConfig } from '../../agent/core/config/read.ts';
import type { NodeConfig } from '../../agent/core/config/schema.ts';
import type { KeptClock } from '../../agent/keep-time.ts';
import type { LocalServer, RecorderMessage } from '../../agent/local.ts';
import { openRecorder, type Recorder } from '../../agent/recorder/recorder.ts';
import { openRefuge } from '../../agent/refuge.ts';
import { openSpool, type Spool } from '../../agent/spool.ts';
import { openBoard } from '../../hal/board.ts';
import { disk } from '../../hal/disk.ts';
import type { Board, Camera, CameraSight, Disk, Heard } from '../../hal/ports.ts';
import type { TestNode } from '../support/node-identity.ts';

export const width = 160;
export const height = 90;

export interface ScriptedRun {
  readonly recorder: Recorder;
  readonly spool: Spool;
  readonly told: readonly RecorderMessage[];
  readonly clock: { monoMs: number };
  /** Seconds of footage: each a fragment, and five pictures with or without a subject that walks through. */
  film(seconds: number, subject?: 'nobody' | 'somebody'): Promise<void>;
  see(sight: CameraSight): Promise<void>;
  /** An orderly stop. */
  stop(): Promise<void>;
}

const configText = (more: string) => `commune: xa-thu\nnode: mat-01\ntitle: Thử\ncamera: { driver: scene }\n${more}`;

export function testConfig(more = ''): NodeConfig {
  const read = readNodeConfig(configText(more), 'node.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.config;
}

/** Whose recorder it is. */
export type ScriptedNode = Pick<TestNode, 'dir' | 'dataDir' | 'identityDir' | 'maker'>;

export async function startScripted(node: ScriptedNode, config: NodeConfig, card: Disk = disk): Promise<ScriptedRun> {
  const clock = { monoMs: 0 };
  const told: RecorderMessage[] = [];
  const { dataDir, identityDir } = node;
  const refuge = openRefuge(card, disk, { dataDir, identityDir, memoryDir: join(node.dir, 'refuge') });
  const spool = await openSpool(refuge.disk, dataDir, identityDir, node.maker);
  const stage = openStage();
  const stopping = new AbortController();
  const recorder = await openRecorder(
    {
      disk: card,
      clock: testClock(clock),
      camera: stage.camera,
      board: idleBoard(node.dataDir),
      pins: { ok: false, why: 'no-chip', text: 'no pins in this test' },
      sound: { state: () => ({ keyword: off, bang: off }), heard: nothingHeard },
      notify: { ready: nothing, alive: nothing, stopping: nothing, status: nothing },
      cardWaitsMs: () => 0,
      spool,
      refuge,
      maker: node.maker,
      dataDir: node.dataDir,
      identityDir: node.identityDir,
      runDir: node.dir,
      configFile: () => Promise.resolve(Buffer.from(configText(''))),
      restart: nothing,
      local: localInto(told),
      inventory: () => Promise.resolve({}),
      began: { cause: 'asked', text: '' },
      measured: { begin: nothing, end: () => ({ rssMb: 0, cpuS: 0 }) },
      log: nothing,
    },
    config,
  );
  const running = recorder.run(stopping.signal);
  const place = { x: 0 };

  return {
    recorder,
    spool,
    told,
    clock,
    see: stage.see,
    film: async (seconds, subject = 'nobody') => {
      for (let second = 0; second < seconds; second++) {
        const fromMonoMs = clock.monoMs;
        for (let at = 0; at < 5; at++) {
          clock.monoMs = fromMonoMs + at * 200;
          if (subject === 'somebody') place.x = (place.x + 3) % (width - 20);
          await stage.see({
            is: 'grey',
            frame: {
              width,
              height,
              pixels: picture(subject === 'somebody' ? place.x : undefined, clock.monoMs),
              monoMs: clock.monoMs,
            },
          });
        }
        clock.monoMs = fromMonoMs + 1000;
        await stage.see({ is: 'jpeg', bytes: Buffer.from(`jpeg at ${clock.monoMs}`), monoMs: clock.monoMs });
        await stage.see({
          is: 'fragment',
          bytes: Buffer.from(`fragment from ${fromMonoMs};`),
          monoMs: fromMonoMs,
          durationMs: 1000,
        });
      }
    },
    stop: async () => {
      stopping.abort();
      stage.leave();
      await running;
    },
  };
}

const off = { state: 'off', text: '' } as const;

/** This machine, whatever else it does. */
function idleBoard(dataDir: string): Board {
  const board = openBoard({ dataDir });
  return { vitals: async () => ({ ...(await board.vitals()), load1: 0, load15: 0 }) };
}

/** Hands sights over one at a time: `see` resolves when the recorder asks for the next one. */
function openStage() {
  const waiting: { sight: CameraSight; done: () => void }[] = [];
  let wake = nothing as () => void;
  let over = false;
  const camera: Camera = {
    async *run() {
      while (true) {
        const next = waiting.shift();
        if (next !== undefined) {
          yield next.sight;
          next.done();
        } else if (over) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
    inventory: () => ({ driver: 'scripted', recipe: undefined, left: [], restarts: 0, pids: [] }),
    pace: nothing,
    caption: nothing,
  };
  return {
    camera,
    see: (sight: CameraSight) =>
      new Promise<void>((done) => {
        waiting.push({ sight, done });
        wake();
      }),
    leave: () => {
      over = true;
      wake();
    },
  };
}

/** A mid-grey street with a fixed texture and a trace of noise; a subject is a bright block of 12 x 24. */
function picture(subjectX: number | undefined, monoMs: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (let at = 0; at < pixels.length; at++) pixels[at] = 100 + ((at * 7919) % 13) + ((at * 31 + monoMs / 200) % 3);
  if (subjectX === undefined) return pixels;
  for (let y = 40; y < 64; y++) pixels.fill(220, y * width + subjectX, y * width + subjectX + 12);
  return pixels;
}

/** Wall time is the monotonic one since a fixed day, so that ranges can be asked for. */
export const bootWallMs = Date.UTC(2026, 10, 22);

function testClock(clock: { monoMs: number }): KeptClock {
  return {
    monoMs: () => clock.monoMs,
    now: () => ({ monoMs: clock.monoMs, wallMs: bootWallMs + clock.monoMs, clock: 'ntp', errorMs: 1 }),
    hubSays: nothing,
    floorMs: () => bootWallMs + clock.monoMs,
    onChange: nothing,
  };
}

function localInto(told: RecorderMessage[]): LocalServer {
  return {
    tell: (message) => void told.push(message),
    joined: () => true,
    counts: () => ({ garbage: 0, dropped: 0 }),
    ended: Promise.resolve(),
  };
}

// biome-ignore lint/correctness/useYield: an engine that never hears anything
async function* nothingHeard(): AsyncGenerator<Heard> {
  return;
}

function nothing(): void {
  // What is said to it does not matter here.
}
