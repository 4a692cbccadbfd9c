// The hub signs that it holds a manifest, and since when: `archive/<node>/<boot>/hub.jws`, a line each, only ever added to.
// A line lost in a power cut is written anew at the next start: it then names a later time, which is as true ("held no later than").
import { appendFile, open, readFile } from 'node:fs/promises';
import { type CounterSignature, counterSignatureSchema, counterSignaturesName } from '../protocol/counter-signature.ts';
import { parseFileName } from '../protocol/record-file.ts';
import { readUnverified, type SigningKey, sha256, sign } from '../protocol/sign.ts';
import type { Archive, Shelf } from './archive.ts';
import type { Entry } from './examine.ts';

export interface CounterSigner {
  sign(entry: Pick<Entry, 'is' | 'node' | 'boot' | 'number' | 'id'>): Promise<void>;
  /** Signs those of these files of a shelf that are not signed yet. */
  complete(shelf: Pick<Shelf, 'node' | 'boot'>, names: Iterable<string>): Promise<void>;
}

export function openCounterSigner(
  archive: Archive,
  commune: string,
  key: SigningKey,
  wallMs: () => number,
): CounterSigner {
  const fileOf = ({ node, boot }: Pick<Shelf, 'node' | 'boot'>) =>
    archive.path({ node, boot, name: counterSignaturesName });
  const lineOf = async ({ is, node, boot, number, id }: Pick<Entry, 'is' | 'node' | 'boot' | 'number' | 'id'>) => {
    const held: CounterSignature = { v: 1, commune, node, boot, number, is, sha256: id, hubMs: wallMs() };
    return `${await sign(JSON.stringify(held), 'matlang-held', `hub:${commune}`, key)}\n`;
  };
  return {
    sign: async (entry) => appendFile(fileOf(entry), await lineOf(entry), { mode: 0o600 }),
    complete: async (shelf, names) => {
      const file = fileOf(shelf);
      const text = await readFile(file, 'latin1').catch(() => '');
      const known = new Set(readLines(text).map((held) => keyOf(held.is, held.number, held.sha256.slice(0, 16))));
      const lines = text === '' || text.endsWith('\n') ? [] : ['\n'];
      for (const name of names) {
        const parsed = parseFileName(name);
        if (parsed === undefined) continue;
        const number = parsed.is === 'record' ? parsed.seq : parsed.seg;
        if (known.has(keyOf(parsed.is, number, parsed.hash16))) continue;
        const jws = await archive.manifest({ ...shelf, name });
        if (jws !== undefined) lines.push(await lineOf({ is: parsed.is, ...shelf, number, id: sha256(jws) }));
      }
      if (lines.length > 0) await appendDurably(file, lines.join(''));
    },
  };
}

const keyOf = (is: string, number: number, hash16: string): string => `${is} ${number} ${hash16}`;

/** Signatures are not checked here. */
function readLines(text: string): CounterSignature[] {
  return text.split('\n').flatMap((line) => {
    const read = counterSignatureSchema.safeParse(readUnverified(line));
    return read.success ? [read.data] : [];
  });
}

async function appendDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'a', 0o600);
  await file.appendFile(text);
  await file.datasync();
}
