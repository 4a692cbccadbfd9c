// What is handed over as it lies in the archive: sealed records and segments, the hub's signatures over them, and the manifests of what came between.
import { readFile } from 'node:fs/promises';
import { counterSignaturesName } from '../../protocol/counter-signature.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { chainBetween } from './select.ts';
import type { Work } from './work.ts';

/** The sealed files as they lie in the archive, and the hub's signatures over them. */
export async function addOriginals({ parts, selection, pack }: Work) {
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

/** Manifests alone: they show that nothing that came between was left out or put in. */
export async function addChain({ parts, selection, pack }: Work): Promise<void> {
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
