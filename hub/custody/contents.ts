// An export against its own list, which the hub signed: every file, byte for byte, and what was opened against what was signed.
import { type ExportContents, exportContentsSchema, exportNames } from '../../protocol/export.ts';
import type { EvidenceFiles } from './files.ts';
import type { Findings } from './findings.ts';
import { type KeyRing, readKey } from './keys.ts';
import type { Look } from './look.ts';
import type { Item } from './records.ts';

/** Undefined where the list cannot be believed: then it says nothing about the files. */
export async function readContents(
  files: EvidenceFiles,
  keys: KeyRing,
  look: Look,
  findings: Findings,
): Promise<ExportContents | undefined> {
  const name = exportNames.contents;
  if (!files.names.includes(name)) {
    findings.wrongAt('missing-file', name);
    return undefined;
  }
  const text = Buffer.from(await files.read(name)).toString('latin1');
  const line = text.endsWith('\n') ? text.slice(0, -1) : undefined;
  if (keys.hub === undefined) {
    findings.wrongAt('no-key', name, 'hub');
    return undefined;
  }
  const checked = line === undefined ? undefined : await look.verify(line, 'matlang-export', keys.hub.key);
  const read = checked?.ok === true ? exportContentsSchema.safeParse(checked.payload) : undefined;
  if (read?.success !== true) findings.wrongAt('contents', name, checked?.ok === true ? 'shape' : 'signature');
  return read?.data;
}

export async function checkContents(
  files: EvidenceFiles,
  contents: ExportContents,
  look: Look,
  findings: Findings,
): Promise<void> {
  const here = new Set(files.names);
  const listed = new Map(contents.files.map((file) => [file.path, file]));
  const byHash = new Map(contents.files.map((file) => [file.sha256, file.path]));
  const altered: { path: string; bytes: number; sha256: string }[] = [];
  const extra: { path: string; sha256: string }[] = [];
  for (const path of files.names) {
    if (path === exportNames.contents) continue;
    const bytes = await files.read(path).catch(() => undefined);
    const sha256 = bytes === undefined ? '' : look.hash(bytes);
    const is = listed.get(path);
    if (is === undefined) extra.push({ path, sha256 });
    else if (is.sha256 !== sha256) altered.push({ path, bytes: bytes?.length ?? 0, sha256 });
  }
  for (const { path, sha256 } of extra) {
    const other = byHash.get(sha256);
    if (other !== undefined && !here.has(other)) findings.wrongAt('renamed-file', path, other);
    else findings.wrongAt('extra-file', path, other ?? '');
  }
  const renamed = new Set(extra.map(({ sha256 }) => byHash.get(sha256)));
  for (const path of listed.keys()) if (!here.has(path) && !renamed.has(path)) findings.wrongAt('missing-file', path);
  for (const { path, bytes, sha256 } of altered) {
    const other = byHash.get(sha256);
    const wanted = listed.get(path)?.bytes ?? 0;
    if (other !== undefined) findings.wrongAt('swapped', path, other);
    else if (bytes < wanted) findings.wrongAt('cut-file', path, `${bytes}/${wanted}`);
    else if (bytes > wanted) findings.wrongAt('longer-file', path, `${bytes}/${wanted}`);
    else findings.wrongAt('altered-file', path, `${bytes}`);
  }
}

/** Keys that were put into an export are those under which it is checked. */
export async function checkKeys(files: EvidenceFiles, keys: KeyRing, findings: Findings): Promise<void> {
  for (const path of files.names.filter((name) => /^keys\/[^/]+\.pub$/.test(name))) {
    const name = path.slice('keys/'.length, -'.pub'.length);
    const here = await readKey(name, Buffer.from(await files.read(path)).toString('utf8'), path, true);
    const known = keys.of(name);
    if (known !== undefined && here?.fingerprint !== known.fingerprint)
      findings.wrongAt('other-key', path, `${name} ${here?.fingerprint ?? '?'}`);
  }
}

/** What stands opened in the export is what the node signed, and in its order. */
export async function checkOpened(
  files: EvidenceFiles,
  contents: ExportContents,
  items: readonly Item[],
  look: Look,
  findings: Findings,
): Promise<void> {
  const here = new Set(files.names);
  const hashOf = async (path: string) => look.hash(await files.read(path));
  const plain = new Set<string | undefined>();
  const segments = new Map<string, string>();
  for (const { entry } of items) {
    if (entry.is === 'segment') segments.set(`${entry.boot} ${entry.number}`, entry.manifest.plainSha256);
    else plain.add(entry.manifest.body?.plainSha256);
  }
  for (const path of files.names)
    if (/^(?:stills|details)\//.test(path) && !plain.has(await hashOf(path)))
      findings.wrongAt('opened-otherwise', path);
  for (const clip of contents.clips) {
    const record = items.find(
      ({ entry: { is, boot, number } }) => is === 'record' && boot === clip.boot && number === clip.seq,
    );
    if (record?.entry.is !== 'record') continue;
    const { segments: refs = [], init } = record.entry.manifest;
    const order = refs.map(({ boot, seg }) => `${boot}/${seg}`).join(' ');
    if (order !== clip.parts.map(({ boot, seg }) => `${boot}/${seg}`).join(' '))
      findings.wrongAt('re-ordered', record.file);
    if (clip.init !== null && here.has(clip.init) && (await hashOf(clip.init)) !== init)
      findings.wrongAt('opened-otherwise', clip.init);
    for (const { boot, seg, path } of clip.parts)
      if (path !== null && here.has(path) && (await hashOf(path)) !== segments.get(`${boot} ${seg}`))
        findings.wrongAt('opened-otherwise', path);
  }
}
