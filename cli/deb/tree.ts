// A package's files as they will lie on the machine, below a folder that stands for its root.
import { chmod, copyFile, cp, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Modes and times are set in one place, so that the same sources give the same bytes whoever builds. */
export async function settle(root: string, madeS: number, programs: (path: string) => boolean): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    await chmod(full, entry.isDirectory() || programs(relative(root, full)) ? 0o755 : 0o644);
    await utimes(full, madeS, madeS);
  }
  await chmod(root, 0o755);
  await utimes(root, madeS, madeS);
}

export async function putFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

export async function putText(text: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, text);
}

export async function putFolder(
  from: string,
  to: string,
  wanted: (path: string) => boolean = () => true,
): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true, filter: (path) => wanted(relative(from, path)) });
}

/** Compressed without a name or a time inside. */
export async function putGzipped(text: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, gzipSync(text, { level: 9 }));
}

/** In KiB, as `Installed-Size` wants it. */
export async function installedKib(root: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return Math.ceil(bytes / 1024);
}
