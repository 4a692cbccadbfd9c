// Handing a case over: a ZIP that opens on any computer and can be checked without us. The originals stay, under a hold.
//   bien-ban.pdf .html   the sheet to sign           huong-dan-kiem-tra.txt   how to check it with ordinary programs
//   video/ stills/       to look at                   parts/ details/          what was sealed, opened, as it was signed
//   records/             the sealed originals         chain/                   manifests of all that came between
//   keys/ custody/       public keys, who had it      SHA256SUMS contents.jws  all of it, and the hub's signature over it
// INVARIANTS
//   before the first byte leaves: the hold is on the disk, and so is the line in the audit log that names case, reason and person
//   nothing opened touches the hub's disk
//   what cannot be opened or is not here is named; it never keeps the rest from being handed over

import type { Readable } from 'node:stream';
import { type ExportContents, exportContentsSchema, exportNames } from '../../protocol/export.ts';
import { readSigningKey, sign } from '../../protocol/sign.ts';
import { eventSubject } from '../audit.ts';
import { limits } from '../limits.ts';
import { howTo } from './how-to.ts';
import { addClip, addOpened } from './opened.ts';
import { addChain, addOriginals } from './originals.ts';
import { openPack } from './pack.ts';
import { placesOf, scopeOf, select } from './select.ts';
import type { Sheet } from './sheet.ts';
import { sheetHtml } from './sheet-html.ts';
import { sheetPdf } from './sheet-pdf.ts';
import { addCustody, addKeys } from './witnesses.ts';
import type { ExportAsked, ExportParts, Work } from './work.ts';

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

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
