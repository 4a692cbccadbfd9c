// A mosquitto of one's own on loopback, for benches and tests. It dies with the process that started it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

export interface Mosquitto {
  readonly port: number;
  readonly pid: number;
  /** With SIGKILL: it keeps nothing anyway. */
  close(): Promise<void>;
}

const upMsMax = 10_000;

/** `rules` are further lines of its configuration. Throws where it does not listen in time. */
export async function startMosquitto(wantedPort?: number, rules: readonly string[] = []): Promise<Mosquitto> {
  const port = wantedPort ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'matlang-broker-'));
  const config = join(folder, 'mosquitto.conf');
  // As root it would become a user of its own, who may not read what is written for it.
  const own = process.getuid?.() === 0 ? ['user root'] : [];
  await writeFile(config, [`listener ${port} 127.0.0.1`, 'allow_anonymous true', ...own, ...rules, ''].join('\n'));
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'mosquitto', '-c', config], {
    stdio: 'ignore',
    env: { ...process.env, PATH: path },
  });
  const close = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  const giveUpMs = performance.now() + upMsMax;
  while (!(await answers(port))) {
    if (performance.now() > giveUpMs || child.exitCode !== null) {
      await close();
      throw new Error('mosquitto does not start; is it installed? (apt install mosquitto)');
    }
    await pause(10);
  }
  return { port, pid: child.pid ?? 0, close };
}

/** Somebody listens there. */
export const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
