// After a cut: what is on the card, and does each file hold what its name and its signature say?
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { folders } from '../../../agent/outbox.ts';
import type { Disk } from '../../../hal/ports.ts';
import { drainClasses, manifestSchema, segmentManifestSchema } from '../../../protocol/manifest.ts';
import { parseFileName, splitRecordFile } from '../../../protocol/record-file.ts';
import { sha256, type VerifyingKey, verify } from '../../../protocol/sign.ts';
import type { GuestWord, Linked } from './words.ts';

export async function lookAtCard(
  disk: Disk,
  dataDir: string,
  key: VerifyingKey,
  say: (word: GuestWord) => void,
): Promise<void> {
  const at = folders(dataDir);
  const seen = new Set<string>();
  const ends = new Map<string, number>();
  const links: Linked[] = [];
  for (const folder of [at.ring, at.delivered, ...drainClasses.map(at.waiting)]) {
    for (const name of await disk.list(folder).catch(() => [])) {
      const file = parseFileName(name);
      if (file === undefined || seen.has(name)) continue;
      seen.add(name);
      const held = await look(await disk.read(join(folder, name)), file.is, file.hash16, key);
      if ('why' in held) {
        say({ is: 'torn', name, why: held.why });
        continue;
      }
      if (held.link !== undefined) links.push(held.link);
      if (file.is === 'segment')
        ends.set(file.boot, Math.max(ends.get(file.boot) ?? 0, file.firstMonoMs + file.durationMs));
    }
  }
  say({ is: 'have', names: [...seen] });
  say({ is: 'links', links });
  for (const [boot, toMonoMs] of ends) say({ is: 'footage', boot, toMonoMs });
}

type Held = { readonly link: Linked | undefined } | { readonly why: string };

async function look(bytes: Uint8Array, is: 'record' | 'segment', hash16: string, key: VerifyingKey): Promise<Held> {
  const file = splitRecordFile(bytes);
  if (file === undefined) return { why: `no manifest line in ${bytes.length} bytes` };
  const hash = sha256(file.jws);
  if (!hash.startsWith(hash16)) return { why: 'another manifest than its name says' };
  const checked = await verify(file.jws, is === 'record' ? 'matlang-record' : 'matlang-segment', key);
  if (!checked.ok) return { why: 'its signature does not hold' };
  const body = createHash('sha256').update(file.body).digest('hex');
  if (is === 'segment') {
    const { sealedSha256 } = segmentManifestSchema.parse(checked.payload);
    return body === sealedSha256
      ? { link: undefined }
      : { why: `its ${file.body.length} bytes are not those that were signed` };
  }
  const manifest = manifestSchema.parse(checked.payload);
  if (manifest.body !== undefined && manifest.body.sha256 !== body)
    return { why: `its body of ${file.body.length} bytes is not the one that was signed` };
  return { link: { boot: manifest.boot, seq: manifest.seq, sha256: hash, prev: manifest.prev } };
}
