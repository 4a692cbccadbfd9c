// A node and its hub on a simulated card: the very modules that recorder, uplink and hub are made of, without camera and network.
import { generateKeyPairSync } from 'node:crypto';
import { loadConfig } from '../../../agent/config-file.ts';
import { makeSigningKey } from '../../../agent/identity.ts';
import { openOutbox } from '../../../agent/outbox.ts';
import { mendInterrupted } from '../../../agent/recorder/interrupted.ts';
import { segmentLineBytes } from '../../../agent/recorder/open-segment.ts';
import { openPinned } from '../../../agent/recorder/pinned.ts';
import { type Maker, openSpool, type Spool } from '../../../agent/spool.ts';
import type { Disk } from '../../../hal/ports.ts';
import { emptyImage, type Image } from '../../../hal/sim-disk/image.ts';
import { openSimDisk } from '../../../hal/sim-disk/sim-disk.ts';
import { openArchive } from '../../../hub/archive.ts';
import { bootCounter } from '../../../protocol/identity.ts';
import type { Stamp } from '../../../protocol/manifest.ts';
import type { Sealer } from '../../../protocol/seal.ts';
import { readSigningKey } from '../../../protocol/sign.ts';
import { at } from './paths.ts';
import type { Promises } from './promises.ts';

/** What the program is about, and what the uplink does in the middle of it. */
export interface Stage {
  act: string;
  /** Called once, when a record has its name and is not flushed yet. */
  onName: (() => Promise<void>) | undefined;
  /** The card has failed a flush of what the uplink has just listed. */
  isUnflushed: boolean;
}

export interface Node {
  readonly stage: Stage;
  readonly disk: Disk;
  readonly maker: Maker;
  readonly lineBytes: number;
  readonly spool: Spool;
  readonly pinned: ReturnType<typeof openPinned>;
  readonly outbox: ReturnType<typeof openOutbox>;
  readonly archive: Awaited<ReturnType<typeof openArchive>>;
}

/** What all lives of all trials share: the key signs for real, sealing is left out (it never touches the card). */
export interface Workshop {
  readonly maker: Maker;
  readonly lineBytes: number;
  /** A card with two configurations and nothing else. */
  readonly newCard: Image;
}

/** The plaintext with a mark before it. */
const openSealer: Sealer = {
  seal: (plain) => plain,
  begin: () => ({
    head: Buffer.from('age\n'),
    stream: { update: (plain) => plain, final: () => Buffer.from('.') },
  }),
};

export const configTexts = ['Ngã ba chợ', 'Đầu cầu'].map(
  (title) =>
    `commune: xa-thu\nnode: mat-01\ntitle: ${title}\ndataDir: ${at.data}\nidentityDir: ${at.identity}\ncamera:\n  driver: scene\nuplink:\n  broker: mqtt://127.0.0.1:1\n`,
);

export async function openWorkshop(): Promise<Workshop> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const maker: Maker = {
    commune: 'xa-thu',
    node: 'mat-01',
    config: '0'.repeat(64),
    release: 'bench',
    signingKey: await readSigningKey(String(privateKey.export({ type: 'pkcs8', format: 'pem' }))),
    sealer: openSealer,
  };
  const sim = openSimDisk(emptyImage);
  for (const folder of [at.configs, '/node']) await sim.makeFolder(folder);
  for (const [index, text] of configTexts.entries()) {
    const file = await sim.create(`${at.configs}/${index}.yaml`);
    await file.write(Buffer.from(text), 0);
    await file.sync();
  }
  await sim.syncFolder(at.configs);
  return { maker, lineBytes: await segmentLineBytes(maker), newCard: sim.image() };
}

/** A node never knows the time here. */
export const stampAt = (monoMs: number): Stamp => ({ monoMs, wallMs: null, clock: 'none', errorMs: 0 });
export const clipRules = { preRollMs: 5000, postRollMs: 5000, clipMsMax: 60_000 };

/** A start as the mains make it, in their order. `config`: which of the two files the node is started with. */
export async function startNode(
  { maker, lineBytes }: Workshop,
  disk: Disk,
  config: number,
  promises: Promises,
  stage: Stage,
): Promise<Node> {
  stage.act = 'config';
  const text = configTexts[config] ?? '';
  promises.goodConfigs = [...promises.goodConfigs, text];
  const before = await disk.read(`${at.identity}/config.good.yaml`).catch(() => undefined);
  const loaded = await loadConfig(disk, `${at.configs}/${config}.yaml`, 'keep-good');
  const keep = () => Object.assign(promises, { goodConfigs: [text], configKept: true });
  const isKept = loaded.notKept === undefined;
  if (isKept && Buffer.from(before ?? '').toString('utf8') !== text) keep();

  stage.act = 'key';
  const publicKey = await makeSigningKey(disk, at.identity);
  promises.publicKey ??= publicKey;

  stage.act = 'open';
  const spool = await openSpool(disk, at.data, at.identity, maker);
  promises.bootCounter = bootCounter(spool.boot);
  promises.boots.add(spool.boot);
  // One that was there already may have been left unflushed by a start that was killed; `head` lies in the same folder.
  if (isKept) keep();
  const [pinned, outbox] = [openPinned(disk, at.data), openOutbox(disk, at.data)];
  const archive = await openArchive(disk, at.hub);

  stage.act = 'mend';
  await mendInterrupted(disk, at.data, spool, pinned, clipRules, () => stampAt(0));

  stage.act = 'boot';
  const stored = await spool.append({ kind: 'boot', class: 1, time: stampAt(0) });
  if (stored.ok) promises.records.add(stored.name);
  return { stage, disk, maker, lineBytes, spool, pinned, outbox, archive };
}
