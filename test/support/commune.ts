// A commune founded as an IT person would: `matlang hub init`, a broker, a running hub, tickets, nodes that join for real.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IClientOptions } from 'mqtt';
import { type Enrolled, enrol } from '../../agent/enrol.ts';
import { type Membership, readMembership } from '../../agent/membership.ts';
import { freePort } from '../../cli/free-port.ts';
import { answers } from '../../cli/mosquitto.ts';
import { disk } from '../../hal/disk.ts';
import { type HubConfig, readHubConfig } from '../../hub/config.ts';
import { type FirstAdmin, type Initialised, initHub } from '../../hub/init.ts';
import { type RunningHub, runHub } from '../../hub/run.ts';
import { trustPaths } from '../../hub/trust/files.ts';
import { giveTicket } from '../../hub/trust/give-ticket.ts';
import type { Place } from '../../hub/trust/roll.ts';
import type { Ticket } from '../../protocol/ticket.ts';
import { until } from './until.ts';

export interface Commune {
  readonly dir: string;
  readonly config: HubConfig;
  readonly escrow: string;
  /** With its password. */
  readonly admin: FirstAdmin | undefined;
  readonly brokerPort: number;
  start(): Promise<{ readonly hub: RunningHub; stop(): Promise<void> }>;
  /** `hub init` once more, at this time; what else it is told is not what hub.yaml says, which wins. */
  initAgain(nowMs: number, wraps?: boolean): Promise<Initialised>;
  /** The broker, killed and started again. */
  restartBroker(): Promise<void>;
  ticket(node: string, place?: Partial<Place>, hours?: number): Promise<Ticket>;
  join(node: string, dir?: string): Promise<JoinedNode>;
  enrolAt(dir: string, ticket: Ticket): Promise<Enrolled>;
  remove(): Promise<void>;
}
export interface JoinedNode {
  readonly node: string;
  readonly identityDir: string;
  readonly membership: Membership;
}

export const commune = 'xa-thu';

export async function foundCommune(broker: 'embedded' | 'mosquitto', more = ''): Promise<Commune> {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-commune-'));
  const [brokerPort, enrolPort] = [await freePort(), await freePort()];
  const hubDir = join(dir, 'hub');
  const rest = { dir: hubDir, brokerPort, asRoot: undefined } as const;
  const founded = await initHub({
    ...rest,
    ...{ commune, addresses: ['127.0.0.1'], broker, enrolPort, nowMs: Date.now(), wraps: false },
  });
  if (!founded.ok) throw new Error(JSON.stringify(founded.faults));
  const text = (await readFile(founded.configPath, 'utf8'))
    .replace(/host: 0\.0\.0\.0/g, 'host: 127.0.0.1')
    .replace(/port: (?:8080|8443)/g, 'port: 0')
    .replace(/^keepFreeMiB: .*$/m, `keepFreeMiB: 0\n${more}`);
  await writeFile(founded.configPath, text);
  const read = readHubConfig(text, founded.configPath);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const { config } = read;
  let process: ChildProcess | undefined = broker === 'mosquitto' ? await startMosquitto(config, brokerPort) : undefined;
  const running = new Set<() => Promise<void>>();
  const stopBroker = async () => {
    process?.kill('SIGKILL');
    if (process !== undefined && process.exitCode === null && process.signalCode === null) await once(process, 'exit');
  };
  const enrolAt = (identityDir: string, ticket: Ticket) =>
    enrol(disk, identityDir, ticket, AbortSignal.timeout(20_000));
  const self: Commune = {
    ...{ dir, config, brokerPort, escrow: founded.escrow ?? '', admin: founded.admin, enrolAt },
    start: async () => {
      const stopper = new AbortController();
      const hub = await runHub(config, disk, stopper.signal, () => undefined);
      await until('the hub at its broker', hub.isConnected);
      const stop = async () => {
        running.delete(stop);
        stopper.abort();
        await hub.stopped;
      };
      running.add(stop);
      return { hub, stop };
    },
    initAgain: (nowMs, wraps = false) =>
      initHub({ ...rest, commune: undefined, addresses: [], broker: 'embedded', enrolPort: 1, nowMs, wraps }),
    restartBroker: async () => {
      await stopBroker();
      process = await startMosquitto(config, brokerPort);
    },
    ticket: (node, place = {}, hours = 1) =>
      giveTicket({
        ...{ trustDir: config.trustDir, commune, node, hours, nowMs: Date.now() },
        ...{ place: { place: 'Ngã ba chợ', ...place }, hubs: [`127.0.0.1:${enrolPort}`] },
      }),
    join: async (node, identityDir = join(dir, node, 'identity')) => {
      const joined = await enrolAt(identityDir, await self.ticket(node));
      if (!joined.ok) throw new Error(`${joined.why}: ${joined.text}`);
      const membership = await readMembership(disk, identityDir);
      if (membership === undefined) throw new Error('joined, and no member');
      return { node, identityDir, membership };
    },
    remove: async () => {
      for (const stop of [...running]) await stop();
      await stopBroker();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return self;
}

/** For a client with the hub's own rights. */
export async function asTheHub(trustDir: string): Promise<IClientOptions> {
  const paths = trustPaths(trustDir);
  const [ca, own] = [await readFile(paths.caCertificate, 'utf8'), await readFile(paths.client, 'utf8')];
  // Who it is, is proven by the CA; the address is a test's.
  const tls = { ca, cert: own, key: own, checkServerIdentity: () => undefined };
  return { ...(tls as IClientOptions), protocolVersion: 4, reconnectPeriod: 0 };
}

async function startMosquitto(config: HubConfig, port: number): Promise<ChildProcess> {
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  const conf = join(config.trustDir, 'broker', 'mosquitto.conf');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'mosquitto', '-c', conf], {
    stdio: 'ignore',
    env: { ...process.env, PATH: path },
  });
  await until('mosquitto', () => answers(port));
  return child;
}
