// A virtual node of the labs that cut the power: a kernel, one program in a root file system in memory, a card; booted once and parked as soon as the program has loaded,
// so that each life goes on from there at once.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { until } from '../support/until.ts';
import { type Kernel, labCache, useCached } from './debian.ts';
import { packInitramfs, programWithLibraries, type RootFile, withoutDoubles } from './initramfs.ts';
import { serveNbd } from './nbd.ts';
import { openVirtualCard } from './virtual-card.ts';
import { startVm, type VmPlan } from './vm.ts';

export interface ParkedNode {
  /** All of a machine's plan but what is its own. */
  readonly plan: Omit<VmPlan, 'dir' | 'card'>;
  readonly statePath: string;
  /** A new card. */
  readonly card: Buffer;
}

export type ParkedNodeMade =
  | { readonly ok: true; readonly node: ParkedNode }
  | { readonly ok: false; readonly why: string };

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

export interface NodePlan {
  /** Of its folder in the cache. */
  readonly name: string;
  /** The program, `guest/CHILD.ts`. */
  readonly child: string;
  readonly memoryMiB: number;
  /** Beside the program. */
  readonly files: readonly RootFile[];
  readonly folders: readonly string[];
}

/** Made once and kept in the cache folder; a changed program is another node. */
export async function parkedNode(
  { name, child, memoryMiB, files, folders }: NodePlan,
  kernel: Kernel,
  card: Buffer,
  say: (line: string) => void,
): Promise<ParkedNode> {
  const program = await bundled(child);
  const init = Buffer.from(readFileSync(join(import.meta.dirname, 'guest/init.sh'), 'utf8').replace('CHILD', child));
  const key = createHash('sha256');
  for (const part of [program, init, kernel.version, process.version, String(memoryMiB)]) key.update(part);
  for (const { path, bytes } of files) key.update(path).update(bytes);
  const at = join(labCache(), `${name}-${key.digest('hex').slice(0, 12)}`);
  const plan = { kernel: kernel.image, initramfs: join(at, 'initramfs'), memoryMiB, memoryPath: join(at, 'memory') };
  const node: ParkedNode = { plan, statePath: join(at, 'state'), card };
  if (existsSync(node.statePath)) {
    useCached(at);
    return node;
  }
  say('the virtual node boots once, to be parked …');
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  const all: RootFile[] = [
    { path: '/init', bytes: init, mode: 0o755 },
    { path: `/app/${child}.js`, bytes: program, mode: 0o644 },
    { path: '/app/package.json', bytes: Buffer.from('{ "type": "module" }'), mode: 0o644 },
    ...files,
    ...modules.map((each, index) => ({
      path: `/modules/${index}-${each}.ko`,
      bytes: readFileSync(kernel.module(each)),
      mode: 0o644,
    })),
    ...programWithLibraries('/usr/bin/dash', '/bin/sh'),
    ...programWithLibraries('/usr/bin/kmod', '/usr/sbin/insmod'),
    ...programWithLibraries(process.execPath, '/usr/bin/node'),
    ...programs.flatMap((path) => programWithLibraries(path)),
  ];
  writeFileSync(
    plan.initramfs,
    packInitramfs(withoutDoubles(all), ['/proc', '/sys', '/dev', '/run', '/tmp', '/etc', ...folders]),
  );
  await park(node);
  return node;
}

/** Of this machine: they are packed for the guest. */
export function missingPrograms(): string | undefined {
  const absent = [...programs, '/usr/bin/dash', '/usr/bin/kmod'].filter((path) => !existsSync(path));
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`;
}

async function park({ plan, statePath, card }: ParkedNode): Promise<void> {
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

/** A program of `guest/` as one file for Node. */
export async function bundled(child: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `guest/${child}.ts`)],
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

export function fileSystem(path: string, bytes: number, more: readonly string[]): Buffer {
  writeFileSync(path, Buffer.alloc(bytes));
  const args = ['-q', '-F', '-t', 'ext4', '-m', '0', ...more, path];
  const made = spawnSync('/usr/sbin/mkfs.ext4', args, { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`mkfs.ext4: ${made.stderr}`);
  return readFileSync(path);
}
