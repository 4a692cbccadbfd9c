// One node as a release ships it, on a 720p15 film in real time, and then a bare ffmpeg that makes the same three outputs of the same film. One after the other: side by side they would
// slow one another down, and no node has the other one beside it.
// The link is cut for a while, so that the event loops are also seen while a backlog drains and segments are sealed.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { filmDriver } from '../../hal/camera/drivers/film.ts';
import { buildRelease } from '../../ota/build-release.ts';
import { nodeRelease } from '../../ota/node-release.ts';
import { startHub } from '../demo/hub-process.ts';
import { setStage } from '../demo/stage.ts';
import { demoWords } from '../demo/words.ts';
import { freePort } from '../free-port.ts';
import { type BadLink, openBadLink } from '../link.ts';
import { cpuOf, cpuWithEnded, treeOf, type Usage, usageOf } from '../process-tree.ts';
import type { BenchResult } from './figures.ts';
import { type Closers, inFolder } from './in-folder.ts';

/** The node joins with a ticket. */
const joinMsMax = 20_000;
const measureS = 30;
/** The second run: seconds in all, and the link is cut from … to. */
const loopS = 26;
const outageS = { from: 4, to: 14 };
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
  return await inFolder('matlang-bench-', (dir, closers) => measure(dir, closers, say));
}

async function measure(dir: string, closers: Closers, say: (line: string) => void): Promise<BenchResult> {
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
  const relay = await openBadLink({ host: '127.0.0.1', port: brokerPort });
  closers.push(relay.close);
  const ports = { httpPort, brokerPort, relayPort: relay.port, enrolPort: await freePort() };
  const stage = await setStage({ dir, nodes: 1, film, broker: undefined, trust: undefined, ...ports });
  const hub = await startHub(
    stage.hubConfigPath,
    join(stage.hubDir, 'archive'),
    `http://127.0.0.1:${httpPort}`,
    say,
    demoWords.en,
  );
  closers.push(hub.stop);
  const [node] = await stage.joinNodes(AbortSignal.timeout(joinMsMax));
  if (node === undefined) throw new Error('no node was staged');

  const bin = (name: string) => join(dir, 'release/bin', `matlang-${name}`);
  say(`measuring for ${measureS} s …`);
  const used = await measureUse(bin, node.configPath, film, dir, closers);
  say(`timing the event loops for ${loopS} s, with an outage …`);
  const loopDelayP999Ms = await measureLoops(bin, node.configPath, relay, closers);
  return {
    figures: { ...used.figures, loopDelayP999Ms },
    targets,
    peers: used.peers,
    details: used.details,
  };
}

type Program = (name: 'recorder' | 'uplink') => string;

/** What the node uses, from its first analysed picture, and then what the bare ffmpeg does. */
async function measureUse(
  bin: Program,
  configPath: string,
  film: string,
  dir: string,
  closers: Closers,
): Promise<Pick<BenchResult, 'peers' | 'details'> & { figures: Record<string, number> }> {
  const uplink = startAgent(bin('uplink'), configPath, 'connected');
  closers.push(uplink.stop);
  await uplink.up;
  const startedMs = performance.now();
  const recorder = startAgent(bin('recorder'), configPath, 'first picture');
  closers.push(recorder.stop);
  await recorder.up;
  const firstFrameMs = Math.round(performance.now() - startedMs);
  const cpuNow = () => ({
    recorder: cpuOf(recorder.pid),
    uplink: cpuOf(uplink.pid),
    tree: treeCpu(recorder.pid, uplink.pid),
  });
  const before = cpuNow();
  const samples: Usage[][] = [];
  for (let second = 1; second <= measureS; second++) {
    await pause(1000);
    samples.push([...treeOf(recorder.pid), ...treeOf(uplink.pid)].flatMap((pid) => usageOf(pid) ?? []));
  }
  const after = cpuNow();
  await Promise.all([recorder.stop(), uplink.stop()]);
  const bareCpuS = await measureBare(film, dir, firstFrameMs, closers);

  const per10s = (one: number, other: number) => thousandths((other - one) / (measureS / 10));
  const agent = samples.map((sample) =>
    sum(sample.filter(({ pid }) => pid === recorder.pid || pid === uplink.pid).map(({ pssMb }) => pssMb)),
  );
  const tree = samples.map((sample) => sum(sample.map(({ privateMb }) => privateMb)));
  return {
    figures: {
      agentPssMb: tenths(Math.max(...agent)),
      treePrivateMb: tenths(Math.max(...tree)),
      agentCpuSPer10s: per10s(before.recorder + before.uplink, after.recorder + after.uplink),
      treeVsBare: thousandths((after.tree - before.tree) / bareCpuS),
      firstFrameMs,
      recorderCpuSPer10s: per10s(before.recorder, after.recorder),
      uplinkCpuSPer10s: per10s(before.uplink, after.uplink),
      treeCpuSPer10s: per10s(before.tree, after.tree),
    },
    peers: { bareFfmpeg: { treeCpuSPer10s: per10s(0, bareCpuS) } },
    details: (samples.at(-1) ?? []).map(({ pid, rssMb, pssMb, privateMb }) => ({
      process: pid === recorder.pid ? 'recorder' : pid === uplink.pid ? 'uplink' : 'media child',
      rssMb: tenths(rssMb),
      pssMb: tenths(pssMb),
      privateMb: tenths(privateMb),
    })),
  };
}

/** Its CPU time over the same part of the film. A node's media child has begun when its first picture is there; so has this one. */
async function measureBare(film: string, dir: string, beginMs: number, closers: Closers): Promise<number> {
  const bare = await startBare(film, dir);
  closers.push(bare.stop);
  await pause(beginMs);
  const before = cpuOf(bare.pid);
  await pause(measureS * 1000);
  const after = cpuOf(bare.pid);
  await bare.stop();
  return after - before;
}

/** The later of both event loops, with the link cut for a while. A run of its own: watching a loop wakes it 40 times a second, which is CPU time that no node spends. */
async function measureLoops(
  bin: Program,
  configPath: string,
  relay: Pick<BadLink, 'cut'>,
  closers: Closers,
): Promise<number> {
  const watched = { MATLANG_MEASURE: '1' };
  const uplink = startAgent(bin('uplink'), configPath, 'connected', watched);
  closers.push(uplink.stop);
  await uplink.up;
  const recorder = startAgent(bin('recorder'), configPath, 'first picture', watched);
  closers.push(recorder.stop);
  await recorder.up;
  await pause(outageS.from * 1000);
  relay.cut(true);
  await pause((outageS.to - outageS.from) * 1000);
  relay.cut(false);
  await pause((loopS - outageS.to) * 1000);
  const said = [await recorder.stop(), await uplink.stop()];
  return Math.max(...said.map(({ loopDelayP999Ms }) => loopDelayP999Ms ?? Number.NaN));
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
function startAgent(program: string, configPath: string, firstWord: string, env: NodeJS.ProcessEnv = {}): Agent {
  const child = spawn(program, ['--config', configPath], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
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
