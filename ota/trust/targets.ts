// What the trusted targets offer this machine: releases, each named by its list of files (`release.json`), whose hash is what was signed. Every file is named by its
// hash in that list, so two people's signatures hold for each byte.
import type { TargetFile } from '@tufjs/models';
import { isReleaseName, listBytesMax } from '../release-list.ts';
import type { Trusted } from './trusted-set.ts';

/** One release for one machine, as the makers signed it. */
export interface Offer {
  readonly release: string;
  readonly arch: string;
  /** Grows with each release made; a node takes the highest that is meant for it. */
  readonly serial: number;
  /** Words for the technician. */
  readonly note: { readonly vi: string; readonly en: string };
  readonly list: { readonly sha256: string; readonly bytes: number };
}

const noteMax = 2000;

export const targetPath = (release: string, arch: string): string => `${release}/${arch}/release.json`;
/** Consistent snapshots (TUF 7.2): a target's file name begins with its hash. */
export const listPath = ({ release, arch, list }: Offer): string =>
  `targets/${release}/${arch}/${list.sha256}.release.json`;
export const filePath = (sha256: string): string => `files/${sha256.slice(0, 2)}/${sha256}.gz`;

/** Newest first; what is not understood is left out: a newer maker may sign more than this release knows of. */
export function allOffers({ targets }: Pick<Trusted, 'targets'>): Offer[] {
  return Object.values(targets?.signed.targets ?? {})
    .map(readOffer)
    .filter((offer) => offer !== undefined)
    .sort((a, b) => b.serial - a.serial);
}

export const offersFor = (trusted: Pick<Trusted, 'targets'>, arch: string): Offer[] =>
  allOffers(trusted).filter((offer) => offer.arch === arch);

function readOffer(target: TargetFile): Offer | undefined {
  const { release, arch, serial, note } = target.custom;
  const sha256 = target.hashes.sha256;
  if (!isReleaseName(release) || typeof arch !== 'string' || target.path !== targetPath(release, arch))
    return undefined;
  if (typeof serial !== 'number' || !Number.isSafeInteger(serial) || serial < 1) return undefined;
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256) || target.length > listBytesMax) return undefined;
  return { release, arch, serial, note: readNote(note), list: { sha256, bytes: target.length } };
}

function readNote(note: unknown): Offer['note'] {
  const all = new Map(typeof note === 'object' && note !== null ? Object.entries(note) : []);
  const words = (language: string): string => {
    const told: unknown = all.get(language);
    return typeof told === 'string' ? told.slice(0, noteMax) : '';
  };
  return { vi: words('vi'), en: words('en') };
}
