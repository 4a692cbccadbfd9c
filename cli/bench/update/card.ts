// A card that an update is made on for real, in a folder in memory, while a model beside it keeps what a power cut may leave: file bytes that were not flushed, and
// entries of folders that were not flushed since. The laws are those of hal/sim-disk/image.ts; here a folder is a thing of its own, since releases are renamed whole.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { keptChanges, torn } from '../../../hal/sim-disk/image.ts';
import type { Random } from '../../../hal/sim-disk/random.ts';
import type { Shelf } from '../../../ota/shelf.ts';
import { readTree, type Tree, type TreeEntry } from './tree.ts';

/** `torn`: the step was under way: its bytes were written and not flushed, or some of what it removes is gone. */
export type CutMode = 'before' | 'torn' | 'after';
export interface Cut {
  /** Counted from 1; beyond the last step nothing is cut. */
  readonly step: number;
  readonly mode: CutMode;
}

export class PowerCut extends Error {}

export interface Card {
  readonly shelf: Shelf;
  /** Durable steps begun so far, each as it would be named: `rename state.json`. */
  readonly steps: readonly string[];
  /** The power has gone: whatever the program does from here on happened to nobody. */
  isCut(): boolean;
  /** What a start after the cut may find. */
  left(random: Random): Tree;
}

type Node =
  | { readonly is: 'file'; now: Uint8Array; safe: Uint8Array; readonly executable: boolean }
  | { readonly is: 'link'; readonly target: string }
  | { readonly is: 'folder'; readonly names: Map<string, Node>; readonly safe: Map<string, Node> };
type Folder = Extract<Node, { is: 'folder' }>;
interface Change {
  readonly folder: Folder;
  readonly name: string;
  readonly node: Node | undefined;
  readonly after: Change | undefined;
}

const nothing = new Uint8Array();

/** True for a step, by its name, whose flush is left out: what notices none of those proves nothing. */
export type Forgets = (step: string) => boolean;

/** `folder` holds the card's files, all of them flushed. `real` is what works there. */
export function openCard(real: Shelf, folder: string, cut: Cut, forgets: Forgets = () => false): Card {
  const root = grow(readTree(folder));
  const at = { pending: [] as Change[], isCut: false };
  const steps: string[] = [];

  const partsOf = (path: string) =>
    relative(folder, path)
      .split('/')
      .filter((part) => part !== '');
  const find = (path: string): Node | undefined => {
    let found: Node | undefined = root;
    for (const part of partsOf(path)) found = found?.is === 'folder' ? found.names.get(part) : undefined;
    return found;
  };
  const folderOf = (path: string): Folder => {
    const found = find(path);
    if (found?.is !== 'folder') throw new Error(`no folder ${path}`);
    return found;
  };
  const set = (path: string, node: Node | undefined, after?: Change): Change => {
    const above = folderOf(dirname(path));
    if (node === undefined) above.names.delete(basename(path));
    else above.names.set(basename(path), node);
    const change: Change = { folder: above, name: basename(path), node, after };
    at.pending.push(change);
    return change;
  };
  const flush = (above: Folder) => {
    const due = new Set(at.pending.filter((change) => change.folder === above));
    for (const change of [...due]) if (change.after !== undefined) due.add(change.after);
    // What came before for the same name is overtaken.
    const last = new Map<Folder, Map<string, number>>();
    for (const [index, change] of at.pending.entries())
      if (due.has(change)) last.set(change.folder, (last.get(change.folder) ?? new Map()).set(change.name, index));
    for (const change of at.pending) if (due.has(change)) keep(change);
    at.pending = at.pending.filter(({ folder: of, name }, index) => index > (last.get(of)?.get(name) ?? -1));
  };
  const removeBelow = (path: string, node: Node): void => {
    if (node.is === 'folder') for (const [name, below] of [...node.names]) removeBelow(`${path}/${name}`, below);
    set(path, undefined);
  };

  /** Does the step for real and in the model; `flushed`: the part of it that makes it last. */
  const step = <T>(what: string, path: string, work: () => T, model: (done: T) => void, flushed?: () => void): T => {
    const name = `${what} ${relative(folder, path)}`;
    if (at.isCut) throw new PowerCut(`${name} after the cut`);
    if (find(dirname(path))?.is !== 'folder') adopt();
    steps.push(name);
    const mode = steps.length === cut.step ? cut.mode : undefined;
    const gone = () => {
      at.isCut = true;
      throw new PowerCut(`${mode} ${name}`);
    };
    if (mode === 'before') gone();
    const done = work();
    model(done);
    if (mode === 'torn') gone();
    if (!forgets(name)) flushed?.();
    if (mode === 'after') gone();
    return done;
  };
  const put = (path: string) => {
    const executable = (statSync(path).mode & 0o100) !== 0;
    const node: Node = { is: 'file', now: readFileSync(path), safe: nothing, executable };
    set(path, node);
    return node;
  };
  const flushFile = (path: string) => {
    const node = find(path);
    if (node?.is === 'file') node.safe = node.now;
  };

  const shelf: Shelf = {
    makeFolder: (path) =>
      step(
        'make',
        path,
        () => real.makeFolder(path),
        () => set(path, newFolder()),
      ),
    writeNew: (path, text) =>
      step(
        'write',
        path,
        () => real.writeNew(path, text),
        () => put(path),
        () => flushFile(path),
      ),
    copyNew: (from, to, rules) =>
      step(
        'copy',
        to,
        () => real.copyNew(from, to, rules),
        (copied) => copied !== undefined && put(to),
        () => flushFile(to),
      ),
    link: (target, path) =>
      step(
        'link',
        path,
        () => real.link(target, path),
        () => set(path, { is: 'link', target }),
      ),
    sameFile: (existing, path) =>
      step(
        'name',
        path,
        () => real.sameFile(existing, path),
        () => set(path, find(existing)),
      ),
    syncFile: (path) =>
      step(
        'flush',
        path,
        () => real.syncFile(path),
        () => undefined,
        () => flushFile(path),
      ),
    rename: (from, to) =>
      step(
        'rename',
        to,
        () => real.rename(from, to),
        () => {
          const made = set(to, find(from));
          set(from, undefined, made);
        },
      ),
    syncFolder: (path) =>
      step(
        'sync',
        path,
        () => real.syncFolder(path),
        () => undefined,
        () => flush(folderOf(path)),
      ),
    remove: (path) => {
      const node = find(path);
      step(
        'remove',
        path,
        () => real.remove(path),
        () => node !== undefined && removeBelow(path, node),
      );
    },
  };

  /** What the program wrote and removed past the shelf (a download, which verifies all it finds) is on the card, and not flushed. */
  const adopt = () => {
    const found = readTree(folder);
    for (const [path, entry] of found) {
      const full = `${folder}/${path}`;
      const known = find(full);
      if (known === undefined) {
        if (entry.is === 'folder') set(full, newFolder());
        else set(full, leaf(entry, false));
      } else if (known.is === 'file' && entry.is === 'file' && !Buffer.from(known.now).equals(entry.bytes))
        known.now = entry.bytes;
    }
    const lost = (path: string, { names }: Folder): void => {
      for (const [name, node] of [...names]) {
        const below = path === '' ? name : `${path}/${name}`;
        if (!found.has(below)) removeBelow(`${folder}/${below}`, node);
        else if (node.is === 'folder') lost(below, node);
      }
    };
    lost('', root);
  };

  return {
    shelf,
    steps,
    isCut: () => at.isCut,
    left: (random) => {
      adopt();
      for (const change of keptChanges(at.pending, random)) keep(change);
      const tree = new Map<string, TreeEntry>();
      const bytes = new Map<Node, Uint8Array>();
      const into = (path: string, { safe }: Folder, above: readonly Node[]) => {
        for (const [name, node] of safe) {
          const below = path === '' ? name : `${path}/${name}`;
          if (node.is === 'link') tree.set(below, node);
          else if (node.is === 'file') {
            const found = bytes.get(node) ?? (node.now === node.safe ? node.now : torn(node, random));
            bytes.set(node, found);
            tree.set(below, { is: 'file', bytes: found, executable: node.executable });
          } else if (!above.includes(node)) {
            tree.set(below, { is: 'folder' });
            into(below, node, [...above, node]);
          }
        }
      };
      into('', root, [root]);
      return tree;
    },
  };
}

const newFolder = (): Folder => ({ is: 'folder', names: new Map(), safe: new Map() });

function keep({ folder, name, node }: Change): void {
  if (node === undefined) folder.safe.delete(name);
  else folder.safe.set(name, node);
}

function leaf(entry: Exclude<TreeEntry, { is: 'folder' }>, isSafe: boolean): Node {
  if (entry.is === 'link') return entry;
  return { is: 'file', now: entry.bytes, safe: isSafe ? entry.bytes : nothing, executable: entry.executable };
}

function grow(tree: Tree): Folder {
  const root = newFolder();
  const folders = new Map<string, Folder>([['.', root]]);
  for (const [path, entry] of tree) {
    const above = folders.get(dirname(path));
    if (above === undefined) throw new Error(`${path} stands before its folder`);
    const node = entry.is === 'folder' ? newFolder() : leaf(entry, true);
    if (node.is === 'folder') folders.set(path, node);
    above.names.set(basename(path), node);
    above.safe.set(basename(path), node);
  }
  return root;
}
