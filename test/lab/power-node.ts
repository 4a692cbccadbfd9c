// The virtual node of the power lab: a kernel, the recorder's program in a root file system in memory, a card with two partitions; parked when it has loaded.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { makeSigningKey } from '../../agent/identity.ts';
import { openCamera } from '../../hal/camera/open.ts';
import { disk } from '../../hal/disk.ts';
import type { CameraSight } from '../../hal/ports.ts';
import { fetchKernel, labCache } from './debian.ts';
import type { RootFile } from './initramfs.ts';
import { fileSystem, missingPrograms, type ParkedNodeMade, parkedNode } from './parked-node.ts';
import { sectorBytes } from './virtual-card.ts';
import { noQemu } from './vm.ts';

const memoryMiB = 640;
const mebi = 1024 * 1024;
/** Begin and size of the partitions. */
const partitions = { identity: { from: mebi, bytes: 16 * mebi }, data: { from: 17 * mebi, bytes: 79 * mebi } } as const;
const filmS = 6;

const configText = `commune: xa-thu
node: mat-01
title: Phòng thử
dataDir: /data
identityDir: /identity
clock: system
camera: { driver: scene }
events: { quietMs: 60000 }
storage: { profile: ring, ringMiB: 8, spoolMiB: 8, keepFreeMiB: 4 }
pins: { inputs: [{ pin: 17, trigger: panic }] }
`;
/** Everything is made once and kept in the cache folder; a changed program is another node. */
export async function makePowerNode(say: (line: string) => void): Promise<ParkedNodeMade> {
  const missing = noQemu() ?? missingPrograms();
  if (missing !== undefined) return { ok: false, why: missing };
  const found = fetchKernel();
  if (!found.ok) return found;
  const sights = await filmedOnce(join(labCache(), `sights-${filmS}s`), say);
  const text = (path: string, bytes: Uint8Array | string): RootFile => ({
    path,
    bytes: Buffer.from(bytes),
    mode: 0o644,
  });
  const files = [text('/app/node.yaml', configText), text('/app/sights', sights)];
  const plan = { name: 'power', child: 'recorder-child', memoryMiB, files, folders: ['/data', '/identity'] };
  return { ok: true, node: await parkedNode(plan, found.kernel, await newCard(), say) };
}

/** What the drawn junction's camera gives in its first seconds. */
async function filmedOnce(path: string, say: (line: string) => void): Promise<Buffer> {
  if (existsSync(path)) return readFileSync(path);
  say(`${filmS} s of the drawn junction are filmed …`);
  const runDir = mkdtempSync(join(tmpdir(), 'film-'));
  const filming = new AbortController();
  const picture = { width: 1280, height: 720, fps: 15, bitrateKbps: 2000, caption: true, masks: [] };
  const camera = openCamera(
    { driver: 'scene', seed: 7, time: 'day', ...picture },
    { monoMs: () => performance.now(), runDir, analysis: { width: 160, height: 90, fps: 5 } },
  );
  const sights: CameraSight[] = [];
  for await (const sight of camera.run(filming.signal)) {
    if (sight.is === 'fault') throw new Error(`the scene cannot be filmed: ${sight.text}`);
    if (sight.is === 'start') sights.length = 0;
    // A picture's bytes are lent until the next one.
    sights.push(deserialize(serialize(sight)));
    if (sights.filter(({ is }) => is === 'fragment').length >= filmS) filming.abort();
  }
  rmSync(runDir, { recursive: true, force: true });
  const bytes = serialize(sights.filter(({ is }) => is !== 'end'));
  writeFileSync(path, bytes);
  return bytes;
}

/** A card as a technician's kit leaves it: a partition table, and a file system in each partition. */
async function newCard(): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), 'card-'));
  try {
    const identity = join(dir, 'identity');
    await makeSigningKey(disk, identity);
    const recipient = await identityToRecipient(await generateX25519Identity());
    writeFileSync(join(identity, 'recipients.txt'), `${recipient}\n`);
    const card = Buffer.alloc(partitions.data.from + partitions.data.bytes);
    // As the guide has it made: so small that it has blocks of 1 KiB, and copies of its superblock.
    fileSystem(join(dir, 'p1'), partitions.identity.bytes, ['-d', identity]).copy(card, partitions.identity.from);
    // Blocks as cards of many gigabytes have them.
    fileSystem(join(dir, 'p2'), partitions.data.bytes, ['-b', '4096']).copy(card, partitions.data.from);
    for (const [index, { from, bytes }] of [partitions.identity, partitions.data].entries()) {
      const entry = 446 + 16 * index;
      card[entry + 4] = 0x83;
      card.writeUInt32LE(from / sectorBytes, entry + 8);
      card.writeUInt32LE(bytes / sectorBytes, entry + 12);
    }
    card.writeUInt16LE(0xaa55, 510);
    return card;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
