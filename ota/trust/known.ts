// Which files the releases on this machine have, by hash: what need not be fetched again.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readListIn } from '../install.ts';
import type { ReleaseFile } from '../release-list.ts';
import { releaseIn, releasesIn } from '../root.ts';
import { measureFile } from '../shelf.ts';

/** From hash to path, as the lists of the releases say: believed only after it has been read again (`isThere`). */
export function knownFiles(updateRoot: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const release of existsSync(releasesIn(updateRoot)) ? readdirSync(releasesIn(updateRoot)) : []) {
    const folder = releaseIn(updateRoot, release);
    const read = readListIn(folder);
    for (const { path, sha256 } of read.ok ? read.list.files : []) known.set(sha256, join(folder, path));
  }
  return known;
}

export function isThere(path: string, { bytes, sha256 }: ReleaseFile): boolean {
  if (!existsSync(path)) return false;
  const found = measureFile(path, bytes);
  return found?.bytes === bytes && found.sha256 === sha256;
}
