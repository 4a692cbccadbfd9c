// Takes in what a stick brings, node by node, and puts the hub's receipts on it, for the node to find at the next visit. What the hub has
// stays on the stick until then: it is the node that removes what was signed for.
import { join } from 'node:path';
import { unlessGone } from '../agent/gone.ts';
import { type Stick, type StickFault, StickTrouble } from '../agent/stick.ts';
import { nameSchema } from '../protocol/identity.ts';
import { drainClasses } from '../protocol/manifest.ts';
import type { Receipt } from '../protocol/receipt.ts';
import { parseFileName } from '../protocol/record-file.ts';
import { sha256 } from '../protocol/sign.ts';
import { stickReceipts, stickRoot } from '../protocol/stick.ts';
import { type Carry, receiptStoredMax } from './carry.ts';

export interface ImportCounts {
  nodes: number;
  /** Looked at so far. */
  files: number;
  bytes: number;
  stored: number;
  /** The hub had them already. */
  known: number;
  refused: number;
  receipts: number;
}
export type ImportEnd =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: StickFault | 'other-commune' | 'nothing' | 'hub-full'; readonly text: string };

export interface Imported {
  readonly counts: ImportCounts;
  /** Why files were refused, at most this many of them. */
  readonly refusals: readonly { readonly node: string; readonly name: string; readonly why: string }[];
  readonly end: ImportEnd;
}
const refusalsMax = 20;

export interface ImportWorld {
  readonly stick: Stick;
  readonly commune: string;
  readonly carry: Carry;
  /** Who does it, for the audit log. */
  readonly actor: string;
  readonly told: (counts: ImportCounts) => void;
}

/** Throws only what the hub's own side throws. */
export async function importStick(world: ImportWorld): Promise<Imported> {
  const counts: ImportCounts = { nodes: 0, files: 0, bytes: 0, stored: 0, known: 0, refused: 0, receipts: 0 };
  const refusals: { node: string; name: string; why: string }[] = [];
  const done = (end: ImportEnd): Imported => ({ counts, refusals, end });
  const { stick, commune } = world;
  const list = (path: string) => stick.on(async () => (await unlessGone(stick.disk.list(path))) ?? []);
  try {
    await stick.stillThere();
    const communes = await list(join(stick.dir, stickRoot));
    if (!communes.includes(commune)) {
      const other = communes.filter((name) => nameSchema.safeParse(name).success).join(', ');
      if (other === '') return done({ ok: false, why: 'nothing', text: `${stick.dir}: no ${stickRoot} folder` });
      return done({ ok: false, why: 'other-commune', text: `the stick is of ${other}, not of ${commune}` });
    }
    for (const node of await list(join(stick.dir, stickRoot, commune))) {
      if (!nameSchema.safeParse(node).success) continue;
      counts.nodes += 1;
      const full = await takeNode(world, node, list, counts, (name, why) => {
        counts.refused += 1;
        if (refusals.length < refusalsMax) refusals.push({ node, name, why });
      });
      if (full !== undefined) return done({ ok: false, why: 'hub-full', text: full });
    }
    return done({ ok: true });
  } catch (error) {
    if (error instanceof StickTrouble) return done({ ok: false, why: error.why, text: error.message });
    throw error;
  }
}

/** Returns why the hub takes no more, if it does not. */
async function takeNode(
  world: ImportWorld,
  node: string,
  list: (path: string) => Promise<string[]>,
  counts: ImportCounts,
  refused: (name: string, why: string) => void,
): Promise<string | undefined> {
  const { stick, carry } = world;
  const top = join(stick.dir, stickRoot, world.commune, node);
  const before = { stored: counts.stored, known: counts.known };
  let here: Receipt['stored'] = [];
  const sign = async () => {
    if (here.length > 0) await putReceipt(stick, join(top, stickReceipts), await carry.receipt(node, here));
    counts.receipts += here.length > 0 ? 1 : 0;
    here = [];
  };
  const take = async (folder: string, name: string): Promise<string | undefined> => {
    const file = parseFileName(name);
    if (file === undefined) return undefined;
    const bytes = await stick.on(() => stick.disk.read(join(folder, name)));
    const carried = await carry.take(node, bytes);
    counts.files += 1;
    counts.bytes += bytes.length;
    if (carried.is === 'not-now') return carried.text;
    if (carried.is === 'refused') refused(name, carried.why);
    else {
      counts[carried.is] += 1;
      const number = file.is === 'record' ? { seq: file.seq } : { seg: file.seg };
      here.push({ boot: file.boot, ...number, sha256: carried.id });
      if (here.length >= receiptStoredMax) await sign();
    }
    world.told(counts);
    return undefined;
  };
  const takeAll = async (): Promise<string | undefined> => {
    for (const drainClass of drainClasses) {
      for (const shelf of await list(join(top, String(drainClass)))) {
        const folder = join(top, String(drainClass), shelf);
        for (const name of await list(folder)) {
          const full = await take(folder, name);
          if (full !== undefined) return full;
        }
      }
    }
    return undefined;
  };
  const full = await takeAll();
  await sign();
  await carry.told(world.actor, node, counts.stored - before.stored, counts.known - before.known);
  return full;
}

async function putReceipt(stick: Stick, folder: string, jws: string): Promise<void> {
  const path = join(folder, `${sha256(jws).slice(0, 16)}.jws`);
  await stick.on(async () => {
    await stick.folder(folder);
    const draft = `${path}.part`;
    await stick.disk.remove(draft).catch(() => undefined);
    const file = await stick.disk.create(draft);
    try {
      await file.write(Buffer.from(jws), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await stick.disk.rename(draft, path);
    await stick.disk.syncFolder(folder);
  });
}
