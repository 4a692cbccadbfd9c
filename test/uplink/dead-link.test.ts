import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBadLink } from '../../cli/link.ts';
import { startMosquitto } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { withStage } from './stage.ts';
import { startTestHub } from './test-hub.ts';

test('a link that goes dead without a word is noticed within 25 s, and the rest arrives over a new one', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const link = await openBadLink(broker.port, { bytesPerS: 500_000 });
      later(link.close);
      const uplink = stage.uplink({ port: link.port, mqtt: 5 });
      await stage.segment(4, 1_000_000);
      await until('bytes to flow', () => hub.counts.bytes > 200_000);
      const deadMs = performance.now();
      link.halfOpen();
      await until(
        'the end of the dead one',
        () => uplink.log.some(({ event }) => event === 'connection ended'),
        25_000,
      );
      process.stdout.write(`half-open link noticed after ${Math.round(performance.now() - deadMs)} ms\n`);
      await until('the segment', () => hub.arrived.length === 1, 15_000);
    },
  ));

test('a link that stalls for some seconds goes on where it was, on the same connection', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const link = await openBadLink(broker.port, { bytesPerS: 500_000 });
      later(link.close);
      const uplink = stage.uplink({ port: link.port, mqtt: 5 });
      const bytes = 1_000_000;
      await stage.segment(4, bytes);
      await until('bytes to flow', () => hub.counts.bytes > 200_000);
      link.stall();
      const stalledMs = performance.now();
      await until('three seconds of silence', () => performance.now() - stalledMs > 3000);
      link.goOn();
      await until('the segment', () => hub.arrived.length === 1, 15_000);
      assert.is(uplink.log.filter(({ event }) => event === 'connected').length, 1);
      assert.ok(link.upBytes() < bytes * 1.05);
    },
  ));

test.run();
