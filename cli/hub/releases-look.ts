// The hub's own repository, seen as a node would see it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Releases } from '../../hub/rollout/acts.ts';
import { refresh } from '../../ota/trust/refresh.ts';
import { folderSource } from '../../ota/trust/source.ts';
import { allOffers } from '../../ota/trust/targets.ts';
import { firstRoot, noFloors, type Trusted } from '../../ota/trust/trusted-set.ts';

export type LookedInto =
  | { readonly ok: true; readonly trusted: Trusted }
  | { readonly ok: false; readonly text: string };

export async function lookInto(releasesDir: string, nowMs: number): Promise<LookedInto> {
  const path = join(releasesDir, 'metadata/1.root.json');
  if (!existsSync(path)) return { ok: false, text: `there is no ${path}` };
  const first = firstRoot(readFileSync(path), noFloors);
  if (!first.ok) return first;
  const { trusted, failure } = await refresh(first.now, folderSource(releasesDir), nowMs);
  return failure === undefined ? { ok: true, trusted } : { ok: false, text: failure.text };
}

/** What a rollout may be made of. */
export const releasesIn =
  (releasesDir: string): Releases =>
  async () => {
    const looked = await lookInto(releasesDir, Date.now());
    if (!looked.ok) return looked;
    return { ok: true, releases: allOffers(looked.trusted).map(({ release, note }) => ({ release, note })) };
  };
