// What was sealed, opened: never more than was signed, and named where it cannot be.
import type { ExportContents } from '../../protocol/export.ts';
import { manifestSchema } from '../../protocol/manifest.ts';
import { readUnverified, sha256 } from '../../protocol/sign.ts';
import { openFilm } from '../clip/film.ts';
import type { ClipRow, RecordRow } from './select.ts';
import { eventOnSheet, type Sheet } from './sheet.ts';
import type { ExportParts, Work } from './work.ts';

/** Its opened parts as they were signed, and, where all that has come can be opened, a film for players. */
export async function addClip(work: Work, clip: ClipRow, number: number): Promise<ExportContents['clips'][number]> {
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
export async function addOpened(work: Work): Promise<Sheet['events']> {
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

const fileTime = (ms: number): string => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 19).replaceAll(':', '-');
