// The makers of releases with all their keys: a repository that nodes with its first root believe.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { makeKeyPair, readHand, type SigningHand } from '../../ota/trust/keys.ts';
import { type Holders, publish, signStaged, stageRelease, writeRoot } from '../../ota/trust/repository.ts';
import { smallRelease } from './small-release.ts';

export const nowMs = Date.UTC(2026, 10, 28);
export const dayMs = 86_400_000;
export const note = { vi: 'Sửa lỗi', en: 'Fixes' };

export const hand = (): SigningHand => readHand(makeKeyPair(undefined).privatePem, undefined);
export const hands = {
  roots: [hand(), hand(), hand()],
  targets: [hand(), hand()],
  snapshot: hand(),
  timestamp: hand(),
};
export const holders: Holders = {
  root: { keys: hands.roots.map(({ key }) => key), threshold: 2 },
  targets: { keys: hands.targets.map(({ key }) => key), threshold: 2 },
  snapshot: { keys: [hands.snapshot.key], threshold: 1 },
  timestamp: { keys: [hands.timestamp.key], threshold: 1 },
};
export const online = [hands.snapshot, hands.timestamp];

/** A repository in `repo` with its first root, which is returned. */
export function found(repo: string, atMs: number = nowMs): Uint8Array {
  const written = writeRoot(repo, holders, hands.roots.slice(0, 2), atMs);
  assert.ok(written.ok, written.ok ? '' : written.text);
  return readFileSync(join(repo, 'metadata/1.root.json'));
}

/** Signed by both, and published. */
export function release(repo: string, folder: string, atMs: number = nowMs): void {
  const staged = stageRelease(repo, folder, note, atMs);
  assert.ok(staged.ok, staged.ok ? '' : staged.text);
  for (const one of hands.targets) assert.ok(signStaged(repo, one).ok);
  const published = publish(repo, online, atMs);
  assert.ok(published.ok, published.ok ? '' : published.text);
}

/** A small one, made in `folder` first. */
export async function releaseSmall(
  repo: string,
  folder: string,
  name: string,
  selfTest?: string,
  more?: Readonly<Record<string, string>>,
  atMs: number = nowMs,
): Promise<void> {
  await smallRelease(folder, name, selfTest, more);
  release(repo, folder, atMs);
}
