// A node with a spool to drain, a hub to take it, and an uplink between them, in this process.
import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeConfig } from '../../agent/core/config/schema.ts';
import { localPath, type RecorderMessage, serveLocal, type UplinkMessage } from '../../agent/local.ts';
import { folders } from '../../agent/outbox.ts';
import { keyId, openSpool, type Spool } from '../../agent/spool.ts';
import { runUplink } from '../../agent/uplink/uplink.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk, NetLink } from '../../hal/ports.ts';
import type { DrainClass, RecordKind, SegmentManifest } from '../../protocol/manifest.ts';
import { joinRecordFile, segmentFileName } from '../../protocol/record-file.ts';
import { readVerifyingKey, sha256, sign } from '../../protocol/sign.ts';
import type { TestBroker } from '../support/broker.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { type HubKeys, makeHubKeys } from './test-hub.ts';

export interface Stage {
  readonly node: TestNode;
  readonly hubKeys: HubKeys;
  readonly spool: Spool;
  readonly who: { commune: string; node: string; key: TestNode['verifyingKey'] };
  /** Each returns the manifest's hash and the file's path. */
  record(drainClass: DrainClass, bytes: number, kind?: RecordKind): Promise<Put>;
  segment(drainClass: DrainClass, bytes: number): Promise<Put>;
  /** What still waits, by name. */
  waiting(): Promise<string[]>;
  inFolder(which: 'delivered' | 'quarantine'): Promise<string[]>;
  uplink(broker: { port: number; mqtt: 4 | 5 }, rules?: UplinkRules): RunningUplink;
  recorder(): Recorder;
  remove(): Promise<void>;
}
export interface UplinkRules {
  readonly uplink?: Partial<NodeConfig['uplink']>;
  readonly links?: () => readonly NetLink[];
  /** The real one where it is not said. */
  readonly disk?: Disk;
  /** True where it is not said. */
  readonly clockIsTrusted?: boolean;
}
export interface Put {
  readonly id: string;
  readonly path: string;
}
export interface RunningUplink {
  /** Resolves when it has ended, with the time that took. */
  stop(): Promise<number>;
  readonly log: { level: string; event: string; fields: unknown }[];
}
export interface Recorder {
  readonly heard: UplinkMessage[];
  tell(message: RecorderMessage): void;
  joined(): boolean;
  end(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const node = await makeTestNode();
  const hubKeys = await makeHubKeys();
  await writeFile(join(node.identityDir, 'hub.pub'), hubKeys.publicPem);
  const { maker, dataDir } = node;
  const spool = await openSpool(disk, dataDir, node.identityDir, maker);
  const at = folders(dataDir);
  const socketPath = localPath(node.dir);
  const running = new Set<() => Promise<unknown>>();
  const count = { seg: 0 };
  const now = () => ({ monoMs: 1, wallMs: Date.now(), clock: 'ntp' as const, errorMs: 5 });

  const stage: Stage = {
    node,
    hubKeys,
    spool,
    who: { commune: maker.commune, node: maker.node, key: node.verifyingKey },
    record: async (drainClass, bytes, kind = drainClass < 2 ? 'event' : 'log') => {
      const body = { plain: randomBytes(bytes), type: 'application/octet-stream' };
      const stored = await spool.append({ kind, class: drainClass, time: now(), ...(bytes > 0 ? { body } : {}) });
      if (!stored.ok) throw new Error('the record was not written', { cause: stored.cause });
      return { id: stored.sha256, path: join(at.waiting(drainClass), stored.name) };
    },
    segment: async (drainClass, bytes) => {
      const sealed = randomBytes(bytes);
      const seg = count.seg++;
      const manifest: SegmentManifest = {
        ...{ v: 1, kind: 'segment', commune: maker.commune, node: maker.node, boot: spool.boot, seg },
        ...{ init: '0'.repeat(64), bytes, sealedSha256: sha256(sealed), plainSha256: '0'.repeat(64) },
        ...{ firstMonoMs: seg * 2000, durationMs: 2000, fragments: 2, wallMs: Date.now() },
      };
      const jws = await sign(JSON.stringify(manifest), 'matlang-segment', keyId(maker), maker.signingKey);
      const id = sha256(jws);
      const path = join(at.waiting(drainClass), segmentFileName({ ...manifest, sha256: id }));
      await writeFile(path, joinRecordFile(jws, sealed));
      return { id, path };
    },
    waiting: async () =>
      (await Promise.all(([0, 1, 2, 3, 4, 5] as const).map((each) => readdir(at.waiting(each))))).flat(),
    inFolder: (which) => readdir(at[which]),
    uplink: (broker, rules = {}) => {
      const stopping = new AbortController();
      const log: RunningUplink['log'] = [];
      const ended = readVerifyingKey(hubKeys.publicPem).then((hubKey) =>
        runUplink(
          {
            ...{
              disk: rules.disk ?? disk,
              dataDir,
              socketPath,
              hubKey,
              release: '0.0.0',
              configSha256: '0'.repeat(64),
              floorMs: 0,
            },
            ...{ systemIsTrusted: () => rules.clockIsTrusted ?? true, runDir: node.dir },
            ...{ identityDir: node.identityDir, membership: undefined },
            config: {
              ...{ commune: maker.commune, node: maker.node, title: 'Ngã ba thử' },
              uplink: {
                ...{ broker: `mqtt://127.0.0.1:${broker.port}`, mqtt: broker.mqtt },
                ...{ link: 'unmetered', monthlyMiB: 0, ...rules.uplink },
              },
            },
            notify: { ready: nothing, alive: nothing, stopping: nothing },
            links: () => Promise.resolve(rules.links?.() ?? []),
            log: (level, event, fields) => log.push({ level, event, fields }),
          },
          stopping.signal,
        ),
      );
      const stop = async () => {
        const askedMs = performance.now();
        stopping.abort();
        await ended;
        running.delete(stop);
        return performance.now() - askedMs;
      };
      running.add(stop);
      return { stop, log };
    },
    recorder: () => {
      const stopping = new AbortController();
      const heard: UplinkMessage[] = [];
      const server = serveLocal(socketPath, { heard: (message) => heard.push(message) }, stopping.signal);
      const end = async () => {
        stopping.abort();
        running.delete(end);
        await server.ended;
      };
      running.add(end);
      return { heard, tell: server.tell, joined: server.joined, end };
    },
    remove: async () => {
      for (const stop of [...running]) await stop();
      await node.remove();
    },
  };
  return stage;
}

/** Runs `play` with a stage and a broker, and leaves nothing behind, whatever happens. */
export async function withStage(
  start: () => Promise<TestBroker>,
  play: (stage: Stage, broker: TestBroker, closing: { later(end: () => Promise<unknown>): void }) => Promise<void>,
): Promise<void> {
  const ends: (() => Promise<unknown>)[] = [];
  const stage = await setStage();
  const broker = await start();
  try {
    await play(stage, broker, { later: (end) => ends.unshift(end) });
  } finally {
    await stage.remove();
    for (const end of ends) await end();
    await broker.close();
  }
}

function nothing(): void {
  // No service manager here.
}
