// Every record and segment of a set: is it whole, whose is it, is it what its name says?
import { basename } from 'node:path';
import { parseFileName } from '../../protocol/record-file.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { type Entry, examineManifest } from '../examine.ts';
import type { EvidenceFiles } from './files.ts';
import type { Findings } from './findings.ts';
import type { KeyRing } from './keys.ts';
import type { Look } from './look.ts';

/** One whose signature holds. */
export interface Item {
  readonly file: string;
  readonly entry: Entry;
  /** What follows the manifest is what the manifest names. */
  readonly whole: boolean;
}

interface Odd {
  readonly file: string;
  readonly entry: Entry;
  readonly bytes: number;
  readonly sha256: string;
}

export const isRecordFile = (name: string): boolean => name.endsWith('.rec') || name.endsWith('.seg');
export const placeOf = ({ node, boot, number, is }: Pick<Entry, 'node' | 'boot' | 'number' | 'is'>): string =>
  `${node} ${is === 'segment' ? 'segment ' : ''}${boot}/${number}`;

/** `names`: those of the set that are to be looked at. */
export async function readItems(
  files: EvidenceFiles,
  names: readonly string[],
  keys: KeyRing,
  look: Look,
  findings: Findings,
): Promise<Item[]> {
  const items: Item[] = [];
  const odd: Odd[] = [];
  const seen = new Map<string, Item>();
  for (const file of names) {
    const bytes = await files.read(file).catch(() => undefined);
    const parts = bytes === undefined ? undefined : look.split(bytes);
    if (bytes === undefined) findings.wrongAt('unreadable', file);
    else if (parts === undefined) findings.wrongAt('not-a-record', file);
    if (bytes === undefined || parts === undefined) continue;
    const entry = await entryOf(parts.jws, file, keys, look, findings);
    if (entry === undefined) continue;
    checkName(file, entry, findings);
    const sha = look.hash(parts.body);
    const whole =
      parts.body.length === (entry.body?.bytes ?? 0) && (entry.body === undefined || sha === entry.body.sha256);
    if (!whole) odd.push({ file, entry, bytes: parts.body.length, sha256: sha });
    const item = { file, entry, whole };
    const twin = seen.get(placeOf(entry));
    if (twin !== undefined && twin.entry.id !== entry.id)
      findings.wrongAt('conflict', placeOf(entry), `${twin.file} ${file}`);
    // The same under two names, as links on a card are, is one.
    if (twin !== undefined && twin.entry.id === entry.id && (twin.whole || !whole)) continue;
    seen.set(placeOf(entry), item);
    items.push(item);
  }
  for (const each of odd) nameBody(each, items, findings);
  return items;
}

async function entryOf(
  jws: string,
  file: string,
  keys: KeyRing,
  look: Look,
  findings: Findings,
): Promise<Entry | undefined> {
  const told = claimed(readUnverified(jws));
  const known = told === undefined ? undefined : keys.of(told.node);
  if (told === undefined) findings.wrongAt('altered-manifest', file);
  else if (known === undefined) findings.wrongAt('no-key', file, told.node);
  if (told === undefined || known === undefined) return undefined;
  const entry = await examineManifest(jws, { ...told, key: known.key }, look.verify);
  if (typeof entry !== 'string') return entry;
  if (entry !== 'signature') findings.wrongAt('bad-shape', file, entry);
  else {
    const other = await signedBy(jws, told.commune, keys, look);
    if (other === undefined) findings.wrongAt('altered-manifest', file, told.node);
    else findings.wrongAt('other-key', file, `${told.node} ${other}`);
  }
  return undefined;
}

/** Another key of the ring under which it holds. */
async function signedBy(jws: string, commune: string, keys: KeyRing, look: Look): Promise<string | undefined> {
  for (const { name, key } of keys.all)
    if ((await examineManifest(jws, { commune, node: name, key }, look.verify)) !== 'signature') return name;
  return undefined;
}

function claimed(payload: unknown): { commune: string; node: string } | undefined {
  if (typeof payload !== 'object' || payload === null || !('node' in payload) || !('commune' in payload))
    return undefined;
  const { node, commune } = payload;
  return typeof node === 'string' && typeof commune === 'string' ? { node, commune } : undefined;
}

function checkName(file: string, entry: Entry, findings: Findings): void {
  const name = basename(file);
  if (name === entry.name) return;
  const [said, is] = [parseFileName(name), parseFileName(entry.name)];
  const onlyTimes = said?.is === 'segment' && is?.is === 'segment' && said.hash16 === is.hash16 && said.seg === is.seg;
  if (onlyTimes)
    findings.wrongAt(
      're-timed',
      file,
      `${said.firstMonoMs - is.firstMonoMs} ms, ${said.durationMs - is.durationMs} ms`,
    );
  else findings.wrongAt('swapped', file, entry.name);
}

function nameBody({ file, entry, bytes, sha256 }: Odd, items: readonly Item[], findings: Findings): void {
  const owner = items.find((other) => other.entry.id !== entry.id && other.entry.body?.sha256 === sha256);
  const wanted = entry.body?.bytes ?? 0;
  if (owner !== undefined) findings.wrongAt('swapped-body', file, owner.entry.name);
  else if (bytes < wanted) findings.wrongAt('cut-body', file, `${bytes}/${wanted}`);
  else if (bytes > wanted) findings.wrongAt('longer-body', file, `${bytes}/${wanted}`);
  else findings.wrongAt('altered-body', file, `${bytes}`);
}
