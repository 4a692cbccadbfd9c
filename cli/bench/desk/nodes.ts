// 35 nodes at once, signed and sealed for real, over one connection to the hub's own broker.
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import sharp from 'sharp';
import type { Manifest } from '../../../protocol/manifest.ts';
import { joinRecordFile } from '../../../protocol/record-file.ts';
import { sealer } from '../../../protocol/seal.ts';
import { readSigningKey, type SigningKey, sha256, sign } from '../../../protocol/sign.ts';
import { root } from '../../../protocol/topics.ts';
import type { PastEnd } from './past.ts';

export interface BenchNodes {
  readonly names: readonly string[];
  join(broker: string, ends: readonly PastEnd[]): Promise<void>;
  /** One event of one node: its first word, its still, its end. Resolves when all of it has left; tells when the first word left. */
  happen(index: number, id: string): Promise<number>;
  close(): Promise<void>;
}

export async function makeNodes(dir: string, commune: string, count: number, recipients: string): Promise<BenchNodes> {
  const keysDir = join(dir, 'keys');
  await mkdir(keysDir, { recursive: true });
  const names = Array.from({ length: count }, (_, index) => `mat-${String(index + 1).padStart(2, '0')}`);
  const keys: SigningKey[] = [];
  for (const name of names) {
    const pair = generateKeyPairSync('ed25519');
    await writeFile(join(keysDir, `${name}.pub`), pair.publicKey.export({ type: 'spki', format: 'pem' }));
    keys.push(await readSigningKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()));
  }
  const seal = sealer((await readFile(recipients, 'utf8')).trim().split('\n'));
  const background = { r: 60, g: 90, b: 80 };
  const still = await sharp({ create: { width: 640, height: 360, channels: 3, background } })
    .jpeg()
    .toBuffer();
  const chains: PastEnd[] = [];
  let client: Awaited<ReturnType<typeof connectAsync>> | undefined;

  const send = async (index: number, draft: Partial<Manifest>, plain: Uint8Array, type: string): Promise<number> => {
    const [name, key, chain] = [names[index], keys[index], chains[index]];
    if (name === undefined || key === undefined || chain === undefined || client === undefined)
      throw new Error(`node ${index} has not joined`);
    const body = seal.seal(plain);
    const nowMs = Date.now();
    const manifest = {
      ...{ v: 1, commune, node: name, boot: chain.boot, seq: chain.seq, prev: chain.prev },
      time: { monoMs: nowMs - chain.aheadMs, wallMs: nowMs, clock: 'ntp', errorMs: 5 },
      ...{ config: '0'.repeat(64), release: 'bench' },
      body: { bytes: body.length, sha256: sha256(body), plainSha256: sha256(plain), type },
      ...draft,
    };
    const jws = await sign(JSON.stringify(manifest), 'matlang-record', `${commune}/${name}`, key);
    chains[index] = { ...chain, seq: chain.seq + 1, prev: sha256(jws) };
    const leftMs = Date.now();
    await client.publishAsync(`${root(commune, name)}/out/record`, Buffer.from(joinRecordFile(jws, body)), { qos: 1 });
    return leftMs;
  };
  return {
    names,
    join: async (broker, ends) => {
      client = await connectAsync(broker, { protocolVersion: 4, reconnectPeriod: 0 });
      chains.push(...ends);
    },
    happen: async (index, id) => {
      const event = { id, trigger: 'motion', level: 'event' } as const;
      const details = Buffer.from(
        JSON.stringify({
          ...{ id, trigger: 'motion', level: 'event', firstMonoMs: 1000, lastMonoMs: 4000, peakShare: 0.04 },
          ...{ boxes: [], zones: ['Cổng làng'], reason: 'Người đi qua vùng Cổng làng' },
        }),
      );
      const json = 'application/json';
      const leftMs = await send(index, { kind: 'event', class: 1, event: { ...event, phase: 'new' } }, details, json);
      await send(index, { kind: 'still', class: 2, of: { event: id, part: 0, why: 'event' } }, still, 'image/jpeg');
      await send(index, { kind: 'event', class: 1, event: { ...event, phase: 'end' } }, details, json);
      return leftMs;
    },
    close: async () => {
      await client?.endAsync(true);
    },
  };
}
