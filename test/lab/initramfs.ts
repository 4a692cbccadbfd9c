// A root file system in memory, as the kernel unpacks it: a cpio archive ("newc", Documentation/driver-api/early-userspace/buffer-format.rst of Linux).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface RootFile {
  /** Absolute, in the guest. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** Folders above the files are made as needed; `folders` are further empty ones. */
export function packInitramfs(files: readonly RootFile[], folders: readonly string[]): Buffer {
  const above = new Set<string>();
  const addFolder = (path: string) => {
    if (path === '/' || above.has(path)) return;
    addFolder(dirname(path));
    above.add(path);
  };
  for (const folder of folders) addFolder(folder);
  for (const { path } of files) addFolder(dirname(path));
  const entries = [
    ...[...above].map((path) => entry(path.slice(1), 0o040755, new Uint8Array())),
    ...files.map(({ path, bytes, mode }) => entry(path.slice(1), 0o100000 | mode, bytes)),
    entry('TRAILER!!!', 0, new Uint8Array()),
  ];
  return Buffer.concat(entries);
}

function entry(name: string, mode: number, bytes: Uint8Array): Buffer {
  const field = (value: number) => value.toString(16).padStart(8, '0');
  const links = (mode & 0o170000) === 0o040000 ? 2 : 1;
  // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
  const fields = [0, mode, 0, 0, links, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0].map(field).join('');
  return Buffer.concat([padded(Buffer.from(`070701${fields}${name}\0`)), padded(bytes)]);
}

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

/** A program of this machine and the libraries it is linked with, each at its own path. */
export function programWithLibraries(path: string, at = path): RootFile[] {
  const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
  const read = (from: string, to: string) => ({ path: to, bytes: readFileSync(from), mode: 0o755 });
  return [read(path, at), ...libraries.map((library) => read(library, library))];
}

/** The same file from several programs is packed once. */
export function withoutDoubles(files: readonly RootFile[]): RootFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
