// The uplink's door: reads configuration and hub key, and runs until SIGTERM or SIGINT. It never opens the node's signing key.
import { parseArgs } from 'node:util';
import { openBoardClock } from '../../hal/clock.ts';
import { disk } from '../../hal/disk.ts';
import { readLinks } from '../../hal/links.ts';
import { openNotify } from '../../hal/notify.ts';
import { loadConfig } from '../config-file.ts';
import { enter } from '../door.ts';
import { readHead } from '../head.ts';
import { readHubKey } from '../identity.ts';
import { keepTime } from '../keep-time.ts';
import { localPath } from '../local.ts';
import { openLog } from '../log.ts';
import { openMeasured } from '../measured.ts';
import { readMembership } from '../membership.ts';
import { release } from '../release.ts';
import { leaveRunDir, runDir } from '../run-dir.ts';
import { isWithdrawn, rest } from '../withdrawn.ts';
import { runUplink } from './uplink.ts';

/** Throws where neither the configuration nor its last good copy can be used, or the hub's key is missing. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new Error('--config FILE is required');
  const log = openLog('uplink');
  const stopping = new AbortController();
  // Every time: a second signal must not cut short what the first one began (the kernel itself sends a parent's death more than once).
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

  const loaded = await loadConfig(disk, values.config, 'read-only');
  const { config, dataDir, identityDir, sha256 } = loaded;
  for (const fault of loaded.faults) log('error', 'configuration refused, the last good one goes on', { fault });
  if (await isWithdrawn(disk, identityDir)) {
    log('warn', 'withdrawn: this camera is lent no longer');
    return await rest(openNotify(), stopping.signal);
  }
  const hubKey = await readHubKey(disk, identityDir);
  const head = await readHead(disk, identityDir);
  const measured = openMeasured();
  measured.begin();
  const floorMs = head?.floorMs ?? 0;
  const clock = keepTime(openBoardClock({ trust: config.clock }), floorMs);
  await runUplink(
    {
      ...{ disk, config, dataDir, hubKey, release, log },
      socketPath: localPath(runDir(dataDir)),
      configSha256: sha256,
      links: () => readLinks(),
      notify: openNotify(),
      floorMs,
      identityDir,
      membership: await readMembership(disk, identityDir),
      systemIsTrusted: () => clock.now().wallMs !== null,
      runDir: runDir(dataDir),
    },
    stopping.signal,
  );
  leaveRunDir(dataDir, false);
  log('info', 'summary', measured.end());
}

if (import.meta.main) await enter('uplink', main);
