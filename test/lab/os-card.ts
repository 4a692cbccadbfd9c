// A card with two systems, laid out by the guide's own words for sfdisk, and the Raspberry Pi's firmware played on this machine: what it would start is read off the card at each start.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedCmdline, startedPartition } from '../support/pi-firmware.ts';
import { fatImage } from '../support/two-systems.ts';
import { must } from './must.ts';
import { checkout } from './pole-packages.ts';

export type Slot = 'A' | 'B';

/** The guide's card takes 32 GB. */
const smaller: readonly (readonly [string, string])[] = [
  ['6GiB', '2200MiB'],
  ['512MiB', '200MiB'],
];
const cardMiB = 5600;
const mib = 1 << 20;
/** As the guide has it written. */
const autoboot = '[all]\ntryboot_a_b=1\nboot_partition=2\n';

export interface OsCard {
  readonly image: string;
  /** A partition's bytes. */
  place(partition: number): { readonly from: number; readonly bytes: number };
  /** SHA-256 of all of a partition. */
  hash(partition: number): string;
  /** A file of a FAT partition, as mtools read it; undefined where there is none. */
  text(partition: number, name: string): string | undefined;
  /** What the firmware starts now, and with which words for the kernel. */
  firmware(isTryboot: boolean): { readonly slot: Slot; readonly cmdline: string };
}

export interface CardParts {
  /** What lies on A's boot partition. */
  readonly bootFolder: string;
  /** A's ext4 image. */
  readonly root: string;
}

/** A holds a system, B nothing. */
export function makeOsCard(dir: string, { bootFolder, root }: CardParts): OsCard {
  const image = join(dir, 'card.img');
  must('truncate', ['-s', `${cardMiB}M`, image]);
  const layout = join(dir, 'layout');
  writeFileSync(layout, guideLayout());
  must('sh', ['-c', `sfdisk --quiet '${image}' <'${layout}'`]);
  const places = placesOf(image);
  const place = (partition: number) => {
    const found = places.get(partition);
    if (found === undefined) throw new Error(`the guide's card has no partition ${partition}`);
    return found;
  };
  const write = (partition: number, from: string) => {
    const to = [`of=${image}`, `seek=${place(partition).from / mib}`];
    must('dd', [`if=${from}`, ...to, 'bs=1M', 'conv=notrunc,sparse', 'status=none']);
  };
  const empty = (label: string, partition: number) => {
    const made = join(dir, `${label}.ext4`);
    must('mke2fs', ['-q', '-t', 'ext4', '-m', '0', '-L', label, made, `${place(partition).bytes / 1024}k`]);
    return made;
  };
  write(1, fatImage(dir, 'select', place(1).bytes / mib, { 'autoboot.txt': autoboot, 'config.txt': '' }));
  const boot = join(dir, 'boot-a.vfat');
  must('mkfs.vfat', ['-C', '-n', 'bootfs', boot, String(place(2).bytes / 1024)]);
  must('mcopy', ['-s', '-i', boot, ...readdirSync(bootFolder).map((name) => join(bootFolder, name)), '::']);
  write(2, boot);
  write(5, root);
  write(7, empty('matlang-id', 7));
  write(8, empty('matlang-data', 8));

  const text = (partition: number, name: string) => {
    const { status, stdout } = spawnSync('mtype', ['-i', `${image}@@${place(partition).from}`, `::${name}`], {
      encoding: 'utf8',
    });
    return status === 0 ? stdout : undefined;
  };
  return {
    ...{ image, place, text },
    hash: (partition) => {
      const { from, bytes } = place(partition);
      const read = `dd if='${image}' bs=1M skip=${from / mib} count=${bytes / mib} status=none | sha256sum`;
      return spawnSync('sh', ['-c', read], { encoding: 'utf8' }).stdout;
    },
    firmware: (isTryboot) => {
      const partition = startedPartition(text(1, 'autoboot.txt'), isTryboot);
      const slot = ({ 2: 'A', 3: 'B' } as const)[partition];
      if (slot === undefined) throw new Error(`the firmware would start partition ${partition}`);
      const file = namedCmdline(text(partition, 'config.txt') ?? '', partition);
      const cmdline = text(partition, file);
      if (cmdline === undefined) throw new Error(`partition ${partition} has no ${file}`);
      return { slot, cmdline: cmdline.trim() };
    },
  };
}

function guideLayout(): string {
  const guide = readFileSync(join(checkout, 'docs/guide/hai-he-dieu-hanh.md'), 'utf8');
  const words = /<<'HET'\n([\s\S]*?)^HET$/m.exec(guide)?.[1];
  if (words === undefined) throw new Error('the guide has no words for sfdisk');
  return smaller.reduce((text, [from, to]) => text.replaceAll(from, to), words);
}

function placesOf(image: string): Map<number, { readonly from: number; readonly bytes: number }> {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { stdout } = spawnSync('sfdisk', ['--json', image], { encoding: 'utf8', env });
  const { partitiontable }: { partitiontable: { partitions: { node: string; start: number; size: number }[] } } =
    JSON.parse(stdout);
  return new Map(
    partitiontable.partitions.map(({ node, start, size }) => [
      Number(node.slice(image.length)),
      { from: start * 512, bytes: size * 512 },
    ]),
  );
}
