import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BadLink, openBadLink } from '../../cli/link.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { sha256 } from '../../protocol/sign.ts';
import { startMosquitto } from '../support/broker.ts';
import { crowding } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { type Stage, withStage } from './stage.ts';
import { startTestHub } from './test-hub.ts';

const main = resolve(import.meta.dirname, '../../agent/uplink/main.ts');
const kills = process.env.MATLANG_LONG === undefined ? 10 : 100;

async function configure(stage: Stage, port: number): Promise<string> {
  const path = join(stage.node.dir, 'node.yaml');
  const { commune, node } = stage.who;
  await writeFile(
    path,
    `commune: ${commune}\nnode: ${node}\ntitle: Ngã ba thử\ncamera:\n  driver: scene\nuplink:\n  broker: mqtt://127.0.0.1:${port}\n`,
  );
  return path;
}

function startProcess(stage: Stage, config: string) {
  const env = { ...process.env, MATLANG_RUN_DIR: stage.node.dir };
  const child = spawn(process.execPath, [main, '--config', config], { stdio: ['ignore', 'ignore', 'pipe'], env });
  const said: string[] = [];
  child.stderr.on('data', (bytes) => said.push(String(bytes)));
  const ended = once(child, 'exit');
  return { child, ended, said: () => said.join('') };
}

/** One orderly life fills the compile cache; a killed one does not write it. */
async function warmUp(stage: Stage, config: string, link: BadLink): Promise<void> {
  link.shut(true);
  const { child, ended, said } = startProcess(stage, config);
  await until('its first attempt', () => said().includes('no connection'));
  child.kill('SIGTERM');
  await ended;
  link.shut(false);
}

test(`an uplink killed ${kills} times in the middle of a drain delivers everything, each file once`, () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const link = await openBadLink(broker.port, { bytesPerS: 3_000_000, delayMs: 2 });
      later(link.close);
      const put: { id: string; path: string }[] = [];
      // More than goes out between the kills, however many these are.
      for (let n = 0; n < kills + 10; n += 1) {
        for (let m = 0; m < 5; m += 1) put.push(await stage.record(1, 300 + n));
        put.push(await stage.segment(4, 400_000 + n));
      }
      const sent = await Promise.all(
        put.map(async ({ path }) => sha256(splitRecordFile(await readFile(path))?.body ?? '')),
      );
      const config = await configure(stage, link.port);
      await warmUp(stage, config, link);
      let killedWhileSending = 0;
      for (let n = 0; n < kills; n += 1) {
        const { child, ended, said } = startProcess(stage, config);
        const goal = hub.counts.bytes + 100_000 + ((n * 7919) % 300_000);
        await until('bytes to flow', () => hub.counts.bytes > goal || child.exitCode !== null, 15_000);
        assert.is(child.exitCode, null, said());
        if ((await stage.waiting()).length > 0) killedWhileSending += 1;
        child.kill('SIGKILL');
        await ended;
        if ((await stage.waiting()).length < 8) break;
      }
      const last = startProcess(stage, config);
      later(async () => last.child.kill('SIGKILL'));
      await until('all to be delivered', async () => (await stage.waiting()).length === 0, 20_000);
      last.child.kill('SIGTERM');
      await last.ended;
      const came = new Map(hub.arrived.map(({ id, body }) => [id, sha256(body)]));
      assert.equal(
        put.map(({ id }) => came.get(id)),
        sent,
      );
      assert.is(hub.arrived.length, put.length);
      assert.is(hub.counts.wrong, 0);
      assert.is((await stage.inFolder('delivered')).length, put.length);
      assert.ok(killedWhileSending >= kills * 0.7, `killed while sending: ${killedWhileSending} of ${kills}`);
      process.stdout.write(`killed while sending ${killedWhileSending} times; came twice: ${hub.counts.duplicates}\n`);
    },
  ));

test('SIGTERM ends it within 2 s, with the last word `stopped` and exit 0, also while the link stalls', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const link = await openBadLink(broker.port);
      later(link.close);
      const states = () =>
        hub.heard
          .filter(({ topic }) => topic.endsWith('/out/status'))
          .map(({ payload }) => JSON.parse(payload.toString()).state);
      const config = await configure(stage, link.port);
      for (const stalled of [false, true]) {
        hub.heard.length = 0;
        const { child, ended, said } = startProcess(stage, config);
        await until('online', () => states().includes('online'));
        if (stalled) link.stall();
        const askedMs = performance.now();
        child.kill('SIGTERM');
        assert.equal((await ended).slice(0, 1), [0], said());
        assert.ok(performance.now() - askedMs < 2000 * crowding(), `took ${performance.now() - askedMs} ms`);
        if (!stalled) await until('the last word', () => states().at(-1) === 'stopped');
      }
    },
  ));

test('how much waits is among its last words: what the desk shows while it is away is not what was so seconds before', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const queues = () =>
        hub.heard
          .filter(({ topic }) => topic.endsWith('/out/vitals'))
          .map(({ payload }) => JSON.parse(payload.toString()).queue.files);
      const link = await openBadLink(broker.port, { bytesPerS: 15_000 });
      later(link.close);
      for (let n = 0; n < 3; n++) await stage.record(0, 40_000);
      const { child, ended, said } = startProcess(stage, await configure(stage, link.port));
      later(async () => child.kill('SIGKILL'));
      await until('some to wait', () => (queues().at(-1) ?? 0) > 0);
      await until('all to be delivered', async () => (await stage.waiting()).length === 0);
      child.kill('SIGTERM');
      assert.equal((await ended).slice(0, 1), [0], said());
      await until('the last word', () => queues().length > 0 && queues().at(-1) === 0, 2000);
    },
  ));

test('without a hub key, or with a configuration nobody can use, it says which file and fails', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker) => {
      const config = await configure(stage, broker.port);
      await rm(join(stage.node.identityDir, 'hub.pub'));
      const keyless = startProcess(stage, config);
      assert.is((await keyless.ended)[0], 1);
      assert.match(keyless.said(), 'hub.pub');
      await writeFile(config, 'commune: Xã\nnode: [\n');
      const confused = startProcess(stage, config);
      assert.is((await confused.ended)[0], 1);
      assert.match(confused.said(), 'node.yaml:');
    },
  ));

test('a bad new configuration does not stop it: the last good one goes on', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const config = await configure(stage, broker.port);
      await writeFile(join(stage.node.identityDir, 'config.good.yaml'), await readFile(config));
      await writeFile(config, 'commune: Xã thử\n');
      const { child, ended, said } = startProcess(stage, config);
      later(async () => child.kill('SIGKILL'));
      await stage.record(0, 10);
      await until('the record', () => hub.arrived.length === 1);
      assert.match(said(), 'node.yaml:1:');
      child.kill('SIGTERM');
      await ended;
    },
  ));

test.run();
