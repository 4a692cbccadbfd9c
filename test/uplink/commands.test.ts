import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command, Reply } from '../../protocol/command.ts';
import { sign } from '../../protocol/sign.ts';
import { startAedes, startMosquitto } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { withStage } from './stage.ts';
import { makeHubKeys, startTestHub, type TestHub } from './test-hub.ts';

type Lamp = Extract<Command, { name: 'lamp' }>;
const command = (words: Partial<Lamp> = {}): Lamp => ({
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
      await hub.command(command({ id: 'unknown-01', name: 'fire' as 'lamp' }));
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

test('a command that was run before a restart is not run after it', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const recorder = stage.recorder();
      const first = stage.uplink(broker);
      await until('online', isOnline(hub));
      await until('the recorder', () => recorder.joined());
      await hub.command(command());
      await until('the command', () => recorder.heard.some((message) => message.is === 'command'));
      await first.stop();
      hub.heard.length = 0;
      stage.uplink(broker);
      await until('online again', isOnline(hub));
      await hub.command(command());
      await until('the refusal', () => repliesOf(hub).some(({ why }) => why === 'repeated'));
      assert.is(recorder.heard.filter((message) => message.is === 'command').length, 1);
    },
  ));

test('a node without a clock obeys by the nonce of its status, and by the moment once it has heard the hub', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const recorder = stage.recorder();
      stage.uplink(broker, { clockIsTrusted: false });
      const nonceOf = () =>
        hub.heard.flatMap(({ topic, payload }) =>
          topic.endsWith('/status') ? [JSON.parse(String(payload)).nonce] : [],
        );
      await until('a nonce', () => typeof nonceOf().at(-1) === 'string');
      await until('the recorder', () => recorder.joined());
      await hub.command(command({ id: 'by-moment-1' }));
      await until('it asks for the nonce', () => repliesOf(hub).some(({ why }) => why === 'clock'));
      const { expiresAtMs: _, ...timeless } = command();
      await hub.command({ ...timeless, id: 'by-nonce-01', ttlMs: 60_000, nonce: nonceOf().at(-1) });
      await hub.command({ ...timeless, id: 'by-nonce-02', ttlMs: 60_000, nonce: 'a-nonce-of-yesterday' });
      await until('the old nonce refused', () => repliesOf(hub).some(({ why }) => why === 'expired'));
      await stage.record(0, 100);
      recorder.tell({ is: 'doorbell', class: 0 });
      await until('the time', () => recorder.heard.some((message) => message.is === 'hubTime'));
      await hub.command(command({ id: 'by-moment-2' }));
      const obeyed = () => recorder.heard.flatMap((message) => (message.is === 'command' ? [message.command.id] : []));
      await until('both', () => obeyed().length === 2);
      assert.equal(obeyed(), ['by-nonce-01', 'by-moment-2']);
    },
  ));

test('what the hub did not sign is told to the recorder as a fault, once', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const recorder = stage.recorder();
      stage.uplink(broker);
      await until('online', isOnline(hub));
      await until('the recorder', () => recorder.joined());
      for (let n = 0; n < 20; n += 1) await hub.publish('receipt', 'not.a.receipt');
      await until('the fault', () => recorder.heard.some((message) => message.is === 'fault'));
      recorder.tell({ is: 'vitals', vitals: {} });
      await until('all counted', () =>
        hub.heard.some(
          ({ topic, payload }) => topic.endsWith('/vitals') && JSON.parse(String(payload)).uplink.rejected === 20,
        ),
      );
      const faults = recorder.heard.filter((message) => message.is === 'fault' && message.code === 'not-the-hub');
      assert.is(faults.length, 1);
    },
  ));

test('a piece of live picture leaves the run folder for its topic', () =>
  withStage(
    () => startMosquitto(),
    async (stage, broker, { later }) => {
      const hub = await startTestHub(broker, stage.hubKeys, stage.who);
      later(hub.close);
      const recorder = stage.recorder();
      stage.uplink(broker);
      await until('online', isOnline(hub));
      await until('the recorder', () => recorder.joined());
      const session = 'ab'.repeat(16);
      const file = `live-${session}-0.age`;
      await writeFile(join(stage.node.dir, file), 'sealed');
      recorder.tell({ is: 'live', session, file });
      await until('the piece', () =>
        hub.heard.some(({ topic, payload }) => topic.endsWith(`/out/live/${session}`) && String(payload) === 'sealed'),
      );
      assert.not((await readdir(stage.node.dir)).includes(file));
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
