// A commune's post for the drain bench: a real mosquitto, the real hub in a process of its own, staged nodes behind a bad link.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { folders } from '../../../agent/outbox.ts';
import { lookIntoCatalog } from '../../../hub/catalog.ts';
import { blockBytes } from '../../../protocol/receipt.ts';
import { parseFileName } from '../../../protocol/record-file.ts';
import { sha256 } from '../../../protocol/sign.ts';
import { type DemoHub, startHub } from '../../demo/hub-process.ts';
import type { StagedNode } from '../../demo/stage.ts';
import { demoWords } from '../../demo/words.ts';
import { freePort } from '../../free-port.ts';
import { type BadLink, type LinkRules, openBadLink } from '../../link.ts';
import { type Mosquitto, startMosquitto } from '../../mosquitto.ts';
import type { Closers } from '../in-folder.ts';
import type { Author, Written } from './author.ts';
import { type DrainStage, setDrainStage } from './stage.ts';

export interface Post {
  readonly stage: DrainStage;
  readonly link: BadLink;
  readonly brokerPort: number;
  broker(): Mosquitto;
  hub(): DemoHub | undefined;
  killBroker(): Promise<void>;
  startBroker(): Promise<void>;
  startHub(): Promise<void>;
  stopHub(): Promise<void>;
  /** It stops, loses archive and catalogue, and starts again. */
  wipeHub(): Promise<void>;
  /** Whether the hub has it, in its archive. */
  has(author: Author, written: Written): boolean;
  hasFile(author: Author, name: string): boolean;
  /** Names of all that the hub has of this start of the node. */
  filesOf(author: Author): Promise<string[]>;
  /** How many records and segments of the node stand in the hub's catalogue. */
  rowsOf(author: Author): Promise<number>;
  /** How many of these the hub has, byte for byte as they lie on the node. */
  hasEqual(author: Author): Promise<number>;
  /** Bytes of bodies at the hub: of whole ones, and the blocks of those on their way. */
  bodyBytes(author: Author): Promise<number>;
  /** What the node still has to send. */
  waits(author: Author): Promise<number>;
  /** The program given as `uplink`, in a process of its own. */
  startUplink(node: StagedNode): Uplink;
}

export interface Uplink {
  readonly pid: number;
  /** Highest resident memory so far. */
  peakRssMb(): number;
  kill(): Promise<void>;
}

export async function openPost(
  rules: { readonly dir: string; readonly nodes: number; readonly link?: LinkRules; readonly uplink?: string },
  closers: Closers,
): Promise<Post> {
  const [brokerPort, httpPort] = [await freePort(), await freePort()];
  const link = await openBadLink(brokerPort, rules.link);
  closers.push(link.close);
  const stage = await setDrainStage({
    ...{ dir: rules.dir, nodes: rules.nodes, httpPort, linkPort: link.port },
    broker: `mqtt://127.0.0.1:${brokerPort}`,
  });
  const archive = join(stage.hubDir, 'archive');
  const running: { broker: Mosquitto; hub: DemoHub | undefined } = {
    broker: await startMosquitto(brokerPort),
    hub: undefined,
  };
  closers.push(() => running.broker.close());
  closers.push(async () => running.hub?.stop());
  const folderOf = (author: Author) => join(archive, author.node.id, author.boot);
  const pathOf = (author: Author, { name }: Pick<Written, 'name'>) => join(folderOf(author), name);
  const startTheHub = async () => {
    const url = `http://127.0.0.1:${httpPort}`;
    running.hub = await startHub(stage.hubConfigPath, archive, url, () => undefined, demoWords.en);
  };
  const stopTheHub = async () => {
    await running.hub?.stop();
    running.hub = undefined;
  };

  return {
    stage,
    link,
    brokerPort,
    broker: () => running.broker,
    hub: () => running.hub,
    killBroker: () => running.broker.close(),
    startBroker: async () => {
      running.broker = await startMosquitto(brokerPort);
    },
    startHub: startTheHub,
    stopHub: stopTheHub,
    wipeHub: async () => {
      await stopTheHub();
      for (const name of await readdir(stage.hubDir))
        if (['archive', 'incoming'].includes(name) || name.startsWith('index.sqlite'))
          await rm(join(stage.hubDir, name), { recursive: true });
      await startTheHub();
    },
    has: (author, written) => existsSync(pathOf(author, written)),
    hasFile: (author, name) => existsSync(pathOf(author, { name })),
    filesOf: async (author) => (await readdir(folderOf(author))).filter((name) => parseFileName(name) !== undefined),
    rowsOf: async (author) => {
      const db = lookIntoCatalog(join(stage.hubDir, 'index.sqlite'));
      const count = (table: 'record' | 'segment') =>
        Number(db?.prepare(`SELECT count(*) AS n FROM ${table} WHERE node = ?`).get(author.node.id)?.n);
      const rows = count('record') + count('segment');
      db?.close();
      return rows;
    },
    hasEqual: async (author) => {
      const delivered = folders(author.node.dir).delivered;
      let equal = 0;
      for (const written of author.written) {
        const here = await hashOf(join(delivered, written.name));
        if (here !== undefined && here === (await hashOf(pathOf(author, written)))) equal += 1;
      }
      return equal;
    },
    bodyBytes: async (author) => {
      const whole = author.written
        .filter((written) => existsSync(pathOf(author, written)))
        .reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
      return whole + (await partBytes(join(stage.hubDir, 'incoming', author.node.id)));
    },
    waits: async (author) => {
      const at = folders(author.node.dir);
      const lists = await Promise.all(([0, 1, 2, 3, 4, 5] as const).map((each) => readdir(at.waiting(each))));
      return lists.flat().length;
    },
    startUplink: (node) => {
      if (rules.uplink === undefined) throw new Error('this post was given no uplink to start');
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', rules.uplink, '--config', node.configPath], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      createInterface({ input: child.stderr }).on('line', () => undefined);
      const kill = async () => {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      };
      closers.push(kill);
      return { pid: child.pid ?? 0, peakRssMb: () => peakRssMb(child.pid ?? 0), kill };
    },
  };
}

/** VmHWM of proc(5), in MB; 0 when it has gone. */
export function peakRssMb(pid: number): number {
  try {
    const kb = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kb ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Throws after `msMax`. */
export async function until(what: string, msMax: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + msMax;
  while (!(await holds())) {
    if (performance.now() > giveUpMs) throw new Error(`waited ${Math.round(msMax / 1000)} s in vain for ${what}`);
    await pause(20);
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

async function hashOf(path: string): Promise<string | undefined> {
  return await readFile(path).then(sha256, () => undefined);
}

/** Blocks that have come of bodies that are not whole: a part file is the body, then a mark a block (hub/incoming.ts). */
async function partBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = await readFile(join(folder, name)).catch(() => undefined);
    if (file === undefined) continue;
    const blocks = Math.ceil(file.length / (blockBytes + 1));
    bytes += file.subarray(file.length - blocks).filter((mark) => mark === 1).length * blockBytes;
  }
  return bytes;
}
