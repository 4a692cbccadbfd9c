// One look at a repository: root after root, then timestamp, snapshot, targets. Stops at the first thing that is wrong, and trusts what stood before it.
import type { Source, SourceFailure } from './source.ts';
import {
  metadataBytesMax,
  nextRoot,
  rootIsCurrent,
  snapshotVersion,
  type Took,
  type Trusted,
  type TrustFailure,
  takeSnapshot,
  takeTargets,
  takeTimestamp,
  targetsVersion,
} from './trusted-set.ts';

/** More new roots than this in one look is an endless chain. */
const rootsMax = 64;

export interface Refreshed {
  readonly trusted: Trusted;
  readonly failure: { readonly why: TrustFailure | SourceFailure; readonly text: string } | undefined;
}

export async function refresh(before: Trusted, source: Source, referenceMs: number): Promise<Refreshed> {
  let trusted = before;
  for (let taken = 0; taken < rootsMax; taken++) {
    const path = `metadata/${trusted.root.signed.version + 1}.root.json`;
    const fetched = await source.read(path, metadataBytesMax.root);
    if (!fetched.ok && fetched.why === 'absent') break;
    if (!fetched.ok) return { trusted, failure: fetched };
    const took = nextRoot(trusted, fetched.bytes);
    if (!took.ok) return { trusted, failure: took };
    trusted = took.now;
  }
  const current = rootIsCurrent(trusted, referenceMs);
  if (!current.ok) return { trusted, failure: current };

  const steps: readonly {
    path: () => string;
    bytesMax: number;
    take: (trusted: Trusted, bytes: Uint8Array, referenceMs: number) => Took<Trusted>;
  }[] = [
    { path: () => 'timestamp.json', bytesMax: metadataBytesMax.timestamp, take: takeTimestamp },
    {
      path: () => `${snapshotVersion(trusted)}.snapshot.json`,
      bytesMax: metadataBytesMax.snapshot,
      take: takeSnapshot,
    },
    { path: () => `${targetsVersion(trusted)}.targets.json`, bytesMax: metadataBytesMax.targets, take: takeTargets },
  ];
  for (const { path, bytesMax, take } of steps) {
    const fetched = await source.read(`metadata/${path()}`, bytesMax);
    if (!fetched.ok) return { trusted, failure: fetched };
    const took = take(trusted, fetched.bytes, referenceMs);
    if (!took.ok) return { trusted, failure: took };
    trusted = took.now;
  }
  return { trusted, failure: undefined };
}
