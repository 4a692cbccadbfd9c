// Letting a release go, going on, stopping: what must hold first, what is written down, and then the deed. For the page and for `matlang hub rollout` alike.
import { createHash } from 'node:crypto';
import type { Audit } from '../audit.ts';
import type { DeskStore } from '../desk/store.ts';
import { beginRollout, changeRollout, latestRollout } from './book.ts';
import { beginWave, goOn, type NodeSeen, stop } from './wave.ts';

export interface KnownRelease {
  readonly release: string;
  /** The makers' words for the technician. */
  readonly note: { readonly vi: string; readonly en: string };
}
/** What the hub's repository offers, as a node would believe it, newest first. */
export type Releases = () => Promise<
  { readonly ok: true; readonly releases: readonly KnownRelease[] } | { readonly ok: false; readonly text: string }
>;

export interface ActWorld {
  readonly store: DeskStore;
  readonly audit: Pick<Audit, 'append'>;
  readonly wallMs: () => number;
}
export interface Asked {
  readonly release: string;
  readonly bench: readonly string[];
  /** Undefined: one that is online. */
  readonly canary: string | undefined;
  readonly quietMs: number;
}
/** Who: the account, and how the audit log names it. */
export interface Who {
  readonly name: string;
  readonly actor: string;
  /** From where, where that is to be written down. */
  readonly on?: string;
}
export type Started =
  | { readonly ok: true; readonly nodes: number }
  | { readonly ok: false; readonly why: 'no-repository'; readonly text: string }
  | { readonly ok: false; readonly why: 'no-release'; readonly known: readonly string[] }
  | { readonly ok: false; readonly why: 'no-node'; readonly node: string }
  | { readonly ok: false; readonly why: 'no-nodes' | 'going' };

export const quietHoursUsual = 24;
export const quietHoursMax = 30 * 24;

export async function startRollout(
  world: ActWorld & { readonly releases: Releases; readonly seen: readonly NodeSeen[] },
  { release, bench, canary, quietMs }: Asked,
  who: Who,
): Promise<Started> {
  const { store, seen, wallMs } = world;
  const found = await world.releases();
  if (!found.ok) return { ok: false, why: 'no-repository', text: found.text };
  const known = [...new Set(found.releases.map((each) => each.release))];
  if (!known.includes(release)) return { ok: false, why: 'no-release', known };
  if (seen.length === 0) return { ok: false, why: 'no-nodes' };
  const stranger = [...bench, ...(canary === undefined ? [] : [canary])].find(
    (named) => !seen.some(({ node }) => node === named),
  );
  if (stranger !== undefined) return { ok: false, why: 'no-node', node: stranger };
  if (latestRollout(store)?.wave.is === 'going') return { ok: false, why: 'going' };
  const order = (node: string) => createHash('sha256').update(`${release} ${node}`).digest('hex');
  const wave = beginWave({ release, quietMs }, { bench, canary }, seen, order, wallMs());
  await writeDown(world, who, { does: 'start', release, quietHours: quietMs / 3_600_000, nodes: seen.length });
  if (!beginRollout(store, wave, who.name, wallMs())) return { ok: false, why: 'going' };
  return { ok: true, nodes: seen.length };
}

/** False where none is going. */
export async function changeGoing(world: ActWorld, does: 'go-on' | 'stop', why: string, who: Who): Promise<boolean> {
  const latest = latestRollout(world.store);
  if (latest?.wave.is !== 'going') return false;
  await writeDown(world, who, { does, release: latest.wave.release }, why);
  const changed = changeRollout(world.store, (wave) =>
    does === 'go-on' ? goOn(wave) : stop(wave, `${who.name}: ${why}`),
  );
  return changed !== undefined;
}

/** Before it is done. */
const writeDown = (
  { audit }: ActWorld,
  { actor, on }: Who,
  details: Readonly<Record<string, string | number>>,
  reason?: string,
) =>
  audit.append({
    ...{ actor, action: 'change', subject: 'rollout' },
    ...(reason === undefined ? {} : { reason }),
    details: { ...details, ...(on === undefined ? {} : { on }) },
  });
