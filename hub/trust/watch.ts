// Keeps what follows from the roll true: the list of revoked certificates, the folder of keys, and connections that should no longer be.
// Whoever revokes (this process, the command line) only writes the roll; within a second it is in force here.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Log } from '../../agent/log.ts';
import { regularly } from '../regularly.ts';
import { dropKey } from './admit.ts';
import { writeWhole } from './new-file.ts';
import { readServer, type Trust } from './trust.ts';

export interface Watch {
  /** Looks now. Never throws. */
  look(): Promise<void>;
  close(): Promise<void>;
}
export interface WatchWorld {
  readonly keysDir: string;
  /** The list of revoked certificates has changed: the broker must read it again. */
  readonly listed: (crl: string) => Promise<void>;
  /** A lent camera was taken back: its node is told, while it still can be. */
  readonly withdrawn: (node: string) => Promise<void>;
  /** `matlang hub init` has renewed what the broker and the door show. */
  readonly renewed: (server: Trust['server']) => void;
  /** Whoever is connected under these names with a certificate out of force must go. */
  readonly kick: (nodes: readonly string[]) => Promise<void>;
  readonly wallMs: () => number;
  readonly log: Log;
}

const everyMs = 1000;
/** Renewed also where nothing changes: expired certificates leave it. */
const listEveryMs = 86_400_000;

export function watchTrust(trust: Trust, world: WatchWorld): Watch {
  const { roll, ca, paths } = trust;
  const { log } = world;
  const known = { version: -1, listedMs: 0, listed: '' };
  const kicked = new Set<string>();
  const shown = { cert: trust.server.cert };

  const lookAtServer = async (): Promise<void> => {
    const server = await readServer(paths);
    if (server.cert === shown.cert) return;
    // Key and certificate are two files: half of a renewal is seen again at the next look.
    if (!new X509Certificate(server.cert).checkPrivateKey(createPrivateKey(server.key))) return;
    world.renewed(server);
    shown.cert = server.cert;
    log('info', 'another certificate is shown');
  };
  const look = async (): Promise<void> => {
    await lookAtServer();
    const version = roll.version();
    const nowMs = world.wallMs();
    if (version === known.version && nowMs - known.listedMs < listEveryMs) return;
    const revoked = roll.revoked(nowMs);
    const fresh = revoked.filter(({ serial }) => !kicked.has(serial));
    const takenBack = roll.nodes().filter(({ state }) => state === 'withdrawn');
    const toTell = takenBack.filter(({ node }) => fresh.some((each) => each.node === node));
    await Promise.all(toTell.map(({ node }) => world.withdrawn(node)));
    const serials = revoked
      .map(({ serial }) => serial)
      .sort()
      .join(' ');
    if (serials !== known.listed || nowMs - known.listedMs >= listEveryMs) {
      const crl = await ca.crl(revoked, nowMs);
      await writeWhole(paths.crl, crl, 0o644);
      await world.listed(crl);
    }
    for (const { node, state } of roll.nodes()) if (state !== 'active') await dropKey(world.keysDir, node);
    if (fresh.length > 0) await world.kick([...new Set(fresh.map(({ node }) => node))]);
    for (const { serial } of fresh) kicked.add(serial);
    known.version = version;
    known.listedMs = nowMs;
    known.listed = serials;
  };
  const { quietly, close } = regularly(look, everyMs, (error) =>
    log('error', 'trust could not be brought up to date', { error: String(error) }),
  );
  return { look: quietly, close };
}

/** SIGHUP to whoever wrote this file; false where there is no such process, or it is not ours to signal. */
export async function hangUp(pidFile: string): Promise<boolean> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (name.trim() !== 'mosquitto') return false;
  try {
    process.kill(pid, 'SIGHUP');
    return true;
  } catch {
    return false;
  }
}
