// The update service against a real hub: what the hub wishes for is fetched at its door, laid ready, and installed by somebody without a network.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readyIn, wish, wished } from '../../ota/fetch.ts';
import { readState } from '../../ota/root.ts';
import { systemServices } from '../../ota/services.ts';
import { shelf } from '../../ota/shelf.ts';
import { folderSource } from '../../ota/trust/source.ts';
import { plantTrust } from '../../ota/trust/store.ts';
import { update } from '../../ota/trust/update.ts';
import { type Commune, commune as communeName, foundCommune, type JoinedNode } from '../support/commune.ts';
import { found, releaseSmall } from './makers.ts';

const test = suite<{
  commune: Commune;
  stop: () => Promise<unknown>;
  node: JoinedNode;
  root: string;
  into: string;
  run: string;
}>('ota/fetch');
test.before(async (context) => {
  const commune = await foundCommune('embedded');
  const { stop } = await commune.start();
  const node = await commune.join('mat-01');
  const [root, into, run] = ['opt', 'fetched', 'run'].map((name) => join(commune.dir, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [root, run]) mkdirSync(folder);
  const trust = found(commune.config.releasesDir, Date.now());
  assert.ok(plantTrust(shelf, root, trust).ok);
  for (const name of ['1.0.0', '1.1.0', '1.2.0', '1.3.0'])
    await releaseSmall(
      commune.config.releasesDir,
      join(commune.dir, `made-${name}`),
      name,
      'exit 0',
      undefined,
      Date.now(),
    );
  Object.assign(context, { commune, stop, node, root, into, run });
});
test.after(async ({ commune, stop }) => {
  await stop();
  await commune.remove();
});

const here = fileURLToPath(new URL('../../ota/here-main.ts', import.meta.url));
const program = fileURLToPath(new URL('../../ota/main.ts', import.meta.url));

async function serve(
  context: { commune: Commune; node: JoinedNode; root: string; into: string; run: string },
  dies: () => boolean = () => false,
): Promise<'ended' | 'killed'> {
  const config = join(context.commune.dir, 'node.yaml');
  const { identityDir } = context.node;
  const yaml = `commune: ${communeName}\nnode: mat-01\ntitle: Thử\ncamera: { driver: scene }\nclock: system\n`;
  writeFileSync(config, `${yaml}identityDir: ${identityDir}\ndataDir: ${join(context.commune.dir, 'data')}\n`);
  const args = [
    program,
    '--config',
    config,
    '--root',
    context.root,
    '--into',
    context.into,
    '--bytes-per-s',
    '9999999',
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, MATLANG_RUN_DIR: context.run },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => {
    told += bytes.toString('utf8');
  });
  const kill = setInterval(() => dies() && child.kill('SIGKILL'), 1);
  const [code, signal] = await once(child, 'close');
  clearInterval(kill);
  assert.ok(code === 0 || (child.killed && signal === 'SIGKILL'), told);
  return signal === null ? 'ended' : 'killed';
}

test('a wish of the hub is fetched from its door and lies ready; installed from there, it runs', async (context) => {
  const { root, into, run } = context;
  writeFileSync(join(run, 'update-wanted'), '1.1.0');
  await serve(context);
  assert.is(readFileSync(readyIn(into), 'utf8'), '1.1.0');
  assert.is(existsSync(join(run, 'update-wanted')), false);
  assert.is(wished(into), undefined);
  assert.is(existsSync(join(root, 'releases')), false, 'who fetches installs nothing');
  const rules = { root, selfTestArgs: [], selfTestMsMax: 5000 };
  const installed = await update({
    ...{ shelf, rules, source: folderSource(into), referenceMs: Date.now(), told: () => undefined },
    wanted: '1.1.0',
  });
  assert.ok(installed.ok, JSON.stringify(installed));
  assert.is(
    Reflect.get(readState(root), 'release'),
    '1.1.0',
    'the one that was wished for, though a newer one is signed',
  );
  rmSync(readyIn(into));
});

test('what is not newer, or not signed, is refused in words that reach the lamp and the hub', async (context) => {
  const { into, run } = context;
  for (const name of ['1.0.0', '9.9.9']) {
    wish(shelf, into, name);
    await serve(context);
    const told = JSON.parse(readFileSync(join(run, 'update.json'), 'utf8'));
    assert.equal([told.is, told.release, told.why], ['refused', name, 'not-offered']);
    assert.is(wished(into), undefined);
  }
  assert.is(existsSync(readyIn(into)), false);
});

test('the launcher hears from the hub itself, asked by the release that was proven last, that a record has not come; and nothing where nobody answers', async (context) => {
  const { commune, node, root, run } = context;
  const bin = join(root, 'releases/0.9.0/bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'matlang-here'), `#!/bin/sh\nexec ${process.execPath} ${here} "$@"\n`, { mode: 0o755 });
  const proof = { boot: '000017.9f3a2c1d', seq: 0, sha256: 'a'.repeat(64) };
  writeFileSync(join(run, 'running.json'), JSON.stringify({ v: 1, release: '1.1.0', proof }));
  const configArgs = ['--config', join(commune.dir, 'node.yaml')];
  const services = systemServices({ root, runDir: run, hubKey: join(node.identityDir, 'hub.pub'), configArgs });
  assert.is(await services.ask('1.1.0', '0.9.0'), 'not-stored');
  assert.is(await services.ask('1.2.0', '0.9.0'), undefined, 'another release runs');
  await context.stop();
  assert.is(await services.ask('1.1.0', '0.9.0'), undefined);
  context.stop = (await commune.start()).stop;
  rmSync(join(root, 'releases/0.9.0'), { recursive: true });
});

test('killed whenever something new lies there, it goes on where it was: what is ready in the end is whole', async (context) => {
  const { root, into, run } = context;
  rmSync(into, { recursive: true, force: true });
  writeFileSync(join(run, 'update-wanted'), '1.2.0');
  const seen = new Set<string>();
  /** A name that never lay there. Each run keeps what it saw of the metadata under a number of its own. */
  const isNew = () => {
    try {
      const names = readdirSync(into, { recursive: true, encoding: 'utf8' }).map((name) => name.replace(/\d+/, 'n'));
      const before = seen.size;
      for (const name of names) seen.add(name);
      return seen.size > before;
    } catch {
      // Not made yet, or a folder went while it was read.
      return false;
    }
  };
  let kills = 0;
  while ((await serve(context, isNew)) === 'killed') {
    kills += 1;
    assert.ok(kills < 40, 'it must come to an end');
  }
  assert.ok(kills > 3, `${kills} kills`);
  assert.is(readFileSync(readyIn(into), 'utf8'), '1.2.0');
  const rules = { root, selfTestArgs: [], selfTestMsMax: 5000 };
  const installed = await update({
    ...{ shelf, rules, source: folderSource(into), referenceMs: Date.now(), told: () => undefined },
    wanted: '1.2.0',
  });
  assert.ok(installed.ok, JSON.stringify(installed));
  rmSync(into, { recursive: true });
});

test('without a link the wish stays, and is fulfilled when the hub is back', async (context) => {
  const { into, commune, run } = context;
  rmSync(join(run, 'update.json'), { force: true });
  wish(shelf, into, '1.3.0');
  await context.stop();
  await serve(context);
  assert.is(wished(into), '1.3.0');
  assert.is(existsSync(join(run, 'update.json')), false, 'a dead link is no refusal');
  context.stop = (await commune.start()).stop;
  await serve(context);
  assert.is(readFileSync(readyIn(into), 'utf8'), '1.3.0');
});

test.run();
