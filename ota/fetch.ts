// What the hub has told this node to install, fetched and laid ready. It installs nothing: whoever does has the rights for it, no network, and looks at everything anew.
//   <into>/wanted   the release that is wished for: stays until it lies ready or cannot be had
//   <into>/…        a repository (trust/mirror.ts)
//   <into>/ready    its name, once it is all there: systemd starts the installer for it
//   <into>/trust/   what this half believes, from the node's own factory root on
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isReleaseName } from './release-list.ts';
import type { MayUse } from './room.ts';
import { replaceFile, type Shelf } from './shelf.ts';
import { keeping, type MirrorFailure, mirror } from './trust/mirror.ts';
import type { Pace } from './trust/pace.ts';
import type { Source } from './trust/source.ts';
import { hasTrust, plantTrust } from './trust/store.ts';
import type { TrustFailure } from './trust/trusted-set.ts';
import { look } from './trust/update.ts';

export interface FetchWorld {
  readonly shelf: Shelf;
  /** Where releases are installed; only read. */
  readonly updateRoot: string;
  readonly into: string;
  readonly source: Source;
  readonly referenceMs: number;
  readonly pace: Pace;
  readonly mayUse: MayUse;
}

export type FetchEnd =
  /** Nothing was wished for, or it runs already, or it waits to be installed. */
  | { readonly ok: true; readonly release: string | undefined }
  | {
      readonly ok: false;
      readonly release: string;
      readonly why: MirrorFailure | TrustFailure | 'no-trust' | 'not-offered';
      readonly text: string;
    };

const wantedIn = (into: string) => join(into, 'wanted');
export const readyIn = (into: string): string => join(into, 'ready');

/** A newer wish takes the place of an older one. Durable on return. */
export function wish(shelf: Shelf, into: string, release: string): void {
  mkdirSync(into, { recursive: true });
  replaceFile(shelf, wantedIn(into), release);
}

export function wished(into: string): string | undefined {
  if (!existsSync(wantedIn(into))) return undefined;
  const name = readFileSync(wantedIn(into), 'utf8').trim();
  return isReleaseName(name) ? name : undefined;
}

/** The wish stays after what another try may mend, a link above all. */
export async function fetchWished(world: FetchWorld): Promise<FetchEnd> {
  const { into } = world;
  const release = wished(into);
  if (release === undefined || existsSync(readyIn(into))) return { ok: true, release: undefined };
  const end = await fetchNow(world, release);
  if (end.ok || end.why !== 'unreachable') rmSync(wantedIn(into), { force: true });
  return end;
}

async function fetchNow(world: FetchWorld, release: string): Promise<FetchEnd> {
  const { shelf, updateRoot, into, source, referenceMs, pace, mayUse } = world;
  if (!hasTrust(updateRoot))
    return {
      ok: false,
      release,
      why: 'no-trust',
      text: `${updateRoot} was never given a root of trust (matlang update trust)`,
    };
  const planted = plantTrust(shelf, into, readFileSync(join(updateRoot, 'trust/factory.json')));
  // A root that the card has spoilt there is not missed where this half has its own.
  if (!planted.ok && !hasTrust(into)) return { ...planted, release };
  const kept = keeping(source, into);
  const rules = { root: updateRoot, selfTestArgs: [], selfTestMsMax: 0 };
  const looked = await look({ shelf, rules, trustRoot: into, source: kept, referenceMs, wanted: release });
  if (!looked.ok) return { ...looked, release };
  if (looked.running === release) return { ok: true, release: undefined };
  if (looked.offer === undefined)
    return {
      ok: false,
      release,
      why: 'not-offered',
      text: `${release} is not newer than what runs, was taken back before, or is not signed`,
    };
  const told = () => undefined;
  const fetched = await mirror({ source, into, updateRoot, pace, told, mayUse }, looked.offer);
  if (!fetched.ok) return { ...fetched, release };
  replaceFile(shelf, readyIn(into), release);
  return { ok: true, release };
}
