// The virtual node of the power lab: a kernel, the recorder's program in a root file system in memory, a card with two partitions; parked when it has loaded.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { build } from 'esbuild';
import { makeSigningKey } from '../../agent/identity.ts';
import { openCamera } from '../../hal/camera/open.ts';
import { disk } from '../../hal/disk.ts';
import type { CameraSight } from '../../hal/ports.ts';
import { until } from '../support/until.ts';
import { fetchKernel, labCache, useCached } from './debian.ts';
import { packInitramfs, programWithLibraries, type RootFile, withoutDoubles } from './initramfs.ts';
import { serveNbd } from './nbd.ts';
import { openVirtualCard, sectorBytes } from './virtual-card.ts';
import { noQemu, startVm, type VmPlan } from './vm.ts';

export interface PowerNode {
  /** All of a machine's plan but what is its own. */
  readonly plan: Omit<VmPlan, 'dir' | 'card'>;
  readonly statePath: string;
  /** A new card: identity on the first partition, nothing on the second. */
  readonly card: Buffer;
}

export type PowerNodeMade =
  | { readonly ok: true; readonly node: PowerNode }
  | { readonly ok: false; readonly why: string };

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
/** In this order: each needs those before it. */
const modules = [
  'virtio_ring',
  'virtio',
  'virtio_pci_modern_dev',
  'virtio_pci_legacy_dev',
  'virtio_pci',
  'virtio_blk',
  'virtio_console',
];
const programs = [
  '/usr/bin/mount',
  '/usr/bin/umount',
  '/usr/bin/mkdir',
  '/usr/bin/setpriv',
  '/usr/sbin/blockdev',
  '/usr/sbin/e2fsck',
  '/usr/sbin/tune2fs',
  '/usr/sbin/mkfs.ext4',
];

/** Everything is made once and kept in the cache folder; a changed program is another node. */
export async function makePowerNode(say: (line: string) => void): Promise<PowerNodeMade> {
  const missing = noQemu() ?? missingPrograms();
  if (missing !== undefined) return { ok: false, why: missing };
  const found = fetchKernel();
  if (!found.ok) return found;
  const { kernel } = found;
  const cache = labCache();
  const sights = await filmedOnce(join(cache, `sights-${filmS}s`), say);
  const program = await bundled();
  const guest = (name: string) => readFileSync(join(import.meta.dirname, 'guest', name));
  const key = createHash('sha256');
  for (const part of [
    program,
    guest('init.sh'),
    configText,
    kernel.version,
    process.version,
    sights,
    String(memoryMiB),
  ])
    key.update(part);
  const at = join(cache, `power-${key.digest('hex').slice(0, 12)}`);
  const card = await newCard();
  const node: PowerNode = {
    plan: { kernel: kernel.image, initramfs: join(at, 'initramfs'), memoryMiB, memoryPath: join(at, 'memory') },
    statePath: join(at, 'state'),
    card,
  };
  if (existsSync(node.statePath)) {
    useCached(at);
    return { ok: true, node };
  }
  say('the virtual node boots once, to be parked …');
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  const text = (path: string, bytes: Uint8Array | string, mode = 0o644): RootFile => ({
    path,
    bytes: Buffer.from(bytes),
    mode,
  });
  const files = [
    text('/init', guest('init.sh'), 0o755),
    text('/app/recorder-child.js', program),
    text('/app/package.json', '{ "type": "module" }'),
    text('/app/node.yaml', configText),
    text('/app/sights', sights),
    ...modules.map((name, index) => text(`/modules/${index}-${name}.ko`, readFileSync(kernel.module(name)))),
    ...programWithLibraries('/usr/bin/dash', '/bin/sh'),
    ...programWithLibraries('/usr/bin/kmod', '/usr/sbin/insmod'),
    ...programWithLibraries(process.execPath, '/usr/bin/node'),
    ...programs.flatMap((path) => programWithLibraries(path)),
  ];
  writeFileSync(
    node.plan.initramfs,
    packInitramfs(withoutDoubles(files), ['/proc', '/sys', '/dev', '/run', '/tmp', '/etc', '/data', '/identity']),
  );
  await park(node);
  return { ok: true, node };
}

function missingPrograms(): string | undefined {
  const absent = [...programs, '/usr/bin/dash', '/usr/bin/kmod'].filter((path) => !existsSync(path));
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`;
}

async function park({ plan, statePath, card }: PowerNode): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'park-'));
  const cardSocket = join(dir, 'card');
  const server = await serveNbd(openVirtualCard(card), cardSocket);
  try {
    const vm = await startVm({ ...plan, dir, card: { socket: cardSocket } });
    const isParked = () => vm.said.some((line) => line.includes('"parked"'));
    await until('the guest', () => isParked() || !vm.isRunning(), 120_000);
    if (!isParked()) throw new Error(`the guest ended: ${vm.lastWords()} ${consoleIn(dir)}`);
    // Only a whole state has its name.
    await vm.park(`${statePath}.new`);
    renameSync(`${statePath}.new`, statePath);
  } finally {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What the guest's programs said last; the kernel's own last words help nobody. */
export function consoleIn(dir: string): string {
  const text = existsSync(join(dir, 'console')) ? readFileSync(join(dir, 'console'), 'utf8') : '';
  return (text.split('Kernel panic')[0] ?? '').trim().slice(-1500);
}

async function bundled(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'guest/recorder-child.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
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

function fileSystem(path: string, bytes: number, more: readonly string[]): Buffer {
  writeFileSync(path, Buffer.alloc(bytes));
  const args = ['-q', '-F', '-t', 'ext4', '-m', '0', ...more, path];
  const made = spawnSync('/usr/sbin/mkfs.ext4', args, { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`mkfs.ext4: ${made.stderr}`);
  return readFileSync(path);
}
