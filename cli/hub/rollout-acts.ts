// What `matlang hub rollout` does: checked, written down, and then done in the desk's book.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localTime } from '../../agent/core/local-time.ts';
import { disk } from '../../hal/disk.ts';
import { openAudit } from '../../hub/audit.ts';
import { lookIntoCatalog } from '../../hub/catalog.ts';
import { readCatalog } from '../../hub/catalog-read.ts';
import type { HubConfig } from '../../hub/config.ts';
import { keyPath } from '../../hub/credential.ts';
import { findAccount } from '../../hub/desk/accounts.ts';
import type { DeskStore } from '../../hub/desk/store.ts';
import { openNodeKeys } from '../../hub/node-keys.ts';
import { beginRollout, changeRollout, latestRollout, type Rollout } from '../../hub/rollout/book.ts';
import { nodesSeen } from '../../hub/rollout/drive.ts';
import { beginWave, goOn, rings, rolledBack, stop, unexplained } from '../../hub/rollout/wave.ts';
import { allOffers } from '../../ota/trust/targets.ts';
import { readSigningKey } from '../../protocol/sign.ts';
import { actor } from './door.ts';
import { lookInto } from './releases-look.ts';
import type { RolloutWords } from './rollout-words.ts';

const hourMs = 3_600_000;

export interface Started {
  readonly by: string;
  readonly bench: readonly string[];
  readonly canary?: string | undefined;
  /** Hours. */
  readonly quiet: number;
}

/** How many nodes it is for. */
export async function start(
  store: DeskStore,
  config: HubConfig,
  release: string,
  { by, bench, canary, quiet }: Started,
  say: RolloutWords,
): Promise<number> {
  mustBeTechnician(store, by, say);
  await mustBeSigned(config.releasesDir, release, say);
  const seen = await nodesOf(config);
  if (seen.length === 0) throw new Error(say.noNodes);
  for (const named of [...bench, ...(canary === undefined ? [] : [canary])])
    if (!seen.some(({ node }) => node === named)) throw new Error(say.noSuchNode(named));
  const order = (node: string) => createHash('sha256').update(`${release} ${node}`).digest('hex');
  const wave = beginWave({ release, quietMs: quiet * hourMs }, { bench, canary }, seen, order, Date.now());
  if (latestRollout(store)?.wave.is === 'going') throw new Error(say.alreadyGoing);
  const details = { does: 'start', release, quietHours: quiet, nodes: seen.length };
  await writeDown(config, by, details);
  if (!beginRollout(store, wave, by, Date.now())) throw new Error(say.alreadyGoing);
  return seen.length;
}

export async function change(
  store: DeskStore,
  config: HubConfig,
  { by, why, does }: { readonly by: string; readonly why: string; readonly does: 'go-on' | 'stop' },
  say: RolloutWords,
): Promise<void> {
  mustBeTechnician(store, by, say);
  const latest = latestRollout(store);
  if (latest?.wave.is !== 'going') throw new Error(say.noneGoing);
  await writeDown(config, by, { does, release: latest.wave.release }, why);
  const changed = changeRollout(store, (wave) => (does === 'go-on' ? goOn(wave) : stop(wave, `${by}: ${why}`)));
  if (changed === undefined) throw new Error(say.noneGoing);
}

function mustBeTechnician(store: DeskStore, name: string, say: RolloutWords): void {
  const account = findAccount(store, name);
  if (account?.role !== 'technician' || account.disabled) throw new Error(say.notTechnician(name));
}

/** What no node would believe is not let go. */
async function mustBeSigned(releasesDir: string, release: string, say: RolloutWords): Promise<void> {
  const looked = await lookInto(releasesDir, Date.now());
  if (!looked.ok) throw new Error(say.noRepository(releasesDir, looked.text));
  const known = new Set(allOffers(looked.trusted).map((offer) => offer.release));
  if (!known.has(release)) throw new Error(say.noSuchRelease(release, [...known]));
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

/** Before it is done. */
async function writeDown(
  { dataDir, commune, signingKey }: HubConfig,
  by: string,
  details: Readonly<Record<string, string | number>>,
  reason?: string,
): Promise<void> {
  const key = await readSigningKey(readFileSync(keyPath(signingKey), 'utf8'));
  const audit = await openAudit({ disk, dataDir, commune, key, wallMs: Date.now });
  await audit.append({
    ...{ actor: `technician:${by}`, action: 'change', subject: 'rollout' },
    ...(reason === undefined ? {} : { reason }),
    details: { ...details, on: actor() },
  });
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
      lines.push(`  ${node.padEnd(20)} ${say.standing[standing]}${text === '' ? '' : `: ${text}`}`);
  }
  const open = unexplained(wave);
  if (wave.is === 'going' && open.length > 0) lines.push(say.looksNeeded(open.join(', ')));
  else if (wave.is === 'going' && wave.settledMs !== null && wave.ring !== 'rest')
    lines.push(say.quietUntil(local(wave.settledMs + wave.quietMs)));
  return lines.join('\n');
}

function local(ms: number): string {
  const { year, month, day, hour, minute } = localTime(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(hour)}:${two(minute)} ${two(day)}/${two(month)}/${year}`;
}
