// A hub on free loopback ports with throw-away keys, and nodes that sign, seal and publish for real.
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import type { uvu } from 'uvu';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { type HubConfig, hubConfigSchema, settle } from '../../hub/config.ts';
import type { Role } from '../../hub/desk/roles.ts';
import { openSessions } from '../../hub/desk/sessions.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { type HubKeys, type MadeHubKeys, makeHubKeys } from '../../hub/keys.ts';
import type { Releases } from '../../hub/rollout/acts.ts';
import { type RunningHub, runHub } from '../../hub/run.ts';
import type { EventDetails } from '../../protocol/details.ts';
import type { Manifest, SegmentRef } from '../../protocol/manifest.ts';
import { blockBytes, type Receipt, receiptSchema } from '../../protocol/receipt.ts';
import { joinRecordFile } from '../../protocol/record-file.ts';
import { sealer } from '../../protocol/seal.ts';
import { readSigningKey, readVerifyingKey, sha256, sign, verify } from '../../protocol/sign.ts';
import { chunkTopic, root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';

export const commune = 'xa-thu';

export interface Village {
  readonly dir: string;
  readonly config: HubConfig;
  readonly keys: MadeHubKeys;
  /** On this disk, the real one where none is given. */
  start(on?: Disk, releases?: Releases): Promise<Running>;
  node(name: string): Promise<TestSender>;
  remove(): Promise<void>;
}
export interface Running {
  readonly hub: RunningHub;
  /** Of a chief who has just signed in. */
  readonly cookie: string;
  /** As that chief. */
  get(path: string, more?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export async function makeVillage(more: Record<string, unknown> = {}): Promise<Village> {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-hub-'));
  const keys = await makeHubKeys(dir);
  await mkdir(join(dir, 'keys'));
  const free = { listen: { port: 0 }, brokerListen: { port: 0 }, keepFreeMiB: 0 };
  const config = settle(hubConfigSchema.parse({ commune, ...free, ...more }), dir);
  const senders: TestSender[] = [];
  const running = new Set<Running>();
  return {
    dir,
    config,
    keys,
    start: async (on = disk, releases) => {
      const stopper = new AbortController();
      const hub = await runHub(config, on, stopper.signal, () => undefined, releases);
      await until('the hub at its broker', hub.isConnected);
      const { cookie } = await signIn(config.dataDir, hub.url, 'chief');
      const one: Running = {
        hub,
        cookie,
        get: (path, more = {}) => fetch(`${hub.url}${path}`, { ...more, headers: { cookie, ...more.headers } }),
        stop: async () => {
          running.delete(one);
          stopper.abort();
          await hub.stopped;
        },
      };
      running.add(one);
      return one;
    },
    node: async (name) => {
      const pair = generateKeyPairSync('ed25519');
      await writeFile(join(dir, 'keys', `${name}.pub`), pair.publicKey.export({ type: 'spki', format: 'pem' }));
      const sender = await makeSender(name, pair.privateKey, keys);
      senders.push(sender);
      return sender;
    },
    remove: async () => {
      for (const sender of senders) await sender.leave();
      for (const one of running) await one.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface OneNode {
  village: Village;
  running: Running;
  node: TestSender;
}

/** For all tests of a suite: one hub, and one node that has joined it. */
export function withOneNode(test: uvu.Test<OneNode>): void {
  test.before(async (context) => {
    context.village = await makeVillage();
    context.running = await context.village.start();
    context.node = await context.village.node('mat-01');
    await context.node.join(context.running.hub.broker, 4);
  });
  test.after(({ village }) => village.remove());
}

/** By a link: passwords take their time, and have tests of their own. */
export async function signIn(
  dataDir: string,
  url: string,
  role: Role,
  tv = false,
): Promise<{ cookie: string; csrf: string }> {
  const store = openDeskStore(dataDir);
  store.run(`INSERT INTO account VALUES (?, 'Thử', ?, '!', 0, 0, 0) ON CONFLICT DO NOTHING`, role, role);
  const untilMs = Date.now() + 60_000;
  const token = openSessions(store, Date.now).makeLink(role, { tv, uses: 1, untilMs });
  store.close();
  const answer = await fetch(`${url}api/sign-in/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const { csrf }: { csrf: string } = await answer.json();
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '', csrf };
}

/** Sends as somebody of this role who is signed in on another machine. */
export async function sender({ config }: Pick<Village, 'config'>, { hub }: Running, role: Role) {
  const { cookie, csrf } = await signIn(config.dataDir, hub.url, role);
  return (path: string, body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Response> =>
    fetch(`${hub.url}${path}`, { method: 'POST', headers: { cookie, 'x-csrf': csrf, 'content-type': type }, body });
}

/** One record or segment as it would lie on a node's card. */
export interface Made {
  readonly id: string;
  readonly jws: string;
  readonly body: Uint8Array;
  readonly bytes: Uint8Array;
  readonly boot: string;
  readonly number: number;
  readonly name: string;
}

export interface TestSender {
  readonly name: string;
  readonly receipts: Receipt[];
  /** As they came, signed. */
  readonly commands: string[];
  join(broker: string, mqtt: 4 | 5): Promise<void>;
  leave(): Promise<void>;
  publish(topic: string, payload: Uint8Array | string, retain?: boolean): Promise<void>;
  record(draft: Partial<Manifest>, plain?: Uint8Array | string, type?: string): Promise<Made>;
  segment(
    plain: Uint8Array,
    init: string,
    firstMonoMs: number,
    durationMs: number,
    wallMs?: number,
  ): Promise<{ made: Made; ref: SegmentRef }>;
  event(
    id: string,
    phase: 'new' | 'update' | 'end',
    more?: Partial<EventDetails>,
    draft?: Partial<Manifest>,
  ): Promise<Made>;
  /** The whole file on `out/record`. */
  send(made: Made): Promise<void>;
  /** The manifest line only. */
  offer(made: Made): Promise<void>;
  chunk(made: Made, index: number, blocks: number): Promise<void>;
  /** Offers, sends what is missing, waits for the receipt. */
  deliver(made: Made): Promise<void>;
  isStored(made: Made): boolean;
  isRefused(made: Made): string | undefined;
  stored(made: Made): Promise<void>;
  missing(made: Made): Promise<[number, number][]>;
  reboot(): void;
}

async function makeSender(name: string, key: KeyObject, keys: HubKeys): Promise<TestSender> {
  const signing = await readSigningKey(key.export({ type: 'pkcs8', format: 'pem' }).toString());
  const hubKey = await readVerifyingKey(await readFile(keys.publicKey, 'utf8'));
  const seal = sealer((await readFile(keys.recipients, 'utf8')).trim().split('\n'));
  const chain = {
    counter: 1,
    boot: `000001.${randomBytes(4).toString('hex')}`,
    seq: 0,
    seg: 0,
    prev: null as string | null,
    startedMs: Date.now(),
  };
  const receipts: Receipt[] = [];
  const commands: string[] = [];
  let client: MqttClient | undefined;

  const sender: TestSender = {
    name,
    receipts,
    commands,
    join: async (broker, mqtt) => {
      await client?.endAsync(true);
      client = await connectAsync(broker, { protocolVersion: mqtt, reconnectPeriod: 0 });
      client.on('error', () => undefined);
      client.on('message', (topic, payload) => {
        if (topic.endsWith('/in/command')) return void commands.push(payload.toString('latin1'));
        verify(payload.toString('latin1'), 'matlang-receipt', hubKey).then((checked) => {
          if (!checked.ok) throw new Error(`receipt: ${checked.why}`);
          const receipt = receiptSchema.parse(checked.payload);
          if (receipt.aud !== `${commune}/${name}`) throw new Error(`receipt for ${receipt.aud}`);
          receipts.push(receipt);
        });
      });
      await client.subscribeAsync(`${root(commune, name)}/in/#`, { qos: 1 });
    },
    leave: async () => {
      await client?.endAsync(true);
      client = undefined;
    },
    publish: async (topic, payload, retain = false) => {
      await client?.publishAsync(topic, Buffer.from(payload), { qos: 1, retain });
    },
    record: async (draft, plain, type = 'application/json') => {
      const body = plain === undefined ? undefined : seal.seal(Buffer.from(plain));
      const seq = chain.seq;
      const manifest: Manifest = {
        ...{ v: 1, commune, node: name, boot: chain.boot, seq, prev: chain.prev, kind: 'log', class: 1 },
        time: { monoMs: Date.now() - chain.startedMs, wallMs: Date.now(), clock: 'ntp', errorMs: 5 },
        ...{ config: '0'.repeat(64), release: '0.0.0' },
        ...(body === undefined
          ? {}
          : {
              body: { bytes: body.length, sha256: sha256(body), plainSha256: sha256(Buffer.from(plain ?? '')), type },
            }),
        ...draft,
      };
      const jws = await sign(JSON.stringify(manifest), 'matlang-record', `${commune}/${name}`, signing);
      chain.seq += 1;
      chain.prev = sha256(jws);
      const bytes = joinRecordFile(jws, body ?? new Uint8Array());
      return {
        id: sha256(jws),
        jws,
        body: body ?? new Uint8Array(),
        bytes,
        boot: manifest.boot,
        number: manifest.seq,
        name,
      };
    },
    segment: async (plain, init, firstMonoMs, durationMs, wallMs = Date.now()) => {
      const body = seal.seal(plain);
      const seg = chain.seg++;
      const ref: SegmentRef = {
        boot: chain.boot,
        seg,
        sealedSha256: sha256(body),
        plainSha256: sha256(plain),
        bytes: body.length,
        firstMonoMs,
        durationMs,
      };
      const manifest = { ...ref, v: 1, kind: 'segment', commune, node: name, init, fragments: 1, wallMs };
      const jws = await sign(JSON.stringify(manifest), 'matlang-segment', `${commune}/${name}`, signing);
      const made = {
        id: sha256(jws),
        jws,
        body,
        bytes: joinRecordFile(jws, body),
        boot: chain.boot,
        number: seg,
        name,
      };
      return { made, ref };
    },
    event: async (id, phase, more = {}, draft = {}) => {
      const event = { id, phase, trigger: 'motion', level: 'event', ...draft.event } as const;
      const details: EventDetails = {
        ...{ id, trigger: event.trigger, level: event.level, firstMonoMs: 1000, lastMonoMs: 4200, peakShare: 0.04 },
        ...{ boxes: [], zones: ['Cổng làng'], reason: 'Vật thể 4 % hình, đi 0,3 hình', ...more },
      };
      return await sender.record({ kind: 'event', class: 1, ...draft, event }, JSON.stringify(details));
    },
    send: (made) => sender.publish(`${root(commune, name)}/out/record`, made.bytes),
    offer: (made) => sender.publish(`${root(commune, name)}/out/record`, `${made.jws}\n`),
    chunk: (made, index, blocks) =>
      sender.publish(
        chunkTopic(commune, name, made.id, index),
        made.body.subarray(index * blockBytes, (index + blocks) * blockBytes),
      ),
    deliver: async (made) => {
      if (made.body.length <= blockBytes) await sender.send(made);
      else {
        await sender.offer(made);
        await until('an answer to the offer', () => sender.isStored(made) || missingOf(receipts, made) !== undefined);
        for (const [from, to] of missingOf(receipts, made) ?? []) {
          for (let at = from; at < to; at += 4) await sender.chunk(made, at, Math.min(4, to - at));
        }
      }
      await sender.stored(made);
    },
    isStored: (made) => receipts.some(({ stored }) => stored.some(({ sha256: id }) => id === made.id)),
    isRefused: (made) => receipts.flatMap(({ refused }) => refused).find(({ id }) => id === made.id)?.why,
    stored: (made) => until(`the receipt for ${made.boot}/${made.number}`, () => sender.isStored(made)),
    missing: async (made) => {
      await until('missing ranges', () => missingOf(receipts, made) !== undefined);
      return missingOf(receipts, made) ?? [];
    },
    reboot: () => {
      chain.counter += 1;
      chain.boot = `${String(chain.counter).padStart(6, '0')}.${randomBytes(4).toString('hex')}`;
      chain.seq = 0;
      chain.seg = 0;
      chain.startedMs = Date.now();
    },
  };
  return sender;
}

/** The newest answer counts. */
function missingOf(receipts: readonly Receipt[], made: Made): [number, number][] | undefined {
  return receipts.flatMap(({ missing }) => missing).findLast(({ id }) => id === made.id)?.ranges;
}
