// The update root on a node (by default /opt/matlang), and its durable state. node: imports only.
//   releases/<name>/   complete and verified, never written to again
//   current, previous  links into releases/
//   state.json         where the launcher stands (trial.ts), with the reasons of the last roll-back
//   launcher/          the launcher itself, outside every release, so that no release can break it
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isReleaseName } from './release-list.ts';
import { replaceFile, type Shelf } from './shelf.ts';
import { type Back, type Launch, startsMax } from './trial.ts';

export const releasesIn = (root: string): string => join(root, 'releases');
/** A release that was gathered from a repository, in a folder named after its list, until it is installed. */
export const gatheredIn = (root: string): string => join(root, 'gathered');
export const releaseIn = (root: string, release: string): string => join(root, 'releases', release);

/** A root without a readable state, new or with a damaged card, is where its links say it is: they only ever name whole releases. */
export function readState(root: string): Launch {
  const text = unlessAbsent(() => readFileSync(join(root, 'state.json'), 'utf8'));
  const state = text === undefined ? undefined : parseState(text);
  return state ?? { name: 'steady', release: linked(root, 'current'), previous: linked(root, 'previous') };
}

export function saveState(shelf: Shelf, root: string, state: Launch): void {
  replaceFile(shelf, join(root, 'state.json'), `${JSON.stringify({ v: 1, ...state }, undefined, 2)}\n`);
}

/** Points a link at a release with one rename, so that it is never absent in between. `null` takes the link away. */
export function point(shelf: Shelf, root: string, name: 'current' | 'previous', release: string | null): void {
  const path = join(root, name);
  if (release === null) shelf.remove(path);
  else {
    shelf.remove(`${path}.new`);
    shelf.link(join('releases', release), `${path}.new`);
    shelf.rename(`${path}.new`, path);
  }
  shelf.syncFolder(root);
}

function linked(root: string, name: 'current' | 'previous'): string | null {
  const target = unlessAbsent(() => readlinkSync(join(root, name)));
  const release = target === undefined ? null : basename(target);
  return isReleaseName(release) && existsSync(releaseIn(root, release)) ? release : null;
}

function unlessAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseState(text: string): Launch | undefined {
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof found !== 'object' || found === null || found.v !== 1) return undefined;
  const { release, previous, to, from, older, before, starts, whys, heardMs, back } = found;
  switch (found.name) {
    case 'steady':
      if (!isNameOrNull(release) || !isNameOrNull(previous)) return undefined;
      return { name: 'steady', release, previous, ...(isBack(back) ? { back } : {}) };
    case 'switching':
      if (!isReleaseName(to) || !isNameOrNull(from) || !isNameOrNull(older)) return undefined;
      return { name: 'switching', to, from, older };
    case 'trial':
    case 'proving':
      if (!isReleaseName(release) || !isNameOrNull(before) || !isNameOrNull(older)) return undefined;
      if (!isCount(heardMs) || !isWords(whys)) return undefined;
      if (found.name === 'proving') return { name: 'proving', release, before, older, whys, heardMs };
      if (!isCount(starts) || starts < 1 || starts > startsMax) return undefined;
      return { name: 'trial', release, before, older, starts, whys, heardMs };
    case 'returning':
      if (!isBack(back) || !isNameOrNull(to) || !isNameOrNull(older)) return undefined;
      return { name: 'returning', back, to, older };
    default:
      return undefined;
  }
}

const isCount = (found: unknown): found is number => Number.isSafeInteger(found) && Number(found) >= 0;
const isNameOrNull = (found: unknown): found is string | null => found === null || isReleaseName(found);
const isWords = (found: unknown): found is string[] =>
  Array.isArray(found) && found.every((word) => typeof word === 'string');
const isBack = (found: unknown): found is Back =>
  typeof found === 'object' &&
  found !== null &&
  'release' in found &&
  isReleaseName(found.release) &&
  'whys' in found &&
  isWords(found.whys) &&
  (!('log' in found) || typeof found.log === 'string');
