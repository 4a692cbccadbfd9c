// `matlang hub rollout` beside a hub: the same deeds as on the page, by a technician who is named; and how far a rollout is, in words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookIntoCatalog } from '../../hub/catalog.ts';
import { readCatalog } from '../../hub/catalog-read.ts';
import type { HubConfig } from '../../hub/config.ts';
import { keyPath } from '../../hub/credential.ts';
import { findAccount } from '../../hub/desk/accounts.ts';
import type { DeskStore } from '../../hub/desk/store.ts';
import { openNodeKeys } from '../../hub/node-keys.ts';
import { type ActWorld, changeGoing, startRollout, type Who } from '../../hub/rollout/acts.ts';
import type { Rollout } from '../../hub/rollout/book.ts';
import { nodesSeen } from '../../hub/rollout/drive.ts';
import { rings, rolledBack, unexplained } from '../../hub/rollout/wave.ts';
import { auditBeside } from './audit-beside.ts';
import { actor } from './door.ts';
import { local } from './local.ts';
import { releasesIn } from './releases-look.ts';
import type { RolloutWords } from './rollout-words.ts';

const hourMs = 3_600_000;

export interface StartOptions {
  readonly by: string;
  readonly bench: readonly string[];
  readonly canary?: string | undefined;
  /** Hours. */
  readonly quiet: number;
}

/** How many nodes it is for; throws what a person is to be told. */
export async function start(
  store: DeskStore,
  config: HubConfig,
  release: string,
  { by, bench, canary, quiet }: StartOptions,
  say: RolloutWords,
): Promise<number> {
  const who = technician(store, by, say);
  const world = { ...(await actWorld(store, config)), seen: await nodesOf(config) };
  const asked = { release, bench, canary, quietMs: quiet * hourMs };
  const started = await startRollout({ ...world, releases: releasesIn(config.releasesDir) }, asked, who);
  if (started.ok) return started.nodes;
  switch (started.why) {
    case 'no-repository':
      throw new Error(say.noRepository(config.releasesDir, started.text));
    case 'no-release':
      throw new Error(say.noSuchRelease(release, started.known));
    case 'no-node':
      throw new Error(say.noSuchNode(started.node));
    case 'no-nodes':
      throw new Error(say.noNodes);
    case 'going':
      throw new Error(say.alreadyGoing);
  }
}

export async function change(
  store: DeskStore,
  config: HubConfig,
  { by, why, does }: { readonly by: string; readonly why: string; readonly does: 'go-on' | 'stop' },
  say: RolloutWords,
): Promise<void> {
  const who = technician(store, by, say);
  if (!(await changeGoing(await actWorld(store, config), does, why, who))) throw new Error(say.noneGoing);
}

function technician(store: DeskStore, name: string, say: RolloutWords): Who {
  const account = findAccount(store, name);
  if (account?.role !== 'technician' || account.disabled) throw new Error(say.notTechnician(name));
  return { name, actor: `technician:${name}`, on: actor() };
}

async function actWorld(store: DeskStore, config: HubConfig): Promise<ActWorld> {
  return { store, audit: await auditBeside(config), wallMs: Date.now };
}

async function nodesOf({ keysDir, signingKey, dataDir }: HubConfig) {
  const own = readFileSync(keyPath(signingKey), 'utf8');
  const names = await openNodeKeys(keysDir, own, () => performance.now()).names();
  const db = lookIntoCatalog(join(dataDir, 'index.sqlite'));
  try {
    return nodesSeen(names, db === undefined ? [] : readCatalog(db).nodes());
  } finally {
    db?.close();
  }
}

export function describe({ approvedBy, approvedMs, wave }: Rollout, say: RolloutWords): string {
  const lines = [`${say.head(wave.release, approvedBy, local(approvedMs))} · ${say.is[wave.is]}`];
  if (wave.why !== '') lines.push(`  ${wave.why}`);
  for (const ring of rings) {
    const nodes = wave.nodes.filter((node) => node.ring === ring);
    if (nodes.length === 0) continue;
    const proven = nodes.filter(({ standing }) => standing === 'proven').length;
    lines.push(say.ringLine(say.ring[ring], proven, nodes.length, rolledBack({ nodes }).length));
    for (const { node, standing, text } of nodes)
      lines.push(`  ${node.padEnd(20)} ${say.standing[standing]}${text === '' ? '' : `: ${say.whys[text] ?? text}`}`);
  }
  const open = unexplained(wave);
  if (wave.is === 'going' && open.length > 0) lines.push(say.looksNeeded(open.join(', ')));
  else if (wave.is === 'going' && wave.settledMs !== null && wave.ring !== 'rest')
    lines.push(say.quietUntil(local(wave.settledMs + wave.quietMs)));
  return lines.join('\n');
}
