// One process in the storm, over the product's own modules: `recorder` films (with a camera that plays what it is told), `maker` writes records into the
// spool as fast as it can, `uplink` and `hub` are what they are called. Its disk kills it (SIGKILL, by its own hand) at the n-th durable step, so that each
// step is once the last one.
//   storm-child.ts recorder|maker|uplink|hub --config FILE --die-at N [--acked FILE] [--seconds N]
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { basename, dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type LoadedConfig, loadConfig } from '../../agent/config-file.ts';
import { readHubKey, readSigner } from '../../agent/identity.ts';
import { localPath } from '../../agent/local.ts';
import { runDir } from '../../agent/run-dir.ts';
import { type Draft, type Maker, openSpool } from '../../agent/spool.ts';
import { runUplink } from '../../agent/uplink/uplink.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { readHubConfig } from '../../hub/config.ts';
import { runHub } from '../../hub/run.ts';
import { startScripted } from '../recorder/scripted-camera.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    'die-at': { type: 'string' },
    acked: { type: 'string' },
    seconds: { type: 'string' },
  },
});
/** A second of film takes so long. */
const secondMs = 20;
const deadly = dyingDisk(disk, Number(values['die-at'] ?? Number.POSITIVE_INFINITY));
// Who is killed does not write it at its end.
flushCompileCache();
const configPath = values.config ?? '';
const quiet = () => undefined;
switch (positionals[0]) {
  case 'recorder':
    await record(values.acked ?? '', Number(values.seconds ?? Number.POSITIVE_INFINITY));
    break;
  case 'maker':
    await make(values.acked ?? '');
    break;
  case 'uplink':
    await carry();
    break;
  default:
    await receive();
}

async function signerOf(loaded: LoadedConfig): Promise<Maker> {
  const { config, identityDir, sha256 } = loaded;
  const { signingKey, sealer } = await readSigner(disk, identityDir);
  return { commune: config.commune, node: config.node, config: sha256, release: 'storm', signingKey, sealer };
}

/** Somebody walks by, nobody, somebody … for so many seconds of film; then it stops in good order. */
async function record(ackedPath: string, seconds: number): Promise<void> {
  const loaded = await loadConfig(disk, configPath, 'read-only');
  const { config, dataDir, identityDir } = loaded;
  const maker = await signerOf(loaded);
  const node = { dir: runDir(dataDir), dataDir, identityDir, maker };
  const run = await startScripted(
    node,
    config,
    tellingDisk(deadly, (name) => appendFileSync(ackedPath, `${name}\n`)),
  );
  await run.see({ is: 'init', bytes: Buffer.from('init;') });
  for (let filmed = 0; filmed < seconds; filmed += 1) {
    await run.film(1, filmed % 20 < 6 ? 'somebody' : 'nobody');
    // The card gets its turn.
    await pause(secondMs);
  }
  await run.stop();
}

/** Records of all classes that hold records, small and larger ones, until it dies. */
async function make(ackedPath: string): Promise<never> {
  const loaded = await loadConfig(disk, configPath, 'read-only');
  const spool = await openSpool(deadly, loaded.dataDir, loaded.identityDir, await signerOf(loaded));
  for (let n = 0; ; n++) {
    const drainClass = ([0, 1, 2, 5] as const)[n % 4] ?? 1;
    const draft: Draft = {
      kind: drainClass === 2 ? 'still' : 'log',
      class: drainClass,
      time: { monoMs: n, wallMs: null, clock: 'none', errorMs: 0 },
      body: { plain: Buffer.alloc(n % 41 === 0 ? 40_000 : 200, n), type: 'text/plain' },
    };
    const stored = await spool.append(draft);
    if (!stored.ok) throw stored.cause;
    // By one write(2): whoever dies after it has said so.
    appendFileSync(ackedPath, `${stored.name}\n`);
  }
}

async function carry(): Promise<void> {
  const { config, dataDir, identityDir, sha256 } = await loadConfig(disk, configPath, 'read-only');
  await runUplink(
    {
      ...{ disk: deadly, config, dataDir, identityDir, release: 'storm', configSha256: sha256, floorMs: 0 },
      hubKey: await readHubKey(disk, identityDir),
      socketPath: localPath(runDir(dataDir)),
      runDir: runDir(dataDir),
      membership: undefined,
      systemIsTrusted: () => true,
      links: () => Promise.resolve([]),
      notify: { ready: quiet, alive: quiet, stopping: quiet },
      log: quiet,
    },
    new AbortController().signal,
  );
}

async function receive(): Promise<void> {
  const read = readHubConfig(await readFile(configPath), configPath);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  await runHub(read.config, deadly, new AbortController().signal, quiet);
}

/** What is in the spool under a name that has been flushed is there for good: `told` hears of each. */
function tellingDisk(inner: Disk, told: (name: string) => void): Disk {
  const unflushed = new Map<string, string[]>();
  const named = (path: string) => {
    const folder = dirname(path);
    if (basename(dirname(folder)) === 'spool')
      unflushed.set(folder, [...(unflushed.get(folder) ?? []), basename(path)]);
  };
  return {
    ...inner,
    rename: async (from, to) => {
      await inner.rename(from, to);
      named(to);
    },
    link: async (from, to) => {
      await inner.link(from, to);
      named(to);
    },
    syncFolder: async (path) => {
      const names = unflushed.get(path) ?? [];
      unflushed.delete(path);
      await inner.syncFolder(path);
      for (const name of names) told(name);
    },
  };
}

/** Every change of the card is a step; this process does not see the end of the last one. */
function dyingDisk(inner: Disk, steps: number): Disk {
  const tally = { steps: 0 };
  const step = () => {
    tally.steps += 1;
    if (tally.steps >= steps) process.kill(process.pid, 'SIGKILL');
  };
  return {
    ...inner,
    create: async (path) => {
      step();
      const file = await inner.create(path);
      return {
        close: file.close,
        write: (bytes, position) => {
          step();
          return file.write(bytes, position);
        },
        sync: () => {
          step();
          return file.sync();
        },
      };
    },
    rename: (from, to) => {
      step();
      return inner.rename(from, to);
    },
    link: (from, to) => {
      step();
      return inner.link(from, to);
    },
    remove: (path) => {
      step();
      return inner.remove(path);
    },
    syncFolder: (path) => {
      step();
      return inner.syncFolder(path);
    },
  };
}
