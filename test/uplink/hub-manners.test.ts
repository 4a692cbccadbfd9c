import { link, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folders } from '../../agent/outbox.ts';
import { startMosquitto } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { withStage } from './stage.ts';
import { makeHubKeys, startTestHub } from './test-hub.ts';

const everything = async (dataDir: string) =>
  (
    await Promise.all(
      folders(dataDir)
        .all()
        .map((folder) => readdir(folder)),
    )
  )
    .flat()
    .sort();

for (const [name, manner] of [
  ['never answers', async () => ({ answers: 'silent' as const })],
  ['only ever asks for more', async () => ({ answers: 'asks-only' as const })],
  [
    'signs with a key that is not the hub’s',
    async () => ({ answers: 'normally' as const, key: (await makeHubKeys()).signingKey }),
  ],
  ['answers in another node’s name', async () => ({ answers: 'normally' as const, aud: 'xa-thu/mat-02' })],
] as const) {
  test(`a hub that ${name}: nothing leaves the queue, nothing is deleted, the link is not flooded`, () =>
    withStage(
      () => startMosquitto(),
      async (stage, broker, { later }) => {
        const hub = await startTestHub(broker, stage.hubKeys, stage.who, await manner());
        later(hub.close);
        await stage.record(0, 500);
        await stage.record(1, 0);
        await stage.segment(3, 50_000);
        const before = await everything(stage.node.dataDir);
        stage.uplink(broker);
        await until('the first offers', () => hub.counts.offers > 0 && hub.counts.bytes > 1500);
        // A later alarm still gets through at once.
        const heard = hub.counts.bytes;
        await stage.record(0, 40);
        await until('the later alarm', () => hub.counts.bytes > heard, 8000);
        const names = await everything(stage.node.dataDir);
        assert.is(names.length, before.length + 1);
        assert.is((await stage.waiting()).length, 4);
        assert.equal(await stage.inFolder('delivered'), []);
        assert.ok(hub.counts.bytes < 300_000, `${hub.counts.bytes} bytes`);
      },
    ));
}

test('a hub that says everything three times is believed once', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who, { answers: 'repeats' });
      later(hub.close);
      for (let n = 0; n < 10; n += 1) await stage.record(1, 100);
      const bytes = 500_000;
      await stage.segment(3, bytes);
      stage.uplink(broker);
      await until('all to be delivered', async () => (await stage.inFolder('delivered')).length === 11);
      assert.equal(await stage.waiting(), []);
      assert.is(hub.counts.duplicates, 0);
      assert.ok(hub.counts.bytes < bytes * 1.1, `${hub.counts.bytes} bytes`);
    },
  ));

test('a hub that refuses a sound file: it stays, rests, and the recorder hears of it once', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who, { answers: 'refuses' });
      later(hub.close);
      const recorder = stage.recorder();
      await stage.record(1, 100);
      await stage.record(1, 200);
      await stage.segment(3, 70_000);
      stage.uplink(broker);
      const faults = () => recorder.heard.filter((message) => message.is === 'fault');
      await until('the fault', () => faults().length > 0);
      await until('the segment to be offered', () => hub.counts.offers === 1);
      hub.manner = { answers: 'normally' };
      // A later record is taken as ever, and those refused are not offered again meanwhile.
      const { id } = await stage.record(1, 300);
      recorder.tell({ is: 'doorbell', class: 1 });
      await until('the later record', () => hub.arrived.some((each) => each.id === id));
      assert.is(hub.arrived.length, 1);
      await until('its receipt', async () => (await stage.waiting()).length === 3);
      assert.equal(
        faults().map(({ code, standing }) => [code, standing]),
        [['hub-refused', true]],
      );
    },
  ));

test('a segment that waits in two classes is sent once and leaves both', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const { path } = await stage.segment(4, 40_000);
      const at = folders(stage.node.dataDir);
      const name = path.slice(path.lastIndexOf('/') + 1);
      await link(path, join(at.ring, name));
      await link(path, join(at.waiting(3), name));
      stage.uplink(broker);
      await until('both names to leave', async () => (await stage.waiting()).length === 0, 15_000);
      assert.is(hub.arrived.length, 1);
      assert.equal(await stage.inFolder('delivered'), [name]);
      assert.equal(await readdir(at.ring), [name]);
    },
  ));

test('a file that the recorder gives up meanwhile is passed over', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who, { answers: 'silent' });
      later(hub.close);
      const gone = [await stage.segment(4, 60_000), await stage.segment(4, 60_000), await stage.record(5, 10)];
      stage.uplink(broker);
      await until('them to be offered', () => hub.counts.offers === 2);
      for (const { path } of gone) await rm(path);
      hub.manner = { answers: 'normally' };
      const { id } = await stage.record(2, 30_000, 'still');
      await until('what is still there', () => hub.arrived.some((each) => each.id === id), 15_000);
      assert.equal(await stage.inFolder('quarantine'), []);
    },
  ));

test.run();
