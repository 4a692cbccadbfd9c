// A hub small enough to be wrong on purpose: real MQTT, real signatures, bodies gathered in memory.
import { generateKeyPairSync } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import type { Command } from '../../protocol/command.ts';
import { manifestSchema, segmentManifestSchema } from '../../protocol/manifest.ts';
import { audience, blockBytes, type Receipt } from '../../protocol/receipt.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { readSigningKey, type SigningKey, sha256, sign, type VerifyingKey, verify } from '../../protocol/sign.ts';
import { hubSubscription, parseOutTopic, root } from '../../protocol/topics.ts';
import type { TestBroker } from '../support/broker.ts';

export interface HubKeys {
  readonly publicPem: string;
  readonly signingKey: SigningKey;
}

export async function makeHubKeys(): Promise<HubKeys> {
  const pair = generateKeyPairSync('ed25519');
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    publicPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signingKey: await readSigningKey(pem),
  };
}

export interface HubManner {
  /** `silent` answers nothing, `asks-only` never says stored, `refuses` refuses all, `repeats` says everything three times. */
  readonly answers: 'normally' | 'silent' | 'asks-only' | 'refuses' | 'repeats';
  readonly key?: SigningKey;
  readonly aud?: string;
}

export interface Arrived {
  readonly id: string;
  /** `kind`, or `segment`. */
  readonly kind: string;
  readonly class: number | undefined;
  readonly body: Buffer;
  readonly atMs: number;
}

interface Part {
  readonly line: string;
  readonly bytes: Buffer;
  readonly lacking: Set<number>;
}

export interface TestHub {
  manner: HubManner;
  /** In the order in which they became whole and verified; each once. */
  readonly arrived: Arrived[];
  /** Messages on out/, by what they are. */
  readonly heard: { topic: string; payload: Buffer; retained: boolean }[];
  /** Records that came again whole though they were stored. */
  counts: { duplicates: number; offers: number; chunks: number; bytes: number; wrong: number };
  command(command: Command, retain?: boolean): Promise<void>;
  publish(topic: string, payload: Buffer | string): Promise<void>;
  close(): Promise<void>;
}

export async function startTestHub(
  broker: TestBroker,
  keys: HubKeys,
  node: { commune: string; node: string; key: VerifyingKey },
  manner: HubManner = { answers: 'normally' },
): Promise<TestHub> {
  const client: MqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    protocolVersion: broker.mqtt,
    clientId: 'test-hub',
    reconnectPeriod: 50,
  });
  client.on('error', () => undefined);
  const parts = new Map<string, Part>();
  const stored = new Set<string>();
  const inTopic = (what: string) => `${root(node.commune, node.node)}/in/${what}`;
  let clockMs = Date.now();

  const answer = async (words: Partial<Receipt>) => {
    clockMs = Math.max(clockMs + 1, Date.now());
    const { answers, key = keys.signingKey, aud = audience(node.commune, node.node) } = hub.manner;
    if (answers === 'silent' || (answers === 'asks-only' && words.stored !== undefined)) return;
    const receipt: Receipt = { v: 1, aud, hubMs: clockMs, stored: [], missing: [], refused: [], ...words };
    const jws = await sign(JSON.stringify(receipt), 'matlang-receipt', 'hub', key);
    const times = answers === 'repeats' ? 3 : 1;
    for (let n = 0; n < times; n += 1)
      if (client.connected) await client.publishAsync(inTopic('receipt'), jws, { qos: 1 });
  };

  const finish = async (line: string, body: Buffer) => {
    const id = sha256(line);
    const read = await readManifest(line, node.key);
    const wanted = read?.sealed;
    if (read === undefined || (wanted !== undefined && sha256(body) !== wanted)) {
      hub.counts.wrong += 1;
      return await answer({ refused: [{ id, why: 'hash' }] });
    }
    if (hub.manner.answers === 'refuses') return await answer({ refused: [{ id, why: 'not today' }] });
    if (stored.has(id)) hub.counts.duplicates += 1;
    else if (hub.manner.answers !== 'asks-only') {
      stored.add(id);
      hub.arrived.push({ id, kind: read.kind, class: read.class, body, atMs: performance.now() });
    }
    await answer({ stored: [{ ...read.identity, sha256: id }] });
  };

  const takeRecord = async (payload: Buffer) => {
    const file = splitRecordFile(payload);
    if (file === undefined) {
      hub.counts.wrong += 1;
      return;
    }
    const id = sha256(file.jws);
    const read = await readManifest(file.jws, node.key);
    if (read === undefined) return await answer({ refused: [{ id, why: 'signature' }] });
    if (stored.has(id)) {
      hub.counts.duplicates += 1;
      return await answer({ stored: [{ ...read.identity, sha256: id }] });
    }
    if (file.body.length > 0 || read.bytes === 0) return await finish(file.jws, Buffer.from(file.body));
    hub.counts.offers += 1;
    if (hub.manner.answers === 'refuses') return await answer({ refused: [{ id, why: 'not today' }] });
    const blocks = Math.ceil(read.bytes / blockBytes);
    const part = parts.get(id) ?? {
      line: file.jws,
      bytes: Buffer.alloc(read.bytes),
      lacking: new Set(Array.from({ length: blocks }, (_, block) => block)),
    };
    parts.set(id, part);
    await answer({ missing: [{ id, ranges: rangesOf(part.lacking) }] });
  };

  const takeChunk = async (id: string, index: number, payload: Buffer) => {
    hub.counts.chunks += 1;
    const part = parts.get(id);
    if (part === undefined) return;
    payload.copy(part.bytes, index * blockBytes);
    for (let block = 0; block < Math.ceil(payload.length / blockBytes); block += 1) part.lacking.delete(index + block);
    if (part.lacking.size > 0) return;
    parts.delete(id);
    await finish(part.line, part.bytes);
  };

  const hub: TestHub = {
    manner,
    arrived: [],
    heard: [],
    counts: { duplicates: 0, offers: 0, chunks: 0, bytes: 0, wrong: 0 },
    command: async (command, retain = false) => {
      const jws = await sign(JSON.stringify(command), 'matlang-command', 'hub', keys.signingKey);
      await client.publishAsync(inTopic('command'), jws, { qos: 1, retain });
    },
    publish: async (topic, payload) => void (await client.publishAsync(inTopic(topic), payload, { qos: 1 })),
    close: () => client.endAsync(true),
  };
  let work: Promise<unknown> = Promise.resolve();
  client.on('message', (topic, payload, packet) => {
    const out = parseOutTopic(topic, node.commune);
    if (out?.what !== 'record' && out?.what !== 'chunk') {
      hub.heard.push({ topic, payload, retained: packet.retain });
      return;
    }
    hub.counts.bytes += payload.length;
    work = work.then(() => (out.what === 'chunk' ? takeChunk(out.id, out.index, payload) : takeRecord(payload)));
  });
  await client.subscribeAsync(hubSubscription(node.commune), { qos: 1 });
  return hub;
}

interface Read {
  readonly kind: string;
  readonly class: number | undefined;
  readonly bytes: number;
  readonly sealed: string | undefined;
  readonly identity: { boot: string; seq?: number; seg?: number };
}

async function readManifest(line: string, key: VerifyingKey): Promise<Read | undefined> {
  const record = await verify(line, 'matlang-record', key);
  if (record.ok) {
    const { kind, class: drainClass, boot, seq, body } = manifestSchema.parse(record.payload);
    return { kind, class: drainClass, bytes: body?.bytes ?? 0, sealed: body?.sha256, identity: { boot, seq } };
  }
  const segment = await verify(line, 'matlang-segment', key);
  if (!segment.ok) return undefined;
  const { boot, seg, bytes, sealedSha256 } = segmentManifestSchema.parse(segment.payload);
  return { kind: 'segment', class: undefined, bytes, sealed: sealedSha256, identity: { boot, seg } };
}

function rangesOf(blocks: ReadonlySet<number>): [number, number][] {
  const ranges: [number, number][] = [];
  for (const block of [...blocks].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === block) last[1] = block + 1;
    else ranges.push([block, block + 1]);
  }
  return ranges;
}
