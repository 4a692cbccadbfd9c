// Bodies on their way: what has come so far lies in `incoming/<node>/<id>.part`, so that memory stays small and a restart of the hub costs
// the nodes nothing. Nothing here is durable or believed: the hash decides when all is there.
//   part file: the body's bytes (sparse) · then one byte a block, 1 where the block has come
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blockBytes } from '../protocol/receipt.ts';
import type { Entry } from './examine.ts';
import { limits } from './limits.ts';

/** Blocks [from, to). */
export type Range = [number, number];

export interface Offered {
  readonly entry: Entry;
  readonly bytes: number;
}
export type ChunkTaken =
  /** Nobody offered this body, or it is whole already: harmless, the node will ask. */
  | { is: 'stray' }
  /** Not whole blocks, or outside the body. */
  | { is: 'bad' }
  | { is: 'more' }
  /** That was the last missing block. The part is the caller's now: read it with `pieces`, then `drop` it. */
  | { is: 'whole'; entry: Entry; resumed: boolean };

export interface Incoming {
  /** Begins or resumes a body and says which blocks are missing: none when all had come before a restart (then it is as after `whole`). */
  offer(offered: Offered): Promise<{ missing: Range[]; resumed: boolean }>;
  chunk(node: string, id: string, index: number, bytes: Uint8Array): Promise<ChunkTaken>;
  pieces(entry: Entry): AsyncIterable<Uint8Array>;
  drop(node: string, id: string): Promise<void>;
}

interface Part {
  readonly path: string;
  readonly bytes: number;
  /** Undefined for a part left by an earlier run whose offer has not come again. */
  offer: { readonly entry: Entry; readonly have: Uint8Array; left: number; readonly resumed: boolean } | undefined;
}

const pieceBytes = 1024 * 1024;

/** The caller calls one method at a time (`pieces` and `drop` excepted). */
export async function openIncoming(folder: string): Promise<Incoming> {
  const nodes = await readLeftParts(folder);

  const drop = async (node: string, id: string) => {
    const part = nodes.get(node)?.get(id);
    nodes.get(node)?.delete(id);
    if (part !== undefined) await rm(part.path, { force: true });
  };
  const makeRoom = async (node: string, parts: Map<string, Part>, bytes: number) => {
    const sum = () => [...parts.values()].reduce((total, part) => total + part.bytes, bytes);
    for (const [id] of parts) {
      if (parts.size < limits.partsPerNode && sum() <= limits.partBytesPerNode) return;
      await drop(node, id);
    }
  };

  return {
    offer: async ({ entry, bytes }) => {
      const parts = nodes.get(entry.node) ?? new Map<string, Part>();
      nodes.set(entry.node, parts);
      const before = parts.get(entry.id);
      if (before?.offer !== undefined) return { missing: holes(before.offer.have), resumed: before.offer.resumed };
      parts.delete(entry.id);
      await makeRoom(entry.node, parts, bytes);
      await mkdir(join(folder, entry.node), { recursive: true, mode: 0o700 });
      const path = join(folder, entry.node, `${entry.id}.part`);
      const have = await openPart(path, bytes);
      const resumed = have.includes(1);
      parts.set(entry.id, { path, bytes, offer: { entry, have, left: count(have, 0), resumed } });
      return { missing: holes(have), resumed };
    },
    chunk: async (node, id, index, bytes) => {
      const part = nodes.get(node)?.get(id);
      if (part?.offer === undefined || part.offer.left === 0) return { is: 'stray' };
      const { offer } = part;
      if (!isWholeBlocks(part.bytes, index, bytes.length)) return { is: 'bad' };
      const blocks = Math.ceil(bytes.length / blockBytes);
      await writePart(part, index, bytes, blocks);
      offer.left -= count(offer.have.subarray(index, index + blocks), 0);
      offer.have.fill(1, index, index + blocks);
      return offer.left > 0 ? { is: 'more' } : { is: 'whole', entry: offer.entry, resumed: offer.resumed };
    },
    pieces: (entry) => readPieces(join(folder, entry.node, `${entry.id}.part`), entry.body?.bytes ?? 0),
    drop,
  };
}

/** Parts of an earlier run, oldest first. */
async function readLeftParts(folder: string): Promise<Map<string, Map<string, Part>>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const nodes = new Map<string, Map<string, Part>>();
  for (const node of await readdir(folder)) {
    const names = (await readdir(join(folder, node))).filter((name) => /^[0-9a-f]{64}\.part$/.test(name));
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, node, name);
        const { mtimeMs, size } = await stat(path);
        return { id: name.slice(0, 64), mtimeMs, part: { path, bytes: size, offer: undefined } };
      }),
    );
    found.sort((a, b) => a.mtimeMs - b.mtimeMs);
    nodes.set(node, new Map(found.map(({ id, part }) => [id, part])));
  }
  return nodes;
}

/** Which blocks the part file already holds; a file that is not of this shape is begun anew. */
async function openPart(path: string, bytes: number): Promise<Uint8Array> {
  const blocks = Math.ceil(bytes / blockBytes);
  const have = new Uint8Array(blocks);
  const file = await open(path, 'a+', 0o600);
  try {
    if ((await file.stat()).size === bytes + blocks) {
      await file.read(have, 0, blocks, bytes);
      return have.map((mark) => (mark === 1 ? 1 : 0));
    }
    await file.truncate(0);
    await file.truncate(bytes + blocks);
    return have;
  } finally {
    await file.close();
  }
}

async function writePart(part: Part, index: number, bytes: Uint8Array, blocks: number): Promise<void> {
  const file = await open(part.path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, index * blockBytes);
    await file.write(new Uint8Array(blocks).fill(1), 0, blocks, part.bytes + index);
  } finally {
    await file.close();
  }
}

async function* readPieces(path: string, bytes: number): AsyncIterable<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < bytes; at += pieceBytes) {
      const piece = new Uint8Array(Math.min(pieceBytes, bytes - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Whole blocks that lie inside the body; only the body's last block may be short. */
function isWholeBlocks(bodyBytes: number, index: number, length: number): boolean {
  const start = index * blockBytes;
  const end = start + length;
  if (length === 0 || length > limits.chunkBlocksMax * blockBytes || end > bodyBytes) return false;
  return length % blockBytes === 0 || end === bodyBytes;
}

export function holes(have: Uint8Array): Range[] {
  const found: Range[] = [];
  for (let from = have.indexOf(0); from !== -1; ) {
    const end = have.indexOf(1, from);
    found.push([from, end === -1 ? have.length : end]);
    from = end === -1 ? -1 : have.indexOf(0, end);
  }
  return found;
}

function count(marks: Uint8Array, mark: number): number {
  return marks.reduce((sum, each) => sum + (each === mark ? 1 : 0), 0);
}
