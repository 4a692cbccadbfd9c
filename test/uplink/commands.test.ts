import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command, Reply } from '../../protocol/receipt.ts';
import { sign } from '../../protocol/sign.ts';
import { startAedes, startMosquitto } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { withStage } from './stage.ts';
import { makeHubKeys, startTestHub, type TestHub } from './test-hub.ts';

const command = (words: Partial<Command> = {}): Command => ({
  ...{
    v: 1,
    aud: 'xa-thu/mat-01',
    id: 'command-0001',
    name: 'lamp',
    args: { on: true },
    expiresAtMs: Date.now() + 60_000,
  },
  ...words,
});
const repliesOf = (hub: TestHub): Reply[] =>
  hub.heard.flatMap(({ topic, payload }) => (topic.endsWith('/out/reply') ? [JSON.parse(String(payload))] : []));
const isOnline = (hub: TestHub) => () => hub.heard.some(({ topic }) => topic.endsWith('/out/vitals'));

test('a command of the hub reaches the recorder once, and its reply the hub', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const recorder = stage.recorder();
      stage.uplink(broker);
      await until('online', isOnline(hub));
      await until('the recorder', () => recorder.joined());
      await hub.command(command());
      await until('the command', () => recorder.heard.some((message) => message.is === 'command'));
      recorder.tell({ is: 'reply', reply: { v: 1, id: 'command-0001', ok: true, text: 'đã bật đèn' } });
      await until('the reply', () => repliesOf(hub).some(({ ok, text }) => ok && text === 'đã bật đèn'));
      await hub.command(command());
      await until('the refusal', () => repliesOf(hub).some(({ ok, text }) => !ok && text === 'command was run before'));
      assert.is(recorder.heard.filter((message) => message.is === 'command').length, 1);
    },
  ));

test('a command that is expired, for another, retained, forged or misspelt is answered with what is wrong', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const recorder = stage.recorder();
      await hub.command(command({ id: 'retained-1' }), true);
      stage.uplink(broker);
      await until('the retained one', () =>
        repliesOf(hub).some(({ text }) => text === 'a command must not be retained'),
      );
      await hub.command(command({ id: 'expired-01', expiresAtMs: Date.now() - 5000 }));
      await hub.command(command({ id: 'other-0001', aud: 'xa-thu/mat-02' }));
      await hub.command(command({ id: 'unknown-01', name: 'reboot' as 'lamp' }));
      const forged = await sign(JSON.stringify(command()), 'matlang-command', 'hub', (await makeHubKeys()).signingKey);
      await hub.publish('command', forged);
      await until('all refusals', () => repliesOf(hub).length === 5);
      const texts = repliesOf(hub)
        .slice(1)
        .map(({ id, ok, text }) => [id, ok, text]);
      assert.match(String(texts[0]), /^expired-01,false,command expired \d+ s ago$/);
      assert.equal(texts[1], ['other-0001', false, 'command is for xa-thu/mat-02, not for xa-thu/mat-01']);
      assert.match(String(texts[2]), /^unknown-01,false,name: /);
      assert.equal(texts[3], ['', false, 'not a command signed by the hub (signature)']);
      assert.equal(
        recorder.heard.filter((message) => message.is === 'command'),
        [],
      );
    },
  ));

test('without a recorder the hub is told so, and the same command may come again', () =>
  withStage(
    () => startAedes(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      stage.uplink(broker);
      await until('online', isOnline(hub));
      await hub.command(command());
      await until('the refusal', () => repliesOf(hub).some(({ text }) => text === 'the recorder is not running'));
      const recorder = stage.recorder();
      await until('the recorder', () => recorder.joined());
      await hub.command(command());
      await until('the command', () => recorder.heard.some((message) => message.is === 'command'));
    },
  ));

test('vitals carry the state of the queue, the configuration its hash, the recorder hears of the link and the hub’s time', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who, { answers: 'silent' });
      later(hub.close);
      const recorder = stage.recorder();
      recorder.tell({
        is: 'status',
        boot: stage.spool.boot,
        release: '9.9',
        configSha256: 'c'.repeat(64),
        configError: 'x',
      });
      await stage.record(1, 100);
      stage.uplink(broker);
      const said = (what: string) =>
        hub.heard
          .filter(({ topic }) => topic.endsWith(`/out/${what}`))
          .map(({ payload }) => JSON.parse(String(payload)));
      await until('the recorder', () => recorder.joined());
      recorder.tell({ is: 'vitals', vitals: { temperatureC: 51, load1: 0.4 } });
      await until('the vitals', () =>
        said('vitals').some(({ temperatureC, queue }) => temperatureC === 51 && queue.files === 1),
      );
      const { queue, load1 } = said('vitals').at(-1);
      assert.is(load1, 0.4);
      assert.ok(queue.oldestAgeMs >= 0 && queue.oldestAgeMs < 60_000);
      await until('the configuration', () => said('config').at(-1)?.sha256 === 'c'.repeat(64));
      assert.is(said('config').at(-1).error, 'x');
      await until(
        'the boot',
        () => said('status').at(-1)?.boot === stage.spool.boot && said('status').at(-1)?.release === '9.9',
      );
      await until('the link', () =>
        recorder.heard.some((message) => message.is === 'link' && message.state === 'online' && message.queued === 1),
      );
      hub.manner = { answers: 'normally' };
      await stage.record(0, 1);
      recorder.tell({ is: 'doorbell', class: 0 });
      await until('the time', () => recorder.heard.some((message) => message.is === 'hubTime'));
      const heard = recorder.heard.find((message) => message.is === 'hubTime');
      assert.ok(heard?.is === 'hubTime' && Math.abs(heard.hubMs - Date.now()) < 2000 && heard.errorMs < 1000);
    },
  ));

test('random bytes on every topic it reads change nothing', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const uplink = stage.uplink(broker);
      await until('online', isOnline(hub));
      const payload = fc.oneof(fc.uint8Array({ maxLength: 5000 }), fc.string({ maxLength: 300 }), fc.json(), jwsLike);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom('receipt', 'command'), payload, async (topic, bytes) => {
          await hub.publish(topic, typeof bytes === 'string' ? bytes : Buffer.from(bytes));
        }),
        { numRuns: 300 },
      );
      await hub.publish('receipt', Buffer.alloc(900_000, 0x41));
      for (const wrong of [null, [], { v: 2 }, { v: 1, aud: 'xa-thu/mat-01', stored: 7 }]) {
        for (const [topic, typ] of [
          ['receipt', 'matlang-receipt'],
          ['command', 'matlang-command'],
        ] as const) {
          await hub.publish(topic, await sign(JSON.stringify(wrong), typ, 'hub', stage.hubKeys.signingKey));
        }
      }
      await stage.record(0, 100);
      await until('a sane record', () => hub.arrived.length === 1);
      await until('its receipt', async () => (await stage.waiting()).length === 0);
      assert.ok(repliesOf(hub).length >= 5 && repliesOf(hub).length < 40, `${repliesOf(hub).length} complaints`);
      assert.is(uplink.log.filter(({ event }) => event === 'connection ended').length, 0);
    },
  ));

const base64url = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const jwsLike = fc.tuple(base64url, base64url, base64url).map((parts) => parts.join('.'));

test.run();
