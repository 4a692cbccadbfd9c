import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBadLink } from '../../cli/link.ts';
import { freePort, startMosquitto, type TestBroker } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { withStage } from './stage.ts';
import { startTestHub } from './test-hub.ts';

test('a broker that is not there at first is found when it comes', () =>
  withStage(
    () => startMosquitto(),
    async (stage, _broker, { later }) => {
      const port = await freePort();
      const uplink = stage.uplink({ port, mqtt: 5 });
      await stage.record(0, 100);
      await until('attempts', () => uplink.log.filter(({ event }) => event === 'no connection').length >= 2, 15_000);
      const broker = await startMosquitto(port);
      later(broker.close);
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      await until('the alarm', () => hub.arrived.length === 1, 20_000);
    },
  ));

test('a broker that closes at once is tried again, later and later, not in a loop', () =>
  withStage(
    () => startMosquitto(),
    async (stage, _broker, { later }) => {
      const seen = { connections: 0 };
      const door = createServer((socket) => {
        seen.connections += 1;
        socket.on('error', () => undefined);
        socket.destroy();
      }).listen(0, '127.0.0.1');
      await once(door, 'listening');
      later(async () => door.close());
      const address = door.address();
      const uplink = stage.uplink({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        mqtt: 5,
      });
      await until('three attempts', () => seen.connections >= 3, 20_000);
      const startMs = performance.now();
      const before = seen.connections;
      await until('another', () => seen.connections > before, 40_000);
      assert.ok(seen.connections <= before + 1 + (performance.now() - startMs) / 50);
      assert.ok((await uplink.stop()) < 2000);
    },
  ));

test('a broker that sends rubbish instead of MQTT is left', () =>
  withStage(
    () => startMosquitto(),
    async (stage, _broker, { later }) => {
      const door = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n\xff\xff\xff\xff', 'latin1'));
      }).listen(0, '127.0.0.1');
      await once(door, 'listening');
      later(async () => door.close());
      const address = door.address();
      const uplink = stage.uplink({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        mqtt: 5,
      });
      await until('it to be left', () => uplink.log.some(({ event }) => event === 'no connection'), 15_000);
    },
  ));

test('the last will says offline when the process is gone, and a new start says online', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const link = await openBadLink(broker.port);
      later(link.close);
      const states = () =>
        hub.heard.flatMap(({ topic, payload }) => (topic.endsWith('out/status') ? [JSON.parse(String(payload))] : []));
      stage.uplink({ port: link.port, mqtt: 5 });
      await until('online', () => states().at(-1)?.state === 'online');
      link.reset();
      await until(
        'offline, then online',
        () => states().some(({ state }) => state === 'offline') && states().at(-1).state === 'online',
        15_000,
      );
      assert.is(states().at(-1).title, 'Ngã ba thử');
    },
  ));

test('a broker that forbids publishing (MQTT 5) is told to the recorder; nothing is taken for delivered', () =>
  withStage(forbidding, async (stage, broker) => {
    const recorder = stage.recorder();
    await stage.record(1, 100);
    stage.uplink(broker);
    await until('the fault', () =>
      recorder.heard.some((message) => message.is === 'fault' && message.code === 'broker-refused'),
    );
    assert.is((await stage.waiting()).length, 1);
  }));

async function forbidding(): Promise<TestBroker> {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const folder = await mkdtemp(join(tmpdir(), 'matlang-acl-'));
  await writeFile(join(folder, 'acl'), 'topic read matlang/#\ntopic write matlang/1/+/+/out/status\n', { mode: 0o644 });
  const { chmod } = await import('node:fs/promises');
  await chmod(folder, 0o755);
  const broker = await startMosquitto(undefined, [`acl_file ${join(folder, 'acl')}`]);
  return { ...broker, close: () => broker.close().then(() => rm(folder, { recursive: true })) };
}

test.run();
