// One node as a release ships it, on a 720p15 film in real time, beside a bare ffmpeg that makes the same three outputs of the same film.
// The link is cut for a while, so that the event loops are also seen while a backlog drains and segments are sealed.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { filmDriver } from '../../hal/camera/drivers/film.ts';
import { buildRelease } from '../../ota/build-release.ts';
import { nodeRelease } from '../../ota/node-release.ts';
import { startHub } from '../demo/hub-process.ts';
import { freePort, openRelay } from '../demo/relay.ts';
import { setStage } from '../demo/stage.ts';
import { demoWords } from '../demo/words.ts';
import { cpuOf, cpuWithEnded, treeOf, type Usage, usageOf } from '../process-tree.ts';
import type { BenchResult } from './figures.ts';

const measureS = 30;
const outageS = { from: 8, to: 16 };
const picture = { width: 1280, height: 720, fps: 15 };
const checkout = fileURLToPath(new URL('../../', import.meta.url));

const targets = {
  agentPssMb: { max: 110 },
  treePrivateMb: { max: 150 },
  agentCpuSPer10s: { max: 0.15 },
  treeVsBare: { max: 1.3 },
  loopDelayP999Ms: { max: 50 },
} as const;

export async function benchPipeline(say: (line: string) => void): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-bench-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  try {
    return await measure(dir, closers, say);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function measure(
  dir: string,
  closers: (() => Promise<unknown>)[],
  say: (line: string) => void,
): Promise<BenchResult> {
  say('drawing a film …');
  const film = await drawFilm(dir);
  say('bundling the agent …');
  const built = await buildRelease(
    { ...nodeRelease(checkout, 'bench', undefined), packages: [] },
    join(dir, 'release'),
  );
  if (!built.ok) throw new Error(built.text);
  // The same runtime that a release ships, in its place.
  await mkdir(join(dir, 'release/runtime'));
  await symlink(process.execPath, join(dir, 'release/runtime/node'));

  const [brokerPort, httpPort] = [await freePort(), await freePort()];
  const relay = await openRelay({ host: '127.0.0.1', port: brokerPort });
  closers.push(relay.close);
  const stage = await setStage({ dir, nodes: 1, film, httpPort, broker: undefined, brokerPort, relayPort: relay.port });
  const hub = await startHub(
    stage.hubConfigPath,
    join(stage.hubDir, 'archive'),
    `http://127.0.0.1:${httpPort}`,
    say,
    demoWords.en,
  );
  closers.push(hub.stop);
  const [node] = stage.nodes;
  if (node === undefined) throw new Error('no node was staged');

  say(`measuring for ${measureS} s …`);
  const uplink = startAgent(join(dir, 'release/bin/matlang-uplink'), node.configPath, 'connected');
  closers.push(uplink.stop);
  await uplink.up;
  const startedMs = performance.now();
  const recorder = startAgent(join(dir, 'release/bin/matlang-recorder'), node.configPath, 'first picture');
  closers.push(recorder.stop);
  await recorder.up;
  const firstFrameMs = Math.round(performance.now() - startedMs);
  const bare = await startBare(film, dir);
  closers.push(bare.stop);

  const before = {
    recorder: cpuOf(recorder.pid),
    uplink: cpuOf(uplink.pid),
    tree: treeCpu(recorder.pid, uplink.pid),
    bare: cpuOf(bare.pid),
  };
  const samples: Usage[][] = [];
  for (let second = 1; second <= measureS; second++) {
    await pause(1000);
    if (second === outageS.from) relay.cut();
    if (second === outageS.to) relay.mend();
    samples.push([...treeOf(recorder.pid), ...treeOf(uplink.pid)].flatMap((pid) => usageOf(pid) ?? []));
  }
  const cpu = {
    recorder: cpuOf(recorder.pid) - before.recorder,
    uplink: cpuOf(uplink.pid) - before.uplink,
    tree: treeCpu(recorder.pid, uplink.pid) - before.tree,
    bare: cpuOf(bare.pid) - before.bare,
  };
  const [recorderSaid, uplinkSaid] = [await recorder.stop(), await uplink.stop()];
  const agent = samples.map((sample) =>
    sum(sample.filter(({ pid }) => pid === recorder.pid || pid === uplink.pid).map(({ pssMb }) => pssMb)),
  );
  const tree = samples.map((sample) => sum(sample.map(({ privateMb }) => privateMb)));
  return {
    figures: {
      agentPssMb: tenths(Math.max(...agent)),
      treePrivateMb: tenths(Math.max(...tree)),
      agentCpuSPer10s: thousandths((cpu.recorder + cpu.uplink) / (measureS / 10)),
      treeVsBare: thousandths(cpu.tree / cpu.bare),
      loopDelayP999Ms: Math.max(recorderSaid.loopDelayP999Ms ?? Number.NaN, uplinkSaid.loopDelayP999Ms ?? Number.NaN),
      firstFrameMs,
      recorderCpuSPer10s: thousandths(cpu.recorder / (measureS / 10)),
      uplinkCpuSPer10s: thousandths(cpu.uplink / (measureS / 10)),
      treeCpuSPer10s: thousandths(cpu.tree / (measureS / 10)),
    },
    targets,
    peers: { bareFfmpeg: { treeCpuSPer10s: thousandths(cpu.bare / (measureS / 10)) } },
    details: (samples.at(-1) ?? []).map(({ pid, rssMb, pssMb, privateMb }) => ({
      process: pid === recorder.pid ? 'recorder' : pid === uplink.pid ? 'uplink' : 'media child',
      rssMb: tenths(rssMb),
      pssMb: tenths(pssMb),
      privateMb: tenths(privateMb),
    })),
  };
}

/** Two visits in 45 s, drawn and encoded as a camera would. */
async function drawFilm(dir: string): Promise<string> {
  const path = join(dir, 'film.mp4');
  const { width, height, fps } = picture;
  const scene = fileURLToPath(new URL('../../hal/camera/scene/main.ts', import.meta.url));
  const args = [
    '--seed',
    '3',
    '--time',
    'day',
    '--width',
    `${width}`,
    '--height',
    `${height}`,
    '--fps',
    `${fps}`,
    '--frames',
    `${45 * fps}`,
    '--as-fast',
  ];
  const drawn = spawn(process.execPath, [scene, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const encoder = [
    '-v',
    'error',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    '-s',
    `${width}x${height}`,
    '-r',
    `${fps}`,
    '-i',
    'pipe:0',
  ];
  const encoded = spawn('ffmpeg', [...encoder, '-c:v', 'libx264', '-preset', 'veryfast', '-g', `${fps * 4}`, path], {
    stdio: [drawn.stdout, 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => encoded.once('close', resolve));
  if (code !== 0) throw new Error(`ffmpeg could not make the film (exit ${code})`);
  return path;
}

interface Agent {
  readonly pid: number;
  /** It has said its first word of work. */
  readonly up: Promise<void>;
  /** Ends it, and returns what it said last. */
  stop(): Promise<{ loopDelayP999Ms?: number }>;
}

/** As systemd would: without a supervisor, one process. */
function startAgent(program: string, configPath: string, firstWord: string): Agent {
  const child = spawn(program, ['--config', configPath], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MATLANG_MEASURE: '1' },
  });
  const first = Promise.withResolvers<void>();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-65_536);
    if (said.includes(`"${firstWord}"`)) first.resolve();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  ended.then(() => first.reject(new Error(`${program} ended: ${said.slice(-500)}`)));
  first.promise.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    up: first.promise,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      const line = said.split('\n').find((each) => each.includes('"summary"'));
      return line === undefined ? {} : JSON.parse(line);
    },
  };
}

/** The very command line that the film driver uses, its three outputs going nowhere. */
async function startBare(film: string, dir: string): Promise<{ pid: number; stop(): Promise<void> }> {
  const captionPath = join(dir, 'caption.txt');
  await writeFile(
    captionPath,
    await readFile(new URL('../../package.json', import.meta.url), 'utf8').then((text) => text.slice(0, 40)),
  );
  const settings = {
    driver: 'film',
    path: film,
    repeat: false,
    bitrateKbps: 2000,
    caption: true,
    masks: [],
    ...picture,
  } as const;
  const place = { runDir: dir, captionPath, analysis: { fps: 5, width: 160, height: 90 } };
  const prepared = await filmDriver(settings, place, false).prepare(AbortSignal.timeout(10_000));
  if (!prepared.ok) throw new Error(prepared.text);
  const [command] = prepared.recipes[0].commands;
  const nowhere = openSync('/dev/null', 'w');
  const child = spawn(command.program, command.args, { stdio: ['ignore', nowhere, 'ignore', nowhere, nowhere] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  closeSync(nowhere);
  return {
    pid: child.pid ?? 0,
    stop: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** CPU time of all living processes of the node, and of those they have waited for. */
function treeCpu(...roots: readonly number[]): number {
  return sum(roots.flatMap(treeOf).map(cpuWithEnded));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
const tenths = (value: number) => Math.round(value * 10) / 10;
const thousandths = (value: number) => Math.round(value * 1000) / 1000;
