// A whole case in one ZIP: each of its events as an export of its own, which can be checked alone, and a list of them.
import type { Readable } from 'node:stream';
import { type ExportOpened, openExport } from './export.ts';
import { openPack, type Pack } from './pack.ts';
import type { ExportParts } from './work.ts';

export interface CaseAsked {
  readonly events: readonly { readonly node: string; readonly id: string }[];
  readonly case: string;
  readonly reason: string;
  readonly actor: string;
}
export interface CaseOpened {
  readonly fileName: string;
  readonly stream: Readable;
  /** Settles after the last byte has been read, or when the reader went away. */
  readonly done: Promise<{ readonly sha256: string; readonly bytes: number }>;
}

/** Undefined where none of its events is here any more. Holds and audit lines are made event by event, before the event's first byte leaves. */
export async function openCaseExport(parts: ExportParts, asked: CaseAsked): Promise<CaseOpened | undefined> {
  const { events, ...more } = asked;
  const atMs = parts.wallMs();
  const pack = openPack(new Date(atMs));
  const next = async (at: number): Promise<{ opened: ExportOpened & { ok: true }; at: number } | undefined> => {
    for (let index = at; index < events.length; index++) {
      const event = events[index];
      const opened =
        event === undefined ? undefined : await openExport(parts, { of: { is: 'event', ...event }, ...more });
      if (opened?.ok === true) return { opened, at: index };
    }
    return undefined;
  };
  const first = await next(0);
  if (first === undefined) return undefined;
  const done = fill(pack, first, next, asked);
  done.catch((error: unknown) => {
    pack.fail(error instanceof Error ? error : new Error(String(error)));
    parts.log('warn', 'export of a case broke off', { case: asked.case, error: String(error) });
  });
  const at = new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '');
  return { fileName: `vu-viec-${at}.zip`, stream: pack.stream, done };
}

async function fill(
  pack: Pack,
  first: { opened: ExportOpened & { ok: true }; at: number },
  next: (at: number) => Promise<typeof first | undefined>,
  { case: name, reason, actor, events }: CaseAsked,
): Promise<{ sha256: string; bytes: number }> {
  const here = new Set<number>();
  for (let one: typeof first | undefined = first; one !== undefined; one = await next(one.at + 1)) {
    here.add(one.at);
    try {
      await pack.add(`${String(one.at + 1).padStart(3, '0')}-${one.opened.fileName}`, one.opened.stream);
      await one.opened.done;
    } finally {
      // A reader that went away ends this event's export too.
      one.opened.stream.destroy();
    }
  }
  const list = pack.files.map(({ path, sha256 }) => `${sha256}  ${path}`);
  const gone = events.filter((_, index) => !here.has(index)).map(({ node, id }) => `${node}/${id}`);
  await pack.add(
    'danh-sach.txt',
    [
      `Vụ việc · Case: ${name}`,
      `Lý do · Reason: ${reason}`,
      `Người trích xuất · By: ${actor}`,
      '',
      'Mỗi tệp ZIP dưới đây là một sự kiện, kiểm tra riêng được: matlang verify TỆP.zip',
      'Each ZIP below is one event and can be checked alone: matlang verify FILE.zip',
      '',
      ...list,
      ...gone.map((event) => `Không còn ở máy chủ · no longer here: ${event}`),
      '',
    ].join('\n'),
  );
  await pack.add('SHA256SUMS', `${list.join('\n')}\n`);
  return await pack.end();
}
