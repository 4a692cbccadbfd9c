import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBadLink } from '../../cli/link.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { sha256 } from '../../protocol/sign.ts';
import { startAedes, startMosquitto } from '../support/broker.ts';
import { crowding } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { withStage } from './stage.ts';
import { startTestHub } from './test-hub.ts';

for (const [name, start] of [
  ['mosquitto, MQTT 5', startMosquitto],
  ['aedes, MQTT 3.1.1', startAedes],
] as const) {
  test(`small records arrive whole, large bodies in pieces, byte for byte, and leave the queue (${name})`, () =>
    withStage(
      () => start(),
      async (stage, broker, { later }) => {
        const hub = await startTestHub(broker, stage.hubKeys, stage.who);
        later(hub.close);
        const put = [
          await stage.record(0, 0),
          await stage.record(1, 900),
          await stage.record(2, 300_000, 'still'),
          await stage.segment(3, 16_384),
          await stage.segment(3, 16_385),
          await stage.segment(4, 2_000_000),
          await stage.record(5, 16_000),
        ];
        const sent = await Promise.all(
          put.map(async ({ path }) => sha256(splitRecordFile(await readFile(path))?.body ?? '')),
        );
        stage.uplink(broker);
        await until('all to be delivered', async () => (await stage.inFolder('delivered')).length === put.length);
        assert.equal(new Map(hub.arrived.map(({ id, body }) => [id, sha256(body)])).size, put.length);
        const came = new Map(hub.arrived.map(({ id, body }) => [id, sha256(body)]));
        assert.equal(
          put.map(({ id }) => came.get(id)),
          sent,
        );
        assert.equal(await stage.waiting(), []);
        assert.is(hub.counts.duplicates, 0);
        assert.is(hub.counts.wrong, 0);
      },
    ));
}

test('a connection cut again and again costs at most 15 % more bytes than the body has', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const link = await openBadLink(broker.port, { bytesPerS: 400_000, delayMs: 10 });
      later(link.close);
      const bytes = 3_000_000;
      await stage.segment(4, bytes);
      stage.uplink({ port: link.port, mqtt: 5 });
      for (let cut = 1; cut <= 3; cut += 1) {
        const goal = cut * 700_000;
        await until(`cut ${cut}`, () => hub.counts.bytes > goal, 15_000);
        link.reset();
      }
      await until('the segment', () => hub.arrived.length === 1, 20_000);
      assert.ok(hub.counts.offers >= 4, `offers ${hub.counts.offers}`);
      assert.ok(link.upBytes() <= 1.15 * bytes, `${link.upBytes()} bytes for ${bytes}`);
    },
  ));

test('an alarm overtakes a backlog of 20 MB on a link of 256 kbit/s within 5 s', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const link = await openBadLink(broker.port, { bytesPerS: 32_000, delayMs: 50 });
      later(link.close);
      for (let n = 0; n < 10; n += 1) await stage.segment(4, 2_000_000);
      const recorder = stage.recorder();
      stage.uplink({ port: link.port, mqtt: 5 });
      await until('the backlog to flow', () => hub.counts.bytes > 150_000, 15_000);
      await until('the recorder to be joined', () => recorder.joined());
      const { id } = await stage.record(0, 2000);
      const writtenMs = performance.now();
      recorder.tell({ is: 'doorbell', class: 0 });
      await until('the alarm', () => hub.arrived.some((each) => each.id === id), 5000);
      const tookMs = performance.now() - writtenMs;
      process.stdout.write(`alarm behind 20 MB at 256 kbit/s: ${Math.round(tookMs)} ms\n`);
      assert.ok(tookMs < 5000 * crowding());
      assert.is(hub.arrived.length, 1);
    },
  ));

test('a file written while no recorder runs is found by listing, without a doorbell', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      stage.uplink(broker);
      await until('online', () => hub.heard.some(({ topic }) => topic.endsWith('out/status')));
      await stage.record(1, 100);
      await until('the record', () => hub.arrived.length === 1);
    },
  ));

test('what was written before the recorder could be heard goes as soon as it is', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const uplink = stage.uplink(broker);
      await until('a connection', () => uplink.log.some(({ event }) => event === 'connected'));
      await new Promise((done) => setTimeout(done, 500));
      await stage.record(3, 100);
      // Folders are listed every 5 s unless a doorbell rings: this one rang before the socket was joined.
      const recorder = stage.recorder();
      await until('the socket to be joined', recorder.joined);
      const joinedMs = performance.now();
      await until('the record', () => hub.arrived.length === 1);
      assert.ok(performance.now() - joinedMs < 1000 * crowding(), `${performance.now() - joinedMs} ms`);
    },
  ));

test('on a card that takes its time over a flush, what the hub has signed for meanwhile is put away together, and nothing is asked for twice', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      for (let n = 0; n < 200; n += 1) await stage.record(1, 100);
      for (let n = 0; n < 10; n += 1) await stage.segment(4, 30_000);
      const flushes = { count: 0 };
      const slow: Disk = {
        ...disk,
        syncFolder: async (path) => {
          flushes.count += 1;
          await pause(60);
          await disk.syncFolder(path);
        },
      };
      stage.uplink(broker, { disk: slow });
      await until('all to be delivered', async () => (await stage.waiting()).length === 0, 20_000);
      assert.is(hub.counts.duplicates, 0);
      assert.ok(flushes.count < 80, `${flushes.count} flushes for 210 files`);
    },
  ));

test.run();
