// The update service's door, `matlang-update --config FILE [--root DIR] [--into DIR] [--bytes-per-s N]`: one run, started by a timer and by the hub's wish. It has the network and the
// node's certificate, and neither the right to install nor the key to sign (systemd/matlang-update.service).
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { askHub } from '../agent/ask-hub.ts';
import { loadConfig } from '../agent/config-file.ts';
import type { Trusted } from '../agent/dial.ts';
import { enter } from '../agent/door.ts';
import { readHead } from '../agent/head.ts';
import { readHubKey } from '../agent/identity.ts';
import { keepTime } from '../agent/keep-time.ts';
import { openLog } from '../agent/log.ts';
import { type Membership, readMembership } from '../agent/membership.ts';
import { folders } from '../agent/outbox.ts';
import { runDir as runDirOf } from '../agent/run-dir.ts';
import { openBoardClock } from '../hal/clock.ts';
import { disk } from '../hal/disk.ts';
import { hereAnswerSchema } from '../protocol/here.ts';
import { audience } from '../protocol/receipt.ts';
import { verify } from '../protocol/sign.ts';
import { fetchWished, wish, wished } from './fetch.ts';
import { alone } from './launcher.ts';
import { isReleaseName } from './release-list.ts';
import { besideEvidence } from './room.ts';
import { shelf } from './shelf.ts';
import { tell } from './told.ts';
import { hubSource } from './trust/hub-source.ts';
import { openPace } from './trust/pace.ts';
import { isVouched, madeMsOf, referenceTime } from './trust/reference-time.ts';

/** One megabit: an ordinary change in a minute or two, the runtime in five, and room for what the camera sends. */
const bytesPerSUsual = 128 * 1024;
/** A run that takes longer is ended by its service, and goes on at the next. */
const wishName = 'update-wanted';

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      config: { type: 'string' },
      root: { type: 'string', default: '/opt/matlang' },
      into: { type: 'string', default: '/var/lib/matlang-update' },
      'bytes-per-s': { type: 'string' },
    },
  });
  if (values.config === undefined) throw new Error('--config FILE is required');
  const { root: updateRoot, into } = values;
  const bytesPerS = Number(values['bytes-per-s'] ?? bytesPerSUsual);
  if (!(bytesPerS >= 1024)) throw new Error(`--bytes-per-s must be at least 1024, not ${values['bytes-per-s']}`);
  const log = openLog('update');
  const { config, dataDir, identityDir } = await loadConfig(disk, values.config, 'read-only');
  const runDir = runDirOf(dataDir);
  mkdirSync(into, { recursive: true });
  const busy = await alone(into, async () => {
    takeWish(join(runDir, wishName), into);
    const release = wished(into);
    if (release === undefined) return { ok: true } as const;
    const membership = await readMembership(disk, identityDir);
    if (membership === undefined) throw new Error('this node has not joined a commune yet (matlang enrol)');
    const floorMs = (await readHead(disk, identityDir).catch(() => undefined))?.floorMs ?? 0;
    const trusted = {
      commune: config.commune,
      ca: { pem: membership.ca },
      own: { cert: membership.tls, key: membership.tls },
      floorMs,
    };
    const now = keepTime(openBoardClock({ trust: config.clock }), floorMs).now();
    const synced = isVouched(now);
    const hubMs = synced ? undefined : await hubTime(membership, trusted, identityDir);
    const madeMs = madeMsOf(updateRoot);
    const referenceMs = referenceTime({ synced, systemMs: now.wallMs ?? 0, floorMs, madeMs, hubMs });
    const waiting = folders(dataDir).waiting(0);
    const end = await fetchWished({
      ...{ shelf, updateRoot, into, referenceMs },
      source: hubSource(membership.hubs, trusted, new AbortController().signal),
      pace: openPace({
        bytesPerS,
        alarmWaits: async () => (await readdir(waiting).catch(() => [])).length > 0,
        monoMs: () => performance.now(),
        rest: (ms) => pause(ms),
      }),
      mayUse: besideEvidence(disk, { dataDir, into, keepFreeBytes: config.storage.keepFreeMiB * 1024 * 1024 }),
    });
    log(end.ok ? 'info' : 'warn', 'fetched', end);
    if (!end.ok && end.why !== 'unreachable')
      tell(runDir, { is: 'refused', by: 'hub', release, why: end.why, text: end.text });
    return { ok: true } as const;
  });
  if (!busy.ok) log('info', 'another run is at work', {});
}

/** What the recorder was told by the hub lies in shared memory; from here on it is on the card. */
function takeWish(path: string, into: string): void {
  if (!existsSync(path)) return;
  const release = readFileSync(path, 'utf8').trim();
  if (isReleaseName(release)) wish(shelf, into, release);
  rmSync(path, { force: true });
}

/** The hub's clock by its signature over a fresh number: what nobody can have kept from an earlier day. */
async function hubTime(
  { hubs, commune, node }: Membership,
  trusted: Trusted,
  identityDir: string,
): Promise<number | undefined> {
  const nonce = randomBytes(16).toString('hex');
  const asked = await askHub(hubs, '/here', JSON.stringify({ v: 1, nonce }), trusted, AbortSignal.timeout(40_000));
  const word =
    asked.ok && typeof asked.body === 'object' && asked.body !== null && 'word' in asked.body ? asked.body.word : '';
  const verified = await verify(String(word), 'matlang-here', await readHubKey(disk, identityDir));
  const answer = verified.ok ? hereAnswerSchema.safeParse(verified.payload).data : undefined;
  return answer?.nonce === nonce && answer.aud === audience(commune, node) ? answer.hubMs : undefined;
}

if (import.meta.main) await enter('update', main);
