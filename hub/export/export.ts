// Handing a case over: a ZIP that opens on any computer and can be checked without us. The originals stay, under a hold.
//   bien-ban.pdf .html   the sheet to sign           huong-dan-kiem-tra.txt   how to check it with ordinary programs
//   video/ stills/       to look at                   parts/ details/          what was sealed, opened, as it was signed
//   records/             the sealed originals         chain/                   manifests of all that came between
//   keys/ custody/       public keys, who had it      SHA256SUMS contents.jws  all of it, and the hub's signature over it
// INVARIANTS
//   before the first byte leaves: the hold is on the disk, and so is the line in the audit log that names case, reason and person
//   nothing opened touches the hub's disk
//   what cannot be opened or is not here is named; it never keeps the rest from being handed over

import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import type { Log } from '../../agent/log.ts';
import { counterSignaturesName } from '../../protocol/counter-signature.ts';
import { type ExportContents, exportContentsSchema, exportNames } from '../../protocol/export.ts';
import { manifestSchema } from '../../protocol/manifest.ts';
import { readSigningKey, readUnverified, sha256, sign } from '../../protocol/sign.ts';
import type { ArchiveReader } from '../archive.ts';
import { type Audit, clipSubject, eventSubject } from '../audit.ts';
import type { CatalogReader } from '../catalog-read.ts';
import { openFilm } from '../clip/film.ts';
import type { Holds } from '../holds.ts';
import { limits } from '../limits.ts';
import type { Open } from '../open-details.ts';
import { howTo } from './how-to.ts';
import { openPack, type Pack } from './pack.ts';
import {
  type Asked,
  type ClipRow,
  chainBetween,
  placesOf,
  type RecordRow,
  type Scope,
  type Selection,
  scopeOf,
  select,
} from './select.ts';
import { eventOnSheet, type Sheet } from './sheet.ts';
import { sheetHtml } from './sheet-html.ts';
import { sheetPdf } from './sheet-pdf.ts';

export interface ExportParts {
  readonly commune: string;
  readonly archive: ArchiveReader;
  readonly audit: Audit;
  readonly db: DatabaseSync;
  readonly reader: CatalogReader;
  readonly holds: Holds;
  readonly open: Open;
  /** Public keys of the nodes, `<node>.pub`. */
  readonly keysDir: string;
  /** Of the commune's CA; there may be none. */
  readonly caCertificate: string;
  /** The hub's, PEM. */
  readonly signingKey: string;
  readonly wallMs: () => number;
  readonly log: Log;
}
export interface ExportAsked {
  readonly of: Asked;
  /** Name or number of the case, as people say it. */
  readonly case: string;
  readonly reason: string;
  /** Who takes it out, as in the audit log. */
  readonly actor: string;
}
export interface ExportDone {
  readonly bytes: number;
  /** Of the ZIP. */
  readonly sha256: string;
  readonly hold: string;
  readonly records: number;
  readonly segments: number;
  readonly clips: number;
  readonly stills: number;
  /** Segments that clips name and that never came to the hub. */
  readonly absent: number;
  /** Files that could not be opened, or are not what was signed. */
  readonly damaged: readonly string[];
}
export type ExportOpened =
  | {
      readonly ok: true;
      readonly fileName: string;
      /** The ZIP, made as it is read. Breaks off with an error where it cannot be finished. */
      readonly stream: Readable;
      /** Settles after the last byte has been read, or when the reader went away. */
      readonly done: Promise<ExportDone>;
    }
  | { readonly ok: false; readonly why: 'nothing' | 'too-much' };

/** Rejects when hold or audit cannot be written. */
export async function openExport(parts: ExportParts, asked: ExportAsked): Promise<ExportOpened> {
  const scope = scopeOf(parts.db, asked.of);
  if (scope === undefined) return { ok: false, why: 'nothing' };
  const selection = select(parts.db, scope);
  const { node } = selection;
  const places = placesOf(selection);
  if (selection.records.length === 0) return { ok: false, why: 'nothing' };
  if (places.length > limits.placesPerHold) return { ok: false, why: 'too-much' };

  const { actor, reason } = asked;
  const hold = await parts.holds.hold({ case: asked.case, reason, actor, places });
  const subject =
    scope.is === 'event' ? eventSubject(node, scope.id) : `node ${node} ${iso(scope.fromMs)} ${iso(scope.toMs)}`;
  const details = { case: asked.case, hold: hold.id, files: places.length };
  const mark = await parts.audit.append({ actor, action: 'export', subject, reason, details });

  const atMs = parts.wallMs();
  const pack = openPack(new Date(atMs));
  const work: Work = { parts, asked, scope, selection, pack, atMs, hold: hold.id, audit: mark, damaged: [] };
  const done = fill(work).then(
    async (result) => {
      const more = { case: asked.case, hold: hold.id, bytes: result.bytes, sha256: result.sha256, done: true };
      await parts.audit.append({ actor, action: 'export', subject, reason, details: more });
      return result;
    },
    (error: unknown) => {
      pack.fail(error instanceof Error ? error : new Error(String(error)));
      throw error;
    },
  );
  // Whoever asked may look at the stream alone.
  done.catch((error: unknown) => parts.log('warn', 'export broke off', { subject, error: String(error) }));
  return { ok: true, fileName: `trich-xuat-${node}-${iso(atMs).replaceAll(':', '')}.zip`, stream: pack.stream, done };
}

interface Work {
  readonly parts: ExportParts;
  readonly asked: ExportAsked;
  readonly scope: Scope;
  readonly selection: Selection;
  readonly pack: Pack;
  readonly atMs: number;
  readonly hold: string;
  readonly audit: { readonly n: number; readonly sha256: string };
  readonly damaged: string[];
}

async function fill(work: Work): Promise<ExportDone> {
  const { parts, asked, selection, pack, atMs, hold, damaged } = work;
  const originals = await addOriginals(work);
  const clips: ExportContents['clips'] = [];
  for (const [index, clip] of selection.clips.entries()) clips.push(await addClip(work, clip, index + 1));
  const events = await addOpened(work);
  await addChain(work);
  const keys = await addKeys(work);
  const custody = await addCustody(work);

  const shown = pack.files.filter(({ path }) => path.startsWith('video/') || path.startsWith('stills/'));
  await pack.add(exportNames.howTo, howTo(selection.node));
  const sums = await pack.add(exportNames.sums, pack.files.map((file) => `${file.sha256}  ${file.path}\n`).join(''));
  const absent = clips.flatMap((clip) => clip.parts).length - originals.segmentUses;
  const sheet: Sheet = {
    ...{ commune: parts.commune, case: asked.case, reason: asked.reason, actor: asked.actor, atMs, of: work.scope },
    ...{ title: selection.title, node: selection.node, events, shown, sums, keys, custody, hold, absent, damaged },
    originals: { records: originals.records, segments: originals.segments },
  };
  await pack.add(exportNames.sheetHtml, sheetHtml(sheet));
  const pdf = await sheetPdf(sheet);
  if (pdf !== undefined) await pack.add(exportNames.sheetPdf, pdf);
  else parts.log('warn', 'no PDF: apt-get install fonts-dejavu-core');
  const contents: ExportContents = exportContentsSchema.parse({
    ...{ v: 1, commune: parts.commune, case: asked.case, reason: asked.reason, actor: asked.actor, hubMs: atMs },
    ...{ of: work.scope, hold, files: pack.files, clips, audit: work.audit },
  });
  const key = await readSigningKey(parts.signingKey);
  await pack.add(
    exportNames.contents,
    `${await sign(JSON.stringify(contents), 'matlang-export', `hub:${parts.commune}`, key)}\n`,
  );
  const stills = shown.length - shown.filter(({ path }) => path.startsWith('video/')).length;
  const zip = await pack.end();
  return {
    ...zip,
    hold,
    records: originals.records,
    segments: originals.segments,
    clips: clips.length,
    stills,
    absent,
    damaged,
  };
}

/** The sealed files as they lie in the archive, and the hub's signatures over them. */
async function addOriginals({ parts, selection, pack }: Work) {
  const { node } = selection;
  const files = new Map(selection.records.map(({ boot, name }) => [name, boot]));
  const segments = selection.clips.flatMap((clip) => clip.segments).filter(({ name }) => name !== null);
  for (const { boot, name } of segments) if (name !== null) files.set(name, boot);
  for (const [name, boot] of files)
    await pack.add(`records/${node}/${boot}/${name}`, await readFile(parts.archive.path({ node, boot, name })));
  for (const boot of new Set(files.values())) {
    const text = await readFile(parts.archive.path({ node, boot, name: counterSignaturesName }), 'latin1').catch(
      () => '',
    );
    const wanted = new Set([...files].filter(([, itsBoot]) => itsBoot === boot).map(([name]) => hash16(name)));
    const lines = text.split('\n').filter((line) => wanted.has(idIn(line).slice(0, 16)));
    if (lines.length > 0) await pack.add(`records/${node}/${boot}/${counterSignaturesName}`, `${lines.join('\n')}\n`);
  }
  const records = selection.records.length;
  return { records, segments: files.size - records, segmentUses: segments.length };
}

const hash16 = (name: string): string => name.slice(name.lastIndexOf('-') + 1, name.lastIndexOf('.'));

function idIn(line: string): string {
  const payload = readUnverified(line);
  return typeof payload === 'object' && payload !== null && 'sha256' in payload ? String(payload.sha256) : '';
}

/** Its opened parts as they were signed, and, where all that has come can be opened, a film for players. */
async function addClip(work: Work, clip: ClipRow, number: number): Promise<ExportContents['clips'][number]> {
  const { parts, selection, pack } = work;
  const { node } = selection;
  const folder = `parts/${String(number).padStart(3, '0')}`;
  const before = work.damaged.length;
  const init = await addPlain(work, { node, boot: clip.boot, name: clip.name }, `${folder}/0000-init.mp4`);
  const opened: ExportContents['clips'][number]['parts'] = [];
  for (const [place, { boot, seg, name }] of clip.segments.entries()) {
    const path = `${folder}/${String(place + 1).padStart(4, '0')}.m4s`;
    opened.push({ boot, seg, path: name === null ? null : await addPlain(work, { node, boot, name }, path) });
  }
  const whole = { boot: clip.boot, seq: clip.seq, init, parts: opened };
  if (work.damaged.length > before) return { ...whole, video: null };
  const source = { ...parts, unsealed: (_: string, make: () => Promise<Uint8Array>) => make() };
  const film = await openFilm(source, node, clip.boot, clip.seq);
  if (!film.ok) return { ...whole, video: null };
  const at = fileTime(clip.atMs);
  const video = `video/${String(number).padStart(3, '0')}-${node}-${at}.mp4`;
  await pack.add(video, film.film.read(0, film.film.bytes));
  return { ...whole, video };
}

/** Null where it cannot be opened or is not what was signed; then it is named as damaged. */
async function addPlain(work: Work, place: { node: string; boot: string; name: string }, path: string) {
  const plain = await openSigned(work.parts, place);
  if (plain !== undefined) return (await work.pack.add(path, plain)).path;
  work.damaged.push(place.name);
  return null;
}

async function openSigned({ archive, open }: ExportParts, place: { node: string; boot: string; name: string }) {
  const payload = readUnverified((await archive.manifest(place)) ?? '');
  const plain = await open(await archive.body(place)).catch(() => undefined);
  return plain !== undefined && plainSha256In(payload) === sha256(plain) ? plain : undefined;
}

function plainSha256In(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const holder = 'body' in payload ? payload.body : payload;
  return typeof holder === 'object' && holder !== null && 'plainSha256' in holder ? holder.plainSha256 : undefined;
}

/** Stills as pictures, the other small bodies as they are; returns what the sheet says of the events. */
async function addOpened(work: Work): Promise<Sheet['events']> {
  const { parts, selection, pack } = work;
  const { node } = selection;
  const events = new Map<string, Sheet['events'][number]>();
  let stills = 0;
  for (const record of selection.records.filter(({ kind }) => kind !== 'clip')) {
    const place = { node, boot: record.boot, name: record.name };
    const manifest = manifestSchema.safeParse(readUnverified((await parts.archive.manifest(place)) ?? ''));
    if (!manifest.success) continue;
    const { event, body, time } = manifest.data;
    const plain = body === undefined ? undefined : await openSigned(parts, place);
    if (body !== undefined && plain === undefined) work.damaged.push(record.name);
    if (event !== undefined) {
      const before = events.get(event.id);
      events.set(event.id, eventOnSheet(before, event, time, record, plain));
    }
    if (plain === undefined) continue;
    if (record.kind === 'still') stills += 1;
    await pack.add(openedPath(record, node, stills, body?.type), plain);
  }
  return [...events.values()];
}

function openedPath(record: RecordRow, node: string, stills: number, type: string | undefined): string {
  const at = fileTime(record.atMs);
  if (record.kind === 'still') return `stills/${String(stills).padStart(3, '0')}-${node}-${at}.jpg`;
  const extension = type === 'application/json' ? 'json' : 'bin';
  return `details/${record.boot}-${String(record.seq).padStart(10, '0')}-${record.kind}.${extension}`;
}

/** Manifests alone: they show that nothing that came between was left out or put in. */
async function addChain({ parts, selection, pack }: Work): Promise<void> {
  const { node } = selection;
  const [first, last] = [selection.records[0], selection.records.at(-1)];
  if (first === undefined || last === undefined) return;
  const lines: string[] = [];
  for (const { boot, name } of chainBetween(parts.db, node, first, last)) {
    const jws = await parts.archive.manifest({ node, boot, name });
    if (jws !== undefined) lines.push(`${jws}\n`);
  }
  await pack.add(`chain/${node}.jws`, lines.join(''));
}

/** Public halves only: the node's, the hub's, and the certificate of the commune's CA, where there is one. */
async function addKeys({ parts, selection, pack }: Work): Promise<Sheet['keys']> {
  const hub = createPublicKey(parts.signingKey).export({ type: 'spki', format: 'pem' }).toString();
  const node = await readFile(join(parts.keysDir, `${selection.node}.pub`), 'utf8');
  const keys = { hub, [selection.node]: node };
  for (const [name, pem] of Object.entries(keys)) await pack.add(`keys/${name}.pub`, pem);
  const ca = await readFile(parts.caCertificate).catch(() => undefined);
  if (ca !== undefined) await pack.add('keys/ca.crt.pem', ca);
  return Object.entries(keys).map(([name, pem]) => ({ name, fingerprint: fingerprint(pem) }));
}

/** SHA-256 of the key in DER. */
function fingerprint(pem: string): string {
  return sha256(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
}

/** What the hub's log says about these events and this export. */
async function addCustody({ parts, asked, selection, pack, hold }: Work): Promise<Sheet['custody']> {
  const { node } = selection;
  const subjects = new Set([
    ...selection.events.map((id) => eventSubject(node, id)),
    ...selection.clips.map(({ boot, seq }) => clipSubject(node, boot, seq)),
  ]);
  const lines = await parts.audit.about(
    { is: ({ subject, details }) => subjects.has(subject) || details?.hold === hold },
    limits.custodyLines,
  );
  await pack.add('custody/audit.jws', lines.map(({ jws }) => `${jws}\n`).join(''));
  parts.log('debug', 'custody', { case: asked.case, lines: lines.length });
  return lines.map(({ line }) => line);
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const fileTime = (ms: number): string => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 19).replaceAll(':', '-');
