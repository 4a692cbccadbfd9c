// On a metered link: video waits for its share of the month, alarms and stills do not.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startMosquitto } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { withStage } from './stage.ts';
import { startTestHub } from './test-hub.ts';

const modem = { name: 'wwan0', up: true, rxBytes: 3000, txBytes: 4000, signalDbm: null, isDefault: true };

test('with the budget spent, events, stills and logs arrive and all video waits; with room, video arrives too', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      await stage.segment(3, 20_000);
      await stage.segment(4, 20_000);
      await stage.record(0, 900);
      await stage.record(2, 30_000, 'still');
      await stage.record(5, 900);
      const thrifty = stage.uplink(broker, { uplink: { link: 'metered', monthlyMiB: 0 }, links: () => [modem] });
      await until('event, still and log', async () => (await stage.inFolder('delivered')).length === 3);
      // Long enough for the drain to have taken another turn.
      await pause(300);
      assert.is((await stage.waiting()).length, 2);
      await until('vitals', () => hub.heard.some(({ topic }) => topic.endsWith('/out/vitals')));
      const told = hub.heard.filter(({ topic }) => topic.endsWith('/out/vitals')).at(-1);
      const { link } = JSON.parse(String(told?.payload));
      assert.equal([link.kind, link.videoWaits, link.interfaces[0].name], ['metered', true, 'wwan0']);
      await thrifty.stop();
      assert.is(JSON.parse(await readFile(join(stage.node.dataDir, 'link-month.json'), 'utf8')).bytes, 0);
      stage.uplink(broker, { uplink: { link: 'metered', monthlyMiB: 1000 } });
      await until('the video', async () => (await stage.inFolder('delivered')).length === 5);
    },
  ));

test.run();
