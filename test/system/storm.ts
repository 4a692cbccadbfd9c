// Three nodes, a real mosquitto and a hub, all of whose processes are killed over and over while links break in mid-packet and messages come twice.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectMqtt } from 'mqtt';
import { ownRunDir } from '../../agent/run-dir.ts';
import { waitingNames } from '../../cli/demo/compare.ts';
import { demoCommune, type StagedNode, setStage } from '../../cli/demo/stage.ts';
import { openBadLink } from '../../cli/link.ts';
import { below, type Random, seeded } from '../../hal/sim-disk/random.ts';
import { freePort, startMosquitto } from '../support/broker.ts';
import { crowding } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { allGone, killAll } from './marked.ts';
import { openTheDoor, startProcess } from './rig.ts';
import { ackedPath, acknowledged, judge, type Verdict } from './storm-judge.ts';

export interface StormRules {
  /** The least of both. */
  readonly faults: number;
  readonly records: number;
  readonly seed: number;
  /** Told every few seconds. */
  readonly say: (line: string) => void;
}

export type Fault = 'recorder' | 'maker' | 'uplink' | 'hub' | 'broker' | 'cut' | 'duplicate';
export type Faults = Record<Fault, number>;
type Mortal = 'recorder' | 'maker' | 'uplink' | 'hub';

const nodes = 3;
/** A life ends at one of its first so many durable steps. */
const stepsMax = { recorder: 500, maker: 1500, uplink: 150, hub: 700 } as const;
/** Bytes that passed the links between two such faults: by the clock alone a busy machine would get nowhere. */
const afterBytes = { cut: 100_000, broker: 500_000 } as const;
/** So slow that a message is on its way for a while, and can be cut in two. */
const slowLink = { bytesPerS: 400_000, delayMs: 2 };
/** Records that wait on one node. */
const waitingMax = 700;
const drainMsMax = 240_000;
const never = 1_000_000_000;

export async function storm(rules: StormRules): Promise<Verdict & { faults: Faults }> {
  const random = seeded(rules.seed);
  const dir = mkdtempSync(join(tmpdir(), 'storm-'));
  const [brokerPort, httpPort, enrolPort] = [await freePort(), await freePort(), await freePort()];
  const broker = { now: await startMosquitto(brokerPort) };
  const link = await openBadLink(brokerPort, slowLink);
  const stage = await setStage({
    ...{ dir, nodes, httpPort, enrolPort, brokerPort, film: undefined, trust: undefined },
    broker: `mqtt://127.0.0.1:${brokerPort}`,
    relayPort: link.port,
  });
  const closeDoor = await openTheDoor(stage.hubConfigPath);
  const staged = await stage.joinNodes(AbortSignal.timeout(20_000 * crowding())).finally(closeDoor);
  const faults: Faults = { recorder: 0, maker: 0, uplink: 0, hub: 0, broker: 0, cut: 0, duplicate: 0 };
  const calm = new AbortController();
  const program = resolve(import.meta.dirname, 'storm-child.ts');
  const child = (what: Mortal, configPath: string, dieAt: number, more: readonly string[] = []) =>
    startProcess([program, what, '--config', configPath, '--die-at', String(dieAt), ...more], dir);

  /** Until the calm: lives that end at a step of chance. One that ends otherwise is a finding. */
  const dieAgain = async (
    next: () => Mortal,
    configPath: string,
    more: readonly string[] = [],
    mayLive: () => Promise<boolean> = () => Promise.resolve(true),
  ) => {
    while (!calm.signal.aborted) {
      if (!(await mayLive())) {
        await pause(500);
        continue;
      }
      const what = next();
      const life = child(what, configPath, 1 + below(stepsMax[what], random), more);
      const code = await Promise.race([life.ended, aborted(calm.signal)]);
      if (code === undefined) await life.kill('SIGKILL');
      else if (code === null) faults[what] += 1;
      else throw new Error(`the ${what} ended with ${code}: ${life.said.slice(-3).join(' ')}`);
    }
  };
  const recordOrMake = () => (below(3, random) === 0 ? 'recorder' : 'maker');
  const acked = (node: StagedNode) => ['--acked', ackedPath(dir, node)];
  /** As long as enough is carried: what is made in the storm is to be carried in it too. */
  const makeAgain = (node: StagedNode) =>
    dieAgain(recordOrMake, node.configPath, acked(node), async () => {
      const isDone = acknowledged(dir, node).length >= rules.records / nodes;
      return (await waitingNames(node.dir)).length < (isDone ? 20 : waitingMax);
    });
  const cutLinks = () =>
    repeat(calm.signal, link.upBytes, afterBytes.cut, random, async () => {
      faults.cut += link.connections();
      link.reset();
    });
  const killBroker = () =>
    repeat(calm.signal, link.upBytes, afterBytes.broker, random, async () => {
      await broker.now.close();
      faults.broker += 1;
      broker.now = await startMosquitto(brokerPort);
    });
  const sayTwice = () =>
    repeatMessages(brokerPort, calm.signal, () => {
      faults.duplicate += 1;
    });
  const made = () => staged.map((node) => acknowledged(dir, node).length);
  const left = async () => (await Promise.all(staged.map(({ dir: at }) => waitingNames(at)))).flat().length;
  const tell = setInterval(async () => {
    rules.say(`${JSON.stringify(faults)}, made ${made().join(' + ')}, ${await left()} wait`);
  }, 5000);
  const isEnough = () => sum(made()) >= rules.records && sum(Object.values(faults)) >= rules.faults;

  try {
    const storming = Promise.all([
      dieAgain(() => 'hub', stage.hubConfigPath),
      ...staged.flatMap((node) => [makeAgain(node), dieAgain(() => 'uplink', node.configPath)]),
      ...[cutLinks(), killBroker(), sayTwice()],
    ]);
    await Promise.race([storming, whenever(isEnough)]);
    calm.abort();
    await storming;
    // Events that were cut off are ended by the next start.
    const last = staged.map((node) => child('recorder', node.configPath, never, [...acked(node), '--seconds', '20']));
    for (const { ended, said } of last) if ((await ended) !== 0) throw new Error(`a last recorder: ${said.slice(-3)}`);
    child('hub', stage.hubConfigPath, never);
    for (const node of staged) child('uplink', node.configPath, never);
    await until('all to be delivered', async () => (await left()) === 0, drainMsMax);
    return { faults, ...judge(dir, stage.hubDir, staged) };
  } finally {
    calm.abort();
    clearInterval(tell);
    await link.close();
    killAll(dir);
    await allGone(dir, 5000);
    await broker.now.close();
    for (const { dir: at } of staged) rmSync(ownRunDir(at), { recursive: true, force: true });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Somebody on the broker who says each fourth record and chunk a second time. */
async function repeatMessages(port: number, signal: AbortSignal, said: () => void): Promise<void> {
  const client = connectMqtt(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 200 });
  const tally = { heard: 0 };
  const own = new Set<string>();
  client.on('error', () => undefined);
  client.on('connect', () =>
    client.subscribe([`matlang/1/${demoCommune}/+/out/record`, `matlang/1/${demoCommune}/+/out/chunk/#`], { qos: 1 }),
  );
  client.on('message', (topic, payload) => {
    const key = `${topic} ${payload.length} ${payload.subarray(0, 400).toString('latin1')}`;
    if (own.delete(key)) return;
    tally.heard += 1;
    if (tally.heard % 4 !== 0 || !client.connected) return;
    own.add(key);
    client.publish(topic, payload, { qos: 1 });
    said();
  });
  await aborted(signal);
  await client.endAsync(true);
}

/** Whenever, on average, so many bytes have passed. */
async function repeat(
  signal: AbortSignal,
  passed: () => number,
  meanBytes: number,
  random: Random,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const at = passed() + meanBytes / 2 + below(meanBytes, random);
    while (!signal.aborted && passed() < at) await pause(20, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await work();
  }
}

async function whenever(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(200);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((done) => {
    if (signal.aborted) return done(undefined);
    signal.addEventListener('abort', () => done(undefined), { once: true });
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
