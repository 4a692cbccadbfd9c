// The board's vitals behind the `Board` port: /proc and /sys only, no process, a dozen small reads.
import { readdir, readFile, realpath, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Board, Vitals } from './ports.ts';

/** `dataDir` is the folder whose card is watched; `root` is where /proc and /sys hang (another folder in tests). */
export function openBoard(place: { readonly dataDir: string; readonly root?: string }): Board {
  const root = place.root ?? '/';
  return {
    vitals: async () => {
      const [temperatureC, throttled, memory, load, uptime, card] = await Promise.all([
        temperature(root),
        throttledBits(root),
        memoryBytes(root),
        words(root, 'proc/loadavg'),
        words(root, 'proc/uptime'),
        cardOf(place.dataDir, root),
      ]);
      return {
        temperatureC,
        throttled,
        memory,
        load1: number(load[0]) ?? 0,
        load15: number(load[2]) ?? 0,
        uptimeS: number(uptime[0]) ?? 0,
        card,
      };
    },
  };
}

/** Degrees of the processor's zone, else of the first zone; the kernel writes thousandths. */
async function temperature(root: string): Promise<number | null> {
  const zones = (await names(root, 'sys/class/thermal')).filter((name) => name.startsWith('thermal_zone'));
  const typed = await Promise.all(
    zones.map(async (zone) => ({ zone, type: await line(root, `sys/class/thermal/${zone}/type`) })),
  );
  const chosen = typed.find(({ type }) => type?.includes('cpu') === true) ?? typed[0];
  if (chosen === undefined) return null;
  const milli = number(await line(root, `sys/class/thermal/${chosen.zone}/temp`));
  return milli === undefined ? null : milli / 1000;
}

/** The Pi firmware's word, hexadecimal, with or without 0x. */
async function throttledBits(root: string): Promise<number | null> {
  const text = await line(root, 'sys/devices/platform/soc/soc:firmware/get_throttled');
  const bits = text === undefined || !/^(0x)?[0-9a-f]+$/i.test(text) ? Number.NaN : Number.parseInt(text, 16);
  return Number.isNaN(bits) ? null : bits;
}

async function memoryBytes(root: string): Promise<Vitals['memory']> {
  const text = (await whole(root, 'proc/meminfo')) ?? '';
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { totalBytes: kib('MemTotal') * 1024, availableBytes: kib('MemAvailable') * 1024 };
}

async function cardOf(dataDir: string, root: string): Promise<Vitals['card']> {
  const space = await unlessAbsent(statfs(dataDir));
  if (space === undefined) return null;
  const mount = mountOf(await realpath(dataDir), (await whole(root, 'proc/self/mountinfo')) ?? '');
  return {
    freeBytes: space.bavail * space.bsize,
    totalBytes: space.blocks * space.bsize,
    readOnly: mount?.readOnly ?? false,
    writtenBytes: mount === undefined ? null : await writtenBytes(root, mount.device),
    errors: mount === undefined ? null : await ext4Errors(root, mount.device),
  };
}

/** The mount a path lies in: the last one listed of those with the longest mount point. Format: proc_pid_mountinfo(5). */
export function mountOf(path: string, mountinfo: string): { device: string; readOnly: boolean } | undefined {
  let best: { point: string; device: string; readOnly: boolean } | undefined;
  for (const text of mountinfo.split('\n')) {
    const [before = '', after = ''] = text.split(' - ');
    const [, , device = '', , coded = '', options = ''] = before.split(' ');
    const point = coded.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    const inside = point === '/' ? path.startsWith('/') : path === point || path.startsWith(`${point}/`);
    if (point === '' || !inside || (best !== undefined && point.length < best.point.length)) continue;
    const superOptions = after.split(' ')[2] ?? '';
    // ext4 after an error: `ro` on older kernels, `emergency_ro` from 6.15 on, and nothing at all in between: then a write tells.
    const readOnly = [...options.split(','), ...superOptions.split(',')].some((word) => /^(emergency_)?ro$/.test(word));
    best = { point, device, readOnly };
  }
  return best;
}

/** Of the whole card, not of the partition: field 7 of the block layer's `stat` counts sectors of 512 bytes (Documentation/block/stat.rst). */
async function writtenBytes(root: string, device: string): Promise<number | null> {
  const found = await unlessAbsent(realpath(join(root, 'sys/dev/block', device)));
  if (found === undefined) return null;
  const isPartition = (await whole('/', join(found, 'partition'))) !== undefined;
  const sectors = number((await words('/', join(isPartition ? dirname(found) : found, 'stat')))[6]);
  return sectors === undefined ? null : sectors * 512;
}

/** Of the partition's file system (Documentation/filesystems/ext4: errors_count); null for other kinds. */
async function ext4Errors(root: string, device: string): Promise<number | null> {
  const found = await unlessAbsent(realpath(join(root, 'sys/dev/block', device)));
  if (found === undefined) return null;
  return number(await line(root, join('sys/fs/ext4', basename(found), 'errors_count'))) ?? null;
}

const number = (text: string | undefined): number | undefined => {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};
const line = async (root: string, path: string) => (await whole(root, path))?.trim();
const words = async (root: string, path: string) => ((await line(root, path)) ?? '').split(/\s+/);
const whole = (root: string, path: string) => unlessAbsent(readFile(join(root, path), 'utf8'));
const names = async (root: string, path: string) => (await unlessAbsent(readdir(join(root, path)))) ?? [];

/** A board that does not tell is no fault: absent files, and those the firmware or the driver will not read out just now. */
async function unlessAbsent<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
