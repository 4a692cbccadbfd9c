// A folder as a set of files.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { EvidenceFiles } from '../../hub/custody/files.ts';
import { hubName, type KnownKey, readKey } from '../../hub/custody/keys.ts';

/** A year of a commune's records. */
const filesMax = 5_000_000;

/** One file is a set of one. Rejects when there is no such path. */
export async function openFolder(path: string): Promise<EvidenceFiles> {
  if ((await stat(path)).isFile()) return { names: [basename(path)], read: () => readFile(path) };
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  // Links are not followed: what they lead to is no part of the set.
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)));
  if (names.length > filesMax) throw new Error(`more than ${filesMax} files are below ${path}`);
  return { names: names.sort(), read: (name) => readFile(join(path, name)) };
}

/** `mat-07` of `mat-07.pub` and of `mat-07.pub.pem`. */
const keyName = (file: string): string | undefined => /^(.+)\.pub(?:\.pem)?$/.exec(basename(file))?.[1];

/** Every `<name>.pub` of a folder; none where there is no such folder. */
export async function keysIn(dir: string, within: boolean): Promise<KnownKey[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => keyName(name) !== undefined).sort();
  const keys = await Promise.all(
    names.map(async (name) =>
      readKey(keyName(name) ?? '', await readFile(join(dir, name), 'utf8'), join(dir, name), within),
    ),
  );
  return keys.filter((key) => key !== undefined);
}

/** Where keys lie beside a hub's data, an archive, or what a demo leaves. */
export async function keysBeside(path: string): Promise<KnownKey[]> {
  const above = [dirname(resolve(path)), dirname(dirname(resolve(path))), dirname(dirname(dirname(resolve(path))))];
  const found: KnownKey[] = [];
  for (const dir of above) {
    found.push(...(await keysIn(join(dir, 'keys'), false)));
    const hub = (await keysIn(dir, false)).filter(({ name }) => name === hubName);
    found.push(...hub);
  }
  return found;
}

/** Those that lie in the set: an export's, a hub's folder's, and a card's own, which has no name of its own. */
export async function keysWithin(files: EvidenceFiles, own: string | undefined): Promise<KnownKey[]> {
  const found: (KnownKey | undefined)[] = [];
  for (const file of files.names) {
    const name = keyName(file);
    if (name === undefined) continue;
    const inIdentity = basename(dirname(file)) === 'identity';
    const whose = inIdentity && name === 'signing' ? own : name;
    if (whose !== undefined)
      found.push(await readKey(whose, Buffer.from(await files.read(file)).toString('utf8'), file, true));
  }
  return found.filter((key) => key !== undefined);
}
