// The card's ways to fail, on a real file system: mounts where we may (root), permissions where we may not.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const isRoot = process.getuid?.() === 0;

/** Why there can be no mounts here; undefined where there can. */
export const noMounts: string | undefined = (() => {
  if (!isRoot) return 'needs root to mount a small file system';
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', randomUUID(), folder]);
  if (mounted.status === 0) spawnSync('umount', [folder]);
  rmdirSync(folder);
  return mounted.status === 0 ? undefined : `may not mount: ${mounted.stderr}`;
})();

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/** A card of this size in place of the folder; returns what takes it out again. */
export function smallCard(folder: string, mebibytes: number): () => void {
  mkdirSync(folder, { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'card', folder);
  return () => run('umount', '--lazy', folder);
}

/** Makes a folder unwritable as ext4 does after an error, open files going on; returns what mends it. Its `pins` stay: they are no part of a card. */
export function makeReadOnly(folder: string): () => void {
  const pins = join(folder, 'pins');
  mkdirSync(pins, { recursive: true });
  if (noMounts === undefined) {
    // The very folder, so that who watches it goes on watching it.
    const aside = mkdtempSync(join(tmpdir(), 'pins-'));
    run('mount', '--bind', pins, aside);
    // A second mount over the first: the first one's open files do not hinder it.
    run('mount', '--bind', folder, folder);
    run('mount', '-o', 'remount,bind,ro', folder);
    run('mount', '--bind', aside, pins);
    return () => {
      // Lazily: whoever has just opened a file there goes on with it.
      for (const place of [pins, folder, aside]) run('umount', '--lazy', place);
      rmdirSync(aside);
    };
  }
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
  const below = entries.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => path !== pins);
  const changed = [folder, ...below].map((path) => ({ path, mode: statSync(path).mode }));
  for (const { path } of changed.toReversed()) chmodSync(path, 0o555);
  return () => {
    for (const { path, mode } of changed) chmodSync(path, mode);
  };
}
