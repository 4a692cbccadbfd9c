// The hub, put together and started; and everything it started, stopped.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../agent/log.ts';
import type { Disk } from '../hal/ports.ts';
import { opener } from '../protocol/seal.ts';
import { readSigningKey } from '../protocol/sign.ts';
import { openArchive } from './archive.ts';
import { openBroker } from './broker.ts';
import { openCatalog } from './catalog.ts';
import { readCatalog } from './catalog-read.ts';
import { openChanges } from './changes.ts';
import type { HubConfig } from './config.ts';
import { type CountFigures, openCounts } from './counts.ts';
import { openIncoming } from './incoming.ts';
import { openIntake } from './intake.ts';
import { readIdentity } from './keys.ts';
import { openLink } from './link.ts';
import { holdLock } from './lock.ts';
import { openNodeKeys } from './node-keys.ts';
import { openReceipts } from './receipts.ts';
import { type Reindexed, reindex } from './reindex.ts';
import { openRoom } from './room.ts';
import { openUnsealed } from './unsealed.ts';
import { makeApp } from './web/app.ts';

/** What the hub holds, and how this run of it has gone. */
export interface Summary extends CountFigures {
  /** Distinct event ids. */
  readonly events: number;
  readonly clips: number;
  readonly stills: number;
  readonly records: number;
  readonly segments: number;
  /** Missing numbers and links that do not hold, over all nodes. */
  readonly chainGaps: number;
}

export interface RunningHub {
  /** Address of the page. */
  readonly url: string;
  /** Address of the broker that nodes should use, as this hub sees it. */
  readonly broker: string;
  readonly reindexed: Reindexed;
  isConnected(): boolean;
  summary(): Summary;
  /** Resolves when the signal has aborted and everything has ended. */
  readonly stopped: Promise<void>;
}

/**
 * Resolves when the page and the embedded broker listen and the catalogue agrees with the archive; the broker named in the configuration may
 * come later. Rejects when a key cannot be read, a port is taken, or another hub works in the same data folder.
 */
export async function runHub(config: HubConfig, disk: Disk, signal: AbortSignal, log: Log): Promise<RunningHub> {
  const startMs = performance.now();
  await using undo = new AsyncDisposableStack();
  const hold = await openHold(config, disk, log);
  undo.defer(() => hold.close());
  const { catalog, reader, archive, keys, open } = hold;
  const reindexed = await reindex({ commune: config.commune, wallMs: Date.now, log, ...hold }, hold.fresh);

  const key = await readSigningKey(await readFile(config.signingKey, 'utf8'));
  const counts = openCounts(() => performance.now() - startMs);
  const changes = openChanges();
  const room = openRoom(
    disk,
    config.dataDir,
    config.keepFreeMiB * 1024 * 1024,
    () => performance.now(),
    (isEnough, freeBytes) => {
      log(isEnough ? 'info' : 'error', isEnough ? 'enough room again' : 'no receipts: disk nearly full', { freeBytes });
      if (!isEnough)
        catalog.hubFault({ atMs: Date.now(), node: '', code: 'disk-full', text: `${config.dataDir}: nearly full` });
    },
  );
  const incoming = await openIncoming(join(config.dataDir, 'incoming'));
  const broker =
    config.broker === 'embedded'
      ? await openBroker(config.brokerListen.host, config.brokerListen.port, log)
      : undefined;
  if (broker !== undefined) undo.defer(() => broker.close());
  const brokerUrl =
    broker === undefined ? config.broker : `mqtt://${bracketed(config.brokerListen.host)}:${broker.port}`;

  const receipts = openReceipts(config.commune, key, (topic, payload) => link.publish(topic, payload), Date.now);
  const intake = openIntake({
    ...{ commune: config.commune, keys, archive, incoming, catalog, reader },
    ...{ receipts, counts, changes, room, open, wallMs: Date.now, log },
  });
  const told = () => changes.tell({ is: 'nodes' });
  const link = openLink({ broker: brokerUrl, mqtt: config.mqtt, commune: config.commune }, intake.receive, told, log);
  // In this order at the end: what is being stored, its receipts, then the connection they need.
  undo.defer(() => link.close());
  undo.defer(() => receipts.close());
  undo.defer(() => intake.close());

  const summary = (): Summary => {
    const gaps = reader.nodes().map(({ node }) => reader.chain(node).gaps);
    return { ...reader.totals(), ...counts.figures(), chainGaps: gaps.reduce((sum, each) => sum + each, 0) };
  };
  const hosts = { names: [] as readonly string[] };
  const stopping = new AbortController();
  const app = await makeApp({
    ...{ archive, reader, open, unsealed: openUnsealed(), keys, changes, summary, isConnected: link.isConnected },
    ...{ wallMs: Date.now, hosts: () => hosts.names, signal: stopping.signal, log },
  });
  const server = createServer(getRequestListener(app.fetch));
  const port = await listen(server, config.listen);
  undo.defer(() => closeServer(server, stopping));
  hosts.names = [...new Set([config.listen.host, '127.0.0.1', 'localhost', '::1'])].map(
    (host) => `${bracketed(host)}:${port}`,
  );

  const everything = undo.move();
  const stopped = aborted(signal).then(() => everything.disposeAsync());
  const url = `http://${bracketed(config.listen.host)}:${port}/`;
  log('info', 'hub is up', { url, broker: brokerUrl, ...reindexed });
  return { url, broker: brokerUrl, reindexed, isConnected: link.isConnected, summary, stopped };
}

/** Rebuilds the catalogue of a hub that is not running. */
export async function reindexHub(config: HubConfig, disk: Disk, log: Log): Promise<Reindexed> {
  const hold = await openHold(config, disk, log);
  try {
    return await reindex({ commune: config.commune, wallMs: Date.now, log, ...hold }, true);
  } finally {
    await hold.close();
  }
}

/** The data folder, held for this process alone. */
async function openHold(config: HubConfig, disk: Disk, log: Log) {
  const identity = readIdentity(await readFile(config.unsealKey, 'utf8'));
  if (identity === undefined) throw new Error(`${config.unsealKey}: no age identity (AGE-SECRET-KEY-1…) in it`);
  await disk.makeFolder(config.dataDir);
  const lock = holdLock(join(config.dataDir, 'lock.sqlite'));
  if (lock === undefined) throw new Error(`${config.dataDir}: another hub is working here`);
  try {
    const archive = await openArchive(disk, config.dataDir);
    const { catalog, fresh } = openCatalog(join(config.dataDir, 'index.sqlite'));
    if (fresh) log('info', 'catalogue is built anew');
    const signingKey = await readFile(config.signingKey, 'utf8');
    const keys = openNodeKeys(config.keysDir, signingKey, () => performance.now());
    const close = async () => {
      catalog.close();
      lock.release();
    };
    return { archive, catalog, fresh, reader: readCatalog(catalog.db), keys, open: opener(identity).open, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function closeServer(server: Server, stopping: AbortController): Promise<void> {
  stopping.abort();
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
