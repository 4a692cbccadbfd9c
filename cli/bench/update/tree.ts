// What lies on a card, as a plain list of names, and how it is put into a folder and read back from one.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export type TreeEntry =
  | { readonly is: 'folder' }
  | { readonly is: 'file'; readonly bytes: Uint8Array; readonly executable: boolean }
  | { readonly is: 'link'; readonly target: string };
/** Paths without a leading slash; parents before what is in them. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** `folder` is made. */
export function putTree(tree: Tree, folder: string): void {
  mkdirSync(folder);
  for (const [path, entry] of tree) {
    const full = join(folder, path);
    if (entry.is === 'folder') mkdirSync(full);
    else if (entry.is === 'link') symlinkSync(entry.target, full);
    else {
      writeFileSync(full, entry.bytes);
      if (entry.executable) chmodSync(full, 0o755);
    }
  }
}

export function readTree(folder: string): Tree {
  const tree = new Map<string, TreeEntry>();
  const into = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      const full = join(folder, below);
      if (entry.isDirectory()) {
        tree.set(below, { is: 'folder' });
        into(below);
      } else if (entry.isSymbolicLink()) tree.set(below, { is: 'link', target: readlinkSync(full) });
      else tree.set(below, { is: 'file', bytes: readFileSync(full), executable: (statSync(full).mode & 0o100) !== 0 });
    }
  };
  into('');
  return tree;
}
