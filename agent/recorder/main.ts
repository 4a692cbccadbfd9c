// The recorder's door: opens the devices and the spool, and runs until SIGTERM or SIGINT.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBoard } from '../../hal/board.ts';
import { openCamera } from '../../hal/camera/open.ts';
import { openBoardClock } from '../../hal/clock.ts';
import { disk as rawDisk } from '../../hal/disk.ts';
import { readInventory } from '../../hal/inventory.ts';
import { openNotify } from '../../hal/notify.ts';
import { openPins } from '../../hal/pins/open.ts';
import { besideMe } from '../../hal/short-child.ts';
import { openSound } from '../../hal/sound.ts';
import { loadConfig } from '../config-file.ts';
import { outputPins } from '../core/config/pins-schema.ts';
import { soundRules } from '../core/config/sound-schema.ts';
import { enter } from '../door.ts';
import { readHead } from '../head.ts';
import { makeSigningKey, readSigner } from '../identity.ts';
import { keepTime } from '../keep-time.ts';
import { localPath, serveLocal, type UplinkMessage } from '../local.ts';
import { holdLock } from '../lock.ts';
import { openLog } from '../log.ts';
import { openMeasured } from '../measured.ts';
import { openRefuge, refugeDir } from '../refuge.ts';
import { release } from '../release.ts';
import { leaveRunDir, runDir } from '../run-dir.ts';
import type { Maker } from '../spool.ts';
import { waitingDisk } from '../waiting-disk.ts';
import { isWithdrawn, rest } from '../withdrawn.ts';
import { openLives } from './last-end.ts';
import { openSpoolPatiently } from './open-spool.ts';
import { openRecorder, type Recorder } from './recorder.ts';

const disk = waitingDisk(rawDisk, () => performance.now());
const inventoryMsMax = 20_000;
/** Messages of the uplink, kept for a recorder that is about to be there. */
const earlyMax = 100;
/** The answer to the command that asks for it leaves first. */
const restartAfterMs = 500;

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { config: { type: 'string' }, 'film-begins-again': { type: 'boolean' } },
  });
  if (values.config === undefined) throw new Error('--config FILE is required');
  const log = openLog('recorder');
  const stopping = new AbortController();
  // Every time: a second signal must not cut short what the first one began (the kernel itself sends a parent's death more than once).
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  const { signal } = stopping;

  const loaded = await loadConfig(disk, values.config, 'keep-good');
  const { config, dataDir, identityDir } = loaded;
  for (const fault of loaded.faults) log('error', 'configuration refused, the last good one goes on', { fault });
  if (await isWithdrawn(disk, identityDir)) {
    log('warn', 'withdrawn: this camera is lent no longer');
    return await rest(openNotify(), signal);
  }
  // On a card that can no longer be written to, the key that is there will do; where there is none, readSigner says which file is missing.
  await makeSigningKey(disk, identityDir).catch((error: unknown) =>
    log('error', 'the signing key cannot be made or flushed', { error: String(error) }),
  );
  const { signingKey, sealer } = await readSigner(disk, identityDir);
  const maker: Maker = {
    commune: config.commune,
    node: config.node,
    config: loaded.sha256,
    release,
    signingKey,
    sealer,
  };

  let recorder: Recorder | undefined;
  // Open until the very last record is written: the uplink must hear the doorbell for those that an orderly stop makes.
  const closing = new AbortController();
  const floorMs = (await readHead(disk, identityDir).catch(() => undefined))?.floorMs ?? 0;
  const clock = keepTime(openBoardClock({ trust: config.clock }), floorMs);
  // What the uplink says while the recorder is being put together: it tells a fault once.
  const early: UplinkMessage[] = [];
  const hear = (message: UplinkMessage) => {
    if (message.is === 'hubTime') return clock.hubSays(message.hubMs, clock.monoMs(), message.errorMs);
    if (recorder === undefined) return early.length < earlyMax ? void early.push(message) : undefined;
    switch (message.is) {
      case 'command':
        return void recorder.commands.obey(message.command).then((reply) => local.tell({ is: 'reply', reply }));
      case 'fault':
        return message.standing
          ? recorder.troubles.raise(message.code, message.text)
          : recorder.troubles.over(message.code);
      case 'link':
        return recorder.link(message.state);
    }
  };
  // Only now: an uplink that has waited for us speaks at once.
  const local = serveLocal(localPath(runDir(dataDir)), { heard: hear }, closing.signal);

  const hold = await holdDataDir(dataDir, signal);
  const refuge = openRefuge(disk, disk, { dataDir, identityDir, memoryDir: refugeDir(runDir(dataDir)) });
  const spool = await openSpoolPatiently(disk, refuge, dataDir, identityDir, maker, signal, (code, text) => {
    log('error', 'the card cannot be used', { code, text });
    local.tell({ is: 'vitals', vitals: { faults: [{ code, standing: true, text }] } });
  });
  if (spool === undefined) {
    closing.abort();
    await local.ended;
    return leaveRunDir(dataDir, true);
  }

  local.tell({
    is: 'status',
    boot: spool.boot,
    release,
    configSha256: loaded.sha256,
    ...(loaded.faults.length === 0 ? {} : { configError: loaded.faults.join('\n').slice(0, 4000) }),
  });
  const lives = await openLives(disk, { dataDir, runDir: runDir(dataDir) });
  log('info', 'began', lives.began);
  const pins = await openPins({
    monoMs: clock.monoMs,
    wanted: [...config.pins.inputs.map(({ pin }) => pin), ...outputPins(config.pins)],
    ...(config.pins.simDir === null ? {} : { simFolder: config.pins.simDir }),
  });
  const { motion } = config;
  recorder = await openRecorder(
    {
      disk,
      clock,
      camera: openCamera(config.camera, {
        monoMs: clock.monoMs,
        runDir: runDir(dataDir),
        analysis: { fps: motion.fps, width: motion.width, height: motion.height },
        ...(values['film-begins-again'] === true ? { beginsAgain: true } : {}),
      }),
      board: openBoard({ dataDir }),
      pins,
      sound: openSound({
        ...soundRules(config, process.env.CREDENTIALS_DIRECTORY),
        child: besideMe('sound-child', import.meta.url),
        monoMs: clock.monoMs,
      }),
      notify: openNotify(),
      cardWaitsMs: disk.waitsMs,
      spool,
      refuge,
      maker,
      dataDir,
      identityDir,
      runDir: runDir(dataDir),
      updateRoot: process.env.MATLANG_UPDATE_ROOT,
      configFile: () => disk.read(loaded.path),
      restart: () => void setTimeout(() => stopping.abort(), restartAfterMs),
      local,
      inventory: async () => {
        const read = await readInventory({ timeoutMs: inventoryMsMax, signal });
        return read.ok ? read.inventory : { failed: read.text };
      },
      began: lives.began,
      measured: openMeasured(),
      log,
    },
    config,
  );
  for (const message of early.splice(0)) hear(message);
  for (const fault of loaded.faults) recorder.troubles.raise('config-refused', fault);
  await recorder.run(signal);
  await lives.endOrderly();
  if (pins.ok) await pins.pins.close();
  stopping.abort();
  closing.abort();
  await local.ended;
  // What the card has not taken stays in memory for the next run.
  leaveRunDir(dataDir, (await refuge.held()) === 0);
  hold.release();
}

/** A predecessor has this long to end. */
const holdMsMax = 3000;

/**
 * Two recorders on one card would clear each other's drafts and part the chain. Throws where another one stays. Where no lock can be made the
 * card is full or read-only: that is the spool's to tell.
 */
async function holdDataDir(dataDir: string, signal: AbortSignal): Promise<{ release(): void }> {
  const giveUpMs = performance.now() + holdMsMax;
  await disk.makeFolder(dataDir).catch(() => undefined);
  while (true) {
    const hold = holdLock(join(dataDir, 'recorder.lock'));
    if (hold.is === 'held') return hold;
    if (hold.is === 'impossible' || signal.aborted) return { release: () => undefined };
    if (performance.now() > giveUpMs) throw new Error(`${dataDir}: another recorder is working here`);
    await pause(200, undefined, { signal }).catch(() => undefined);
  }
}

if (import.meta.main) await enter('recorder', main);
