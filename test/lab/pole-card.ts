// The card of a virtual node, laid out by Debian's genimage as a card is: a boot partition that any office computer can read, the system, and where the stock has them
// partitions of their own for footage and keys.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './must.ts';
import { debianRoot, type Stock, stockImage } from './pole-image.ts';
import { kernelOf } from './unpacked-kernel.ts';

export interface PoleCard {
  readonly kernel: string;
  readonly initramfs: string;
  /** Its system is the second partition. */
  readonly image: string;
  /** Its boot partition, FAT, as mtools name it. */
  readonly boot: string;
}

/** Where partitions begin; the boot partition is the first. */
const alignment = '1M';
const bootSize = '256M';
/** What `matlang-card.service` looks after. The first start finds them by their labels. */
const own = [
  { name: 'data', label: 'matlang-data', size: '512M' },
  { name: 'identity', label: 'matlang-id', size: '64M' },
];

/**
 * A card as it is after its image was written, and `bootFolder` on its boot partition. `copy` lays files into its root for later steps:
 * absolute path of the guest, file here. Their folders are made.
 */
export function makePoleCard(
  dir: string,
  stock: Stock,
  bootFolder: string,
  copy: ReadonlyMap<string, string>,
): PoleCard {
  const base = debianRoot(stock);
  const root = join(dir, 'root.img');
  must('cp', ['--sparse=always', '--reflink=auto', stockImage(base), root]);
  layInto(root, dir, copy);
  const layout = join(dir, 'genimage.cfg');
  writeFileSync(layout, layoutOf(stock.hasOwnPartitions ? own : []));
  // Its folders must be there, and its work folder empty.
  const work = join(dir, 'genimage');
  mkdirSync(work);
  must('genimage', [
    ...['--config', layout, '--rootpath', bootFolder, '--tmppath', join(work, 'tmp')],
    ...['--inputpath', dir, '--outputpath', work],
  ]);
  const image = join(dir, 'card.img');
  must('mv', [join(work, 'card.img'), image]);
  for (const path of [work, root]) rmSync(path, { recursive: true });
  return { boot: `${image}@@${alignment}`, image, ...kernelOf(base, dir) };
}

const layoutOf = (more: typeof own): string => `image boot.vfat {
  vfat { label = "bootfs" }
  size = ${bootSize}
}
${more.map(({ name, label, size }) => `image ${name}.ext4 {\n  ext4 { label = "${label}" use-mke2fs = true }\n  empty = true\n  size = ${size}\n}`).join('\n')}
image card.img {
  hdimage { align = ${alignment} disk-signature = 0x6d61746c }
  partition boot { partition-type = 0xc image = "boot.vfat" offset = ${alignment} }
  partition root { partition-type = 0x83 image = "root.img" }
${more.map(({ name }) => `  partition ${name} { partition-type = 0x83 image = "${name}.ext4" }`).join('\n')}
}
`;

function layInto(image: string, dir: string, copy: ReadonlyMap<string, string>): void {
  const folders = new Set([...copy.keys()].flatMap((path) => foldersAbove(path)));
  const commands = [
    ...[...folders].sort().map((folder) => `mkdir ${folder}`),
    ...[...copy].map(([path, from]) => `write ${from} ${path}`),
  ];
  const script = join(dir, 'debugfs');
  writeFileSync(script, `${commands.join('\n')}\n`);
  must('debugfs', ['-w', '-f', script, image]);
}

/** Those that Debian's root has already are no matter: debugfs says so and goes on. */
const foldersAbove = (path: string): string[] => {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, depth) => `/${parts.slice(0, depth + 1).join('/')}`);
};
