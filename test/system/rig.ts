// One node and its hub as a technician would have them: real processes of the real programs, each of which a test may stop, kill and start again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { connectAsync, type MqttClient } from 'mqtt';
import { parse, stringify } from 'yaml';
import { ownRunDir } from '../../agent/run-dir.ts';
import { waitingNames } from '../../cli/demo/compare.ts';
import { demoCommune, type StagedNode, setStage } from '../../cli/demo/stage.ts';
import { readHubConfig } from '../../hub/config.ts';
import { recipientsOf } from '../../hub/keys.ts';
import { openRefusals } from '../../hub/refusals.ts';
import { putTrustToWork } from '../../hub/trust/at-work.ts';
import { openTrust } from '../../hub/trust/trust.ts';
import { root } from '../../protocol/topics.ts';
import { freePort } from '../support/broker.ts';
import { asTheHub } from '../support/commune.ts';
import { crowding } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { program } from './demo.ts';
import { allGone, killAll, markName } from './marked.ts';
import { type Found, findAll } from './outsider.ts';

export interface Running {
  readonly pid: number;
  /** What it has written so far, line by line. */
  readonly said: readonly string[];
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Resolves with its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  isRunning(): boolean;
}

export interface RigRules {
  readonly film: string;
  /** One where it is left out. */
  readonly nodes?: number;
  /** The broker to use; undefined: the hub's own. */
  readonly brokerPort?: number;
  /** Laid over each staged node's configuration, key by key. */
  readonly config?: Readonly<Record<string, unknown>> | ((index: number) => Readonly<Record<string, unknown>>);
  /** Called with the node's folder before anything is written into it; what it returns, before the folder is removed. */
  readonly mount?: (nodeDir: string) => () => void;
}

export interface Rig {
  readonly dir: string;
  /** The first node. */
  readonly node: StagedNode;
  readonly nodes: readonly StagedNode[];
  readonly hubConfigPath: string;
  /** Of the hub's page. */
  readonly url: string;
  readonly archive: string;
  readonly publicKey: string;
  readonly sealKey: string;
  readonly brokerPort: number;
  hub(): Promise<Running>;
  recorder(): Running;
  uplink(): Running;
  /** `matlang …` with these arguments. */
  matlang(...args: readonly string[]): Running;
  /** The panic button: pressed and let go. */
  press(): Promise<void>;
  atHub(): Found[];
  /** Names that wait on the node. */
  waiting(): Promise<string[]>;
  /** The last message on each `out/` topic of the node, by what stands after `out/`. */
  heard(): Promise<ReadonlyMap<string, string>>;
  summary(): Promise<Readonly<Record<string, number>>>;
  /** Kills what still runs, throws when some of it cannot be killed, removes the folder. */
  remove(): Promise<void>;
}

const upMsMax = 20_000;

/** The hub's enrolment door, for the moment that the nodes need; tests start and kill the hub itself as they like. */
export async function openTheDoor(hubConfigPath: string): Promise<() => Promise<void>> {
  const read = readHubConfig(await readFile(hubConfigPath), hubConfigPath);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const quiet = () => undefined;
  const { config } = read;
  const trust = await openTrust(config.trustDir);
  if (trust === undefined) throw new Error('no trust was founded');
  const signingKey = await readFile(config.signingKey, 'utf8');
  const work = await putTrustToWork(trust, {
    ...{ config, signingKey, embedded: undefined, log: quiet },
    recipients: (await recipientsOf(config.unsealKey)).all,
    reader: { lastRecord: quiet },
    catalog: { find: quiet },
    taking: () => Promise.resolve(false),
    dispatch: { send: () => Promise.resolve({ ok: true, text: '' }), signed: () => Promise.resolve('') },
    refusals: openRefusals(quiet, Date.now, quiet),
    audit: { append: () => Promise.resolve({ n: 0, sha256: '' }) },
  });
  return async () => {
    await work.close();
    trust.close();
  };
}

export async function setRig(rules: RigRules): Promise<Rig> {
  // Short: the broker's and the sockets' paths are limited.
  const dir = await mkdtemp(join(tmpdir(), 'rig-'));
  const unmount = rules.mount?.(join(dir, 'nodes/mat-01'));
  const [brokerPort, httpPort] = [rules.brokerPort ?? (await freePort()), await freePort()];
  const enrolPort = await freePort();
  const broker = rules.brokerPort === undefined ? undefined : `mqtt://127.0.0.1:${brokerPort}`;
  const stage = await setStage({
    dir,
    vitalsEveryS: 5,
    nodes: rules.nodes ?? 1,
    film: rules.film,
    httpPort,
    broker,
    brokerPort,
    relayPort: brokerPort,
    trust: undefined,
    enrolPort,
  });
  const closeDoor = await openTheDoor(stage.hubConfigPath);
  const nodes = await stage.joinNodes(AbortSignal.timeout(upMsMax * crowding())).finally(closeDoor);
  const [node] = nodes;
  if (node === undefined) throw new Error('the stage has no node');
  for (const [index, { configPath }] of nodes.entries()) {
    const staged: unknown = parse(await readFile(configPath, 'utf8'));
    const own = typeof rules.config === 'function' ? rules.config(index) : rules.config;
    await writeFile(configPath, stringify(Object.assign({}, staged, own)));
  }
  const listeners: MqttClient[] = [];
  const url = `http://127.0.0.1:${httpPort}`;
  const start = (args: readonly string[]) => startProcess(args, dir);
  const room = (name: string) => resolve(import.meta.dirname, `../../agent/${name}/main.ts`);

  return {
    ...{ dir, node, nodes, url, hubConfigPath: stage.hubConfigPath },
    archive: join(stage.hubDir, 'archive', node.id),
    publicKey: join(dir, 'keys', `${node.id}.pub`),
    sealKey: join(stage.hubDir, 'key.txt'),
    brokerPort,
    hub: async () => {
      const hub = start([program, 'hub', '--config', stage.hubConfigPath]);
      const answers = () =>
        fetch(`${url}/api/summary`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until('the hub', async () => (await answers()) || !hub.isRunning(), upMsMax);
      if (!hub.isRunning()) throw new Error(`the hub ended: ${hub.said.join('\n')}`);
      return hub;
    },
    recorder: () => start([room('recorder'), '--config', node.configPath, '--film-begins-again']),
    uplink: () => start([room('uplink'), '--config', node.configPath]),
    matlang: (...args) => start([program, ...args]),
    press: async () => {
      const pin = join(node.dir, 'pins/in-17');
      await writeFile(pin, '0');
      // Longer than the contacts bounce, as long as a hand in a hurry.
      await new Promise((done) => setTimeout(done, 400));
      await writeFile(pin, '1');
    },
    atHub: () => findAll(join(stage.hubDir, 'archive')),
    waiting: () => waitingNames(node.dir),
    heard: async () => {
      const last = new Map<string, string>();
      const out = `${root(demoCommune, node.id)}/out/`;
      const client = await connectAsync(
        `${broker === undefined ? 'mqtts' : 'mqtt'}://127.0.0.1:${brokerPort}`,
        broker === undefined ? await asTheHub(join(stage.hubDir, 'trust')) : { protocolVersion: 4 },
      );
      client.on('message', (topic, payload) => last.set(topic.slice(out.length), payload.toString()));
      await client.subscribeAsync([`${out}vitals`, `${out}status`, `${out}config`, `${out}reply`], { qos: 1 });
      listeners.push(client);
      return last;
    },
    summary: async () => (await (await fetch(`${url}/api/summary`)).json()) as Record<string, number>,
    remove: async () => {
      for (const listener of listeners) listener.end(true);
      killAll(dir);
      await allGone(dir, 3000);
      unmount?.();
      await rm(ownRunDir(node.dir), { recursive: true, force: true });
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export function startProcess(args: readonly string[], mark: string): Running {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [markName]: mark },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => said.push(line));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return { pid: pidOf(child), said, ended, isRunning, kill: (signal) => kill(child, signal, ended) };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<unknown>): Promise<void> {
  child.kill(signal);
  await ended;
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the process could not be started');
  return pid;
}

/** Lines of the log that carry this event. */
export function logged({ said }: Pick<Running, 'said'>, event: string): Readonly<Record<string, unknown>>[] {
  return said.filter((line) => line.includes(`"event":"${event}"`)).map((line) => JSON.parse(line));
}

/** Names below a folder of the node; none where it is missing. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
