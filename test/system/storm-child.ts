// One process in the storm, over the product's own modules: `maker` writes records into the spool as a recorder does, `uplink` and `hub` are what they are
// called. Its disk kills it (SIGKILL, by its own hand) at the n-th durable step, so that each step is once the last one.
//   storm-child.ts maker|uplink|hub --config FILE --die-at N [--acked FILE]
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../agent/config-file.ts';
import { readHubKey, readSigner } from '../../agent/identity.ts';
import { localPath } from '../../agent/local.ts';
import { runDir } from '../../agent/run-dir.ts';
import { type Draft, type Maker, openSpool } from '../../agent/spool.ts';
import { runUplink } from '../../agent/uplink/uplink.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { readHubConfig } from '../../hub/config.ts';
import { runHub } from '../../hub/run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    'die-at': { type: 'string' },
    acked: { type: 'string' },
  },
});
const deadly = dyingDisk(disk, Number(values['die-at'] ?? Number.POSITIVE_INFINITY));
// Who is killed does not write it at its end.
flushCompileCache();
const configPath = values.config ?? '';
const quiet = () => undefined;
if (positionals[0] === 'maker') await make(values.acked ?? '');
else if (positionals[0] === 'uplink') await carry();
else await receive();

/** Records of all classes that hold records, small and larger ones, until it dies. */
async function make(ackedPath: string): Promise<never> {
  const loaded = await loadConfig(disk, configPath, 'read-only');
  const { config, dataDir, identityDir } = loaded;
  const { signingKey, sealer } = await readSigner(disk, identityDir);
  const { commune, node } = config;
  const maker: Maker = { commune, node, config: loaded.sha256, release: 'storm', signingKey, sealer };
  const spool = await openSpool(deadly, dataDir, identityDir, maker);
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
