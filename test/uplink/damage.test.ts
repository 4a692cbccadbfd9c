import { open, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startMosquitto } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { type Put, withStage } from './stage.ts';
import { startTestHub } from './test-hub.ts';

/** One bit, `fromEnd` bytes before the end or, negative, from the start. */
async function flip({ path }: Put, fromEnd: number): Promise<void> {
  const file = await open(path, 'r+');
  const at = fromEnd < 0 ? -fromEnd : (await file.stat()).size - fromEnd;
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte.writeUInt8((byte[0] ?? 0) ^ 0x10);
  await file.write(byte, 0, 1, at);
  await file.close();
}

async function cut({ path }: Put, bytes: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.truncate((await file.stat()).size - bytes);
  await file.close();
}

test('a damaged file is set aside and told; all others arrive', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const recorder = stage.recorder();
      const damaged = [
        await stage.record(0, 500),
        await stage.record(1, 500),
        await stage.segment(3, 100_000),
        await stage.segment(4, 100_000),
        await stage.record(5, 100),
        await stage.record(5, 0, 'log'),
      ];
      const [inBody, inManifest, inSegment, short, renamed, empty] = damaged as [Put, Put, Put, Put, Put, Put];
      await flip(inBody, 1);
      await flip(inManifest, -40);
      await flip(inSegment, 50_000);
      await cut(short, 1);
      const other = basename(renamed.path).replace(/-\d{10}-/, '-0000009999-');
      await rename(renamed.path, join(dirname(renamed.path), other));
      await writeFile(empty.path, '');
      const sound = [await stage.record(0, 40), await stage.segment(3, 90_000), await stage.record(5, 50)];
      await writeFile(join(dirname(empty.path), 'stray.txt'), 'not ours');
      stage.uplink(broker);
      await until('the sound ones', () => hub.arrived.length === sound.length, 15_000);
      await until('the damaged ones', async () => (await stage.inFolder('quarantine')).length === damaged.length);
      assert.equal(hub.arrived.map(({ id }) => id).sort(), sound.map(({ id }) => id).sort());
      await until('the last receipt', async () => (await stage.waiting()).length === 1);
      assert.equal(await stage.waiting(), ['stray.txt']);
      assert.is(hub.counts.wrong, 0);
      await until('the fault', () => recorder.heard.some((message) => message.is === 'fault'));
      assert.equal(
        recorder.heard.flatMap((message) => (message.is === 'fault' ? [[message.code, message.standing]] : [])),
        [['spool-damaged', true]],
      );
    },
  ));

test('a bit that flips after the check, before the bytes are sent: the hub refuses, the file is set aside', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who, { answers: 'silent' });
      later(hub.close);
      // More than is read ahead, so that it is read again when it is sent.
      const late = await stage.segment(4, 700_000);
      stage.uplink(broker);
      await until('the offer', () => hub.counts.offers === 1);
      await flip(late, 100);
      hub.manner = { answers: 'normally' };
      await until('its removal', async () => (await stage.inFolder('quarantine')).length === 1, 25_000);
      assert.is(hub.arrived.length, 0);
      assert.is(hub.counts.wrong, 1);
    },
  ));

test.run();
