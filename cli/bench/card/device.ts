// A card to count on: ext4 on a loop device, its bytes and flushes as the kernel counts them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface DeviceCounts {
  readonly writtenBytes: number;
  readonly flushes: number;
}

export interface CountedCard {
  /** Where it is mounted. */
  readonly at: string;
  /** What the device was given so far. All that waits in memory is written first. */
  counts(): DeviceCounts;
  remove(): void;
}

const sectorBytes = 512;

/** Throws, saying what is missing: loop devices need root. */
export function openCountedCard(mebibytes: number): CountedCard {
  const dir = mkdtempSync(join(tmpdir(), 'card-'));
  const [image, at] = [join(dir, 'image'), join(dir, 'at')];
  mkdirSync(at);
  writeFileSync(image, '');
  truncateSync(image, mebibytes * 1024 * 1024);
  // All tables at once: else the kernel goes on writing them while we count.
  run('mkfs.ext4', '-q', '-F', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
  const device = run('losetup', '-f', '--show', image).trim();
  const remove = () => {
    spawnSync('umount', [at]);
    spawnSync('losetup', ['-d', device]);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    // The kernel's own commits would come by real time: whoever winds the clock makes them.
    run('mount', '-o', 'noatime,commit=300', device, at);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    at,
    remove,
    counts: () => {
      run('sync', '-f', at);
      return readCounts(basename(device));
    },
  };
}

/** Fields of /proc/diskstats: after the name, the 7th is sectors written, the 16th flush requests done (Documentation/admin-guide/iostats.rst of Linux). */
function readCounts(device: string): DeviceCounts {
  const line = readFileSync('/proc/diskstats', 'utf8')
    .split('\n')
    .find((each) => each.includes(` ${device} `));
  const fields = line?.trim().split(/\s+/).slice(3).map(Number) ?? [];
  return { writtenBytes: (fields[6] ?? Number.NaN) * sectorBytes, flushes: fields[15] ?? Number.NaN };
}

function run(program: string, ...args: readonly string[]): string {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
  if (status === 0) return stdout;
  throw new Error(`${program}: ${error?.message ?? stderr.trim()} (a loop device needs root)`);
}
