// A partition of the card with ext4 on it: mounted, checked and made anew by Debian's own programs. Needs root.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { chown, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runShort, type ShortRun } from './short-child.ts';

export interface PartitionPlace {
  /** The block device. */
  readonly device: string;
  /** Where it is mounted. */
  readonly at: string;
  /** Who is to own the file system's root folder, a new one's or one that somebody made by hand; else whoever owns the folder above the place. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Few small files that must outlive everything: their contents go through the journal as well. */
  readonly journalsData?: boolean;
}

export type Tried = { readonly ok: true } | { readonly ok: false; readonly text: string };
/** A check of the file system: `mended` when it had something to do. */
export type Checked =
  | { readonly ok: true; readonly mended: boolean; readonly text: string }
  | { readonly ok: false; readonly text: string };

/** `backup`: from one of the copies of the superblock. Its 1,024 bytes are two sectors: a cut while it is written leaves it without a checksum that fits. */
export type CheckDepth = 'quick' | 'thorough' | 'backup';

/** One partition and its place. None of these throws. */
export interface Partition {
  isMounted(): Promise<boolean>;
  /** Whether a small file can be written, flushed and removed. */
  takesByte(): Promise<Tried>;
  mount(): Promise<Tried>;
  unmount(): Promise<Tried>;
  check(how: CheckDepth): Promise<Checked>;
  /** A new, empty file system. All that was on it is lost. */
  makeAnew(): Promise<Tried>;
}

/** Together less than two minutes: a pole must not stay dark because a check takes long. */
const msMax = { mount: 10_000, quick: 20_000, thorough: 30_000, make: 25_000 } as const;
/** Where mke2fs lays the first two copies, by the block size it chose: e2fsck(8), -b. */
const superblocks = [
  ['8193', '1024'],
  ['32768', '4096'],
  ['24577', '1024'],
  ['98304', '4096'],
] as const;
/** e2fsck(8): 1 corrected, 2 corrected and wants a reboot (only for a mounted root); from 4 on errors are left. */
const fsckFailedFrom = 4;
/** ext4 as it comes, save that no room is kept for root: nobody logs in to a full pole. */
const makeArgs = ['-q', '-F', '-t', 'ext4', '-m', '0'] as const;
/** What must be kept is flushed; the rest need not be a commit of its own every five seconds. */
const mountOptions = 'noatime,nodev,nosuid,noexec,errors=remount-ro,commit=60';

export function openPartition({ device, at, owner: given, journalsData = false }: PartitionPlace): Partition {
  const owner = () => given ?? ownerOf(dirname(at));
  const options = journalsData ? `${mountOptions},data=journal` : mountOptions;
  const fsck = async (timeoutMs: number, ...args: readonly string[]) =>
    checked(await runShort('e2fsck', [...args, device], { timeoutMs }));
  const thoroughly = async (...args: readonly string[]): Promise<Checked> => {
    const found = await fsck(msMax.thorough, '-fy', ...args);
    // A journal that could not be saved is taken away, and without one nothing can be mounted as ours is. Where there is one this does nothing.
    if (found.ok) await runShort('tune2fs', ['-j', device], { timeoutMs: msMax.mount });
    return found;
  };
  return {
    isMounted: () => Promise.resolve(mountedOn(device).includes(at)),
    takesByte: async () => {
      const path = join(at, '.takes-a-byte');
      try {
        const handle = await open(path, 'w');
        try {
          await handle.write('1');
          await handle.sync();
        } finally {
          await handle.close();
        }
        await unlink(path);
        return { ok: true };
      } catch (error) {
        return { ok: false, text: String(error) };
      }
    },
    mount: async () => {
      mkdirSync(at, { recursive: true });
      const run = await runShort('mount', ['-t', 'ext4', '-o', options, device, at], { timeoutMs: msMax.mount });
      if (run.ok) await giveAway(at, owner());
      return tried(run);
    },
    unmount: async () => tried(await runShort('umount', [at], { timeoutMs: msMax.mount })),
    check: async (how) => {
      if (how === 'quick') return await fsck(msMax.quick, '-p');
      if (how === 'thorough') return await thoroughly();
      let tried: Checked = { ok: false, text: 'no copy of the superblock' };
      for (const [block, size] of superblocks) {
        tried = await thoroughly('-b', block, '-B', size);
        if (tried.ok) break;
      }
      return tried;
    },
    makeAnew: async () => {
      const { uid, gid } = owner();
      const args = [...makeArgs, '-L', 'matlang-data', '-E', `root_owner=${uid}:${gid}`, device];
      return tried(await runShort('mkfs.ext4', args, { timeoutMs: msMax.make }));
    },
  };
}

/** Why this device must never be made anew; undefined where it may. */
export function mustNotBeMade(device: string, ...keepers: readonly string[]): string | undefined {
  const found = statSync(device, { throwIfNoEntry: false });
  if (found === undefined) return `there is no ${device}`;
  if (!found.isBlockDevice()) return `${device} must be a block device`;
  for (const keeper of keepers)
    if (statSync(keeper, { throwIfNoEntry: false })?.dev === found.rdev) return `${device} holds ${keeper}`;
  return undefined;
}

function mountedOn(device: string): string[] {
  const rdev = statSync(device, { throwIfNoEntry: false })?.rdev;
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  // "36 35 98:0 /root /where options …": the third is major:minor, the fifth the place.
  return lines.flatMap((line) => {
    const [, , numbers = '', , place = ''] = line.split(' ');
    const [major, minor] = numbers.split(':').map(Number);
    return rdev !== undefined && deviceNumber(major ?? 0, minor ?? 0) === rdev ? [place] : [];
  });
}

/** As makedev(3) of glibc packs it, for numbers below 2^12 and 2^20. */
const deviceNumber = (major: number, minor: number): number => (minor & 0xff) + major * 256 + (minor >> 8) * 2 ** 20;

/** mkfs.ext4, said by hand, makes it root's. Where it cannot be given away, nothing can be written either: that is told by whoever tries. */
async function giveAway(at: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  const now = ownerOf(at);
  if (now.uid !== uid || now.gid !== gid) await chown(at, uid, gid).catch(() => undefined);
}

function ownerOf(folder: string): { uid: number; gid: number } {
  const { uid, gid } = statSync(folder, { throwIfNoEntry: false }) ?? { uid: 0, gid: 0 };
  return { uid, gid };
}

const tried = (run: ShortRun): Tried => (run.ok ? { ok: true } : { ok: false, text: words(run) });

function checked(run: ShortRun): Checked {
  if (run.ok) return { ok: true, mended: false, text: '' };
  const code = run.why === 'exit' ? (run.exitCode ?? fsckFailedFrom) : fsckFailedFrom;
  return code < fsckFailedFrom ? { ok: true, mended: true, text: words(run) } : { ok: false, text: words(run) };
}

const words = ({ ok, text, ...run }: ShortRun): string => {
  const how = ok || !('why' in run) ? '' : `${run.why} ${run.exitCode ?? ''}`.trim();
  return `${how}${text === '' ? '' : ` ${text}`}`.replaceAll('\n', ' ').slice(-300);
};
