// Real brokers on a free loopback port: mosquitto for MQTT 5, aedes for 3.1.1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export interface TestBroker {
  readonly port: number;
  readonly mqtt: 4 | 5;
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** `rules` are further lines of its configuration. */
export async function startMosquitto(port?: number, rules: readonly string[] = []): Promise<TestBroker> {
  const at = port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'matlang-broker-'));
  const config = join(folder, 'mosquitto.conf');
  // As root it would become a user of its own, who may not read what a test writes for it.
  const own = process.getuid?.() === 0 ? ['user root'] : [];
  await writeFile(config, [`listener ${at} 127.0.0.1`, 'allow_anonymous true', ...own, ...rules, ''].join('\n'));
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'mosquitto', '-c', config], {
    stdio: 'ignore',
    env: { ...process.env, PATH: path },
  });
  await until('mosquitto', () => answers(at));
  return {
    port: at,
    mqtt: 5,
    close: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function startAedes(): Promise<TestBroker> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    mqtt: 4,
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      server.close();
      await once(server, 'close');
    },
  };
}
