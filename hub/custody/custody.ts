// Is this set what nodes and hub signed, all of it, and nothing else? Works on a folder of records, a copy of a card, the hub's archive or an
// export; needs no network, no catalogue and no secret.
import { exportNames } from '../../protocol/export.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { type Open, openDetails } from '../open-details.ts';
import { type ChainLink, checkChain, type Missing } from './chain.ts';
import { checkClips } from './clips.ts';
import { checkContents, checkKeys, checkOpened, readContents } from './contents.ts';
import type { EvidenceFiles } from './files.ts';
import { type Finding, type Findings, type Note, openFindings, type Unknown, type Wrong } from './findings.ts';
import { checkHeld, isHeldFile, linesOf, readHeld } from './held.ts';
import type { KeyRing } from './keys.ts';
import { checkLog, isLogFile } from './log.ts';
import { freshLook, type Look } from './look.ts';
import { type Item, isRecordFile, placeOf, readItems } from './records.ts';
import { type Moment, momentsOf } from './times.ts';

/** `records`: a plain folder of them. */
export type SetKind = 'export' | 'archive' | 'spool' | 'records';

export interface Verdict {
  readonly kind: SetKind;
  readonly ok: boolean;
  readonly nodes: readonly string[];
  readonly records: number;
  readonly segments: number;
  readonly clips: number;
  readonly logLines: number;
  readonly wrong: readonly Finding<Wrong>[];
  readonly notes: readonly Finding<Note>[];
  readonly unknown: readonly Unknown[];
  readonly moments: readonly Moment[];
}

export interface CustodyOptions {
  /** Opens bodies, to read what tombstones name. */
  readonly open?: Open;
  readonly look?: Look;
}

export async function judge(files: EvidenceFiles, keys: KeyRing, options: CustodyOptions = {}): Promise<Verdict> {
  const look = options.look ?? freshLook;
  const findings = openFindings();
  const kind = kindOf(files.names);
  const names = files.names.filter((name) => isRecordFile(name) && !isAside(name));
  const items = await readItems(files, names, keys, look, findings);
  const held = await readHeld(files, files.names.filter(isHeldFile), keys, look, findings);
  checkHeld(items, held, kind === 'archive', findings);
  const tombstones = await readTombstones(files, items, look, options.open, findings);
  const chain = kind === 'export' ? await chainInExport(files, keys, look, findings) : items.flatMap(linkOf);
  checkChains([...chain, ...tombstones.links], missingIn(kind, tombstones.sealed), findings);
  checkClips(items, kind === 'records' ? 'missing-segment' : 'not-here', findings);
  if (kind === 'export') {
    await checkKeys(files, keys, findings);
    const contents = await readContents(files, keys, look, findings);
    if (contents !== undefined) {
      await checkContents(files, contents, look, findings);
      await checkOpened(files, contents, items, look, findings);
    }
  }
  const logs = files.names.filter((name) => (kind === 'export' ? name === 'custody/audit.jws' : isLogFile(name)));
  const logLines = await checkLog(files, logs, kind === 'export', keys, look, findings);
  setAside(files.names, findings);
  const records = items.filter(({ entry }) => entry.is === 'record');
  return {
    kind,
    ok: findings.wrong.length === 0,
    nodes: [...new Set(items.map(({ entry }) => entry.node))].sort(),
    records: records.length,
    segments: items.length - records.length,
    clips: records.filter(({ entry }) => entry.is === 'record' && entry.manifest.kind === 'clip').length,
    logLines,
    wrong: findings.wrong,
    notes: findings.notes,
    unknown: unknownOf(kind, keys, held.all.length > 0, tombstones.sealed, logLines > 0),
    moments: momentsOf(items, held.since),
  };
}

function kindOf(names: readonly string[]): SetKind {
  // An export without its list is still one.
  if (Object.values(exportNames).some((name) => names.includes(name))) return 'export';
  if (names.some((name) => /(?:^|\/)archive\/[^/]+\/\d{6}\.[0-9a-f]{8}\/[^/]+$/.test(name))) return 'archive';
  if (names.some((name) => /^[^/]+\/\d{6}\.[0-9a-f]{8}\/hub\.jws$/.test(name))) return 'archive';
  return names.some((name) => /(?:^|\/)(?:spool|delivered|ring)\//.test(name)) ? 'spool' : 'records';
}

/** Not yet part of a set, or taken out of it. */
const isAside = (name: string): boolean => /(?:^|\/)(?:tmp|incoming|conflicts|quarantine)\//.test(name);

function setAside(names: readonly string[], findings: Findings): void {
  for (const name of names.filter(isRecordFile)) {
    if (/(?:^|\/)quarantine\//.test(name)) findings.note('set-aside', name);
    if (/(?:^|\/)conflicts\//.test(name)) findings.note('kept-conflict', name);
  }
}

function linkOf({ entry }: Item): ChainLink[] {
  if (entry.is !== 'record') return [];
  const { node, boot, seq, prev } = entry.manifest;
  return [{ node, boot, seq, sha256: entry.id, prev }];
}

/** A manifest line for every record between the first and the last of the export, theirs included. */
async function chainInExport(
  files: EvidenceFiles,
  keys: KeyRing,
  look: Look,
  findings: Findings,
): Promise<ChainLink[]> {
  const links: ChainLink[] = [];
  for (const name of files.names.filter((each) => /^chain\/[^/]+\.jws$/.test(each))) {
    const { lines } = await linesOf(files, name);
    // As files, so that each is looked at as any other record is.
    const asFiles: EvidenceFiles = {
      names: [],
      read: async (place) => Buffer.from(`${lines[Number(place)]}\n`, 'latin1'),
    };
    const own = openFindings();
    const items = await readItems(
      asFiles,
      lines.map((_, index) => String(index)),
      keys,
      look,
      own,
    );
    for (const { code, place } of own.wrong)
      if (['altered-manifest', 'other-key', 'no-key', 'bad-shape', 'not-a-record'].includes(code))
        findings.wrongAt(code, `${name}:${Number(place) + 1}`);
    const order = items.map(({ entry }) => `${entry.boot}-${String(entry.number).padStart(10, '0')}`);
    if (order.some((each, index) => each < (order[index - 1] ?? ''))) findings.wrongAt('re-ordered', name);
    links.push(...items.flatMap(linkOf));
  }
  return links;
}

function checkChains(
  links: readonly ChainLink[],
  missing: (boot: string, isNewest: boolean) => Missing,
  findings: Findings,
): void {
  const known = new Map<string, ChainLink>();
  // What is here counts before what a tombstone says.
  for (const link of links) {
    const key = `${link.node} ${link.boot} ${link.seq}`;
    if (known.get(key)?.prev === undefined) known.set(key, link.prev === undefined ? (known.get(key) ?? link) : link);
  }
  const nodes = new Set(links.map(({ node }) => node));
  for (const node of nodes)
    checkChain(
      [...known.values()].filter((link) => link.node === node),
      missing,
      findings,
    );
}

function missingIn(kind: SetKind, sealedTombstones: boolean): (boot: string, isNewest: boolean) => Missing {
  return (_, isNewest) => {
    if (kind === 'spool' || kind === 'export') return 'gap';
    // What a sealed tombstone names may be just this.
    if (sealedTombstones) return 'gap';
    return kind === 'archive' && isNewest ? 'gap' : 'missing-record';
  };
}

async function readTombstones(
  files: EvidenceFiles,
  items: readonly Item[],
  look: Look,
  open: Open | undefined,
  findings: Findings,
): Promise<{ links: ChainLink[]; sealed: boolean }> {
  const links: ChainLink[] = [];
  let sealed = false;
  for (const { entry, file } of items) {
    if (entry.is !== 'record' || entry.manifest.kind !== 'tombstone') continue;
    const body = look.split(await files.read(file))?.body ?? new Uint8Array();
    const details = open === undefined ? undefined : await openDetails(entry, body, open);
    if (details?.is !== 'tombstone') {
      sealed = true;
      findings.note('tombstone-sealed', placeOf(entry));
      continue;
    }
    const { why, gone } = details.tombstone;
    findings.note('tombstone', placeOf(entry), `${why} ${gone.length}`);
    for (const each of gone) {
      findings.note('given-up', `${entry.node} ${each.kind} ${each.boot}/${each.number}`, `${why} ${each.bytes}`);
      if (each.kind !== 'segment')
        links.push({ node: entry.node, boot: each.boot, seq: each.number, sha256: each.sha256, prev: undefined });
    }
  }
  return { links, sealed };
}

function unknownOf(kind: SetKind, keys: KeyRing, counterSigned: boolean, sealed: boolean, log: boolean): Unknown[] {
  return [
    'lens',
    'stolen-key',
    'clock',
    'tail',
    ...(keys.all.some(({ within }) => within) ? (['keys-within'] as const) : []),
    ...(keys.hub === undefined ? (['no-hub-key'] as const) : []),
    ...(counterSigned ? [] : (['no-counter-signatures'] as const)),
    ...(sealed ? (['sealed'] as const) : []),
    ...(log ? (['log-tail'] as const) : []),
    ...(kind === 'export' ? (['neighbours'] as const) : []),
  ];
}

/** Who made the records, as they say themselves: for a card, which has its own key without a name. */
export async function claimedNode(files: EvidenceFiles): Promise<string | undefined> {
  for (const name of files.names.filter(isRecordFile)) {
    const jws = freshLook.split(await files.read(name))?.jws;
    const payload = jws === undefined ? undefined : readUnverified(jws);
    if (typeof payload === 'object' && payload !== null && 'node' in payload) return String(payload.node);
  }
  return undefined;
}
