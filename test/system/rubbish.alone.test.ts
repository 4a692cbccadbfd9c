// What no code of ours would ever write or send: each a clear word, and the rest goes on.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import * as assert from 'uvu/assert';
import { runDir } from '../../agent/run-dir.ts';
import { demoCommune } from '../../cli/demo/stage.ts';
import { inTopics, root } from '../../protocol/topics.ts';
import { freePort, startMosquitto } from '../support/broker.ts';
import { asTheHub } from '../support/commune.ts';
import { until } from '../support/until.ts';
import { type Case, faultsAtHub, hasPicture, inPhase, standing, startAll, stillDelivers, tryAll } from './at-work.ts';
import { makeFilm } from './film.ts';
import { logged, type Rig } from './rig.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-rubbish-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
const textFilm = join(dir, 'text.mp4');
writeFileSync(textFilm, 'Ngày mai họp thôn lúc 7 giờ.\n'.repeat(100));
const halfFilm = join(dir, 'half.mp4');
makeFilm(halfFilm, { seconds: 4, passes: [] });
writeFileSync(halfFilm, readFileSync(halfFilm).subarray(0, Math.floor(statSync(halfFilm).size / 2)));

const cameras: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp, RegExp])[] = [
  ['a film that is text', { driver: 'film', path: textFilm }, /camera-input/, /cannot play the film .*text\.mp4/],
  ['a film cut in half', { driver: 'film', path: halfFilm }, /camera-input/, /cannot play the film .*half\.mp4/],
  [
    'an RTSP address nobody answers',
    { driver: 'rtsp', url: 'rtsp://ong:matkhau@127.0.0.1:1/x' },
    /camera-absent|camera-input/,
    /127\.0\.0\.1/,
  ],
];

const cases: readonly Case[] = [
  {
    name: 'broken YAML on a first start: the place of the fault, and exit 1',
    body: async (rig) => {
      breakConfig(rig);
      for (const command of ['recorder', 'uplink', 'node']) {
        const process = rig.matlang(command, '--config', rig.node.configPath);
        assert.is(await process.ended, 1);
        assert.match(process.said.join('\n'), /node\.yaml:\d+:\d+ /);
        assert.not.match(process.said.join('\n'), /\bat .*\.ts:\d+/);
      }
    },
  },
  {
    name: 'broken YAML after a good start: the last good one goes on, and the hub hears of it',
    body: async (rig) => {
      const before = rig.recorder();
      await until('a good start', () => hasPicture({ recorder: before }), 20_000);
      await before.kill('SIGTERM');
      breakConfig(rig);
      const node = await startAll(rig);
      await until('the picture', () => hasPicture(node), 20_000);
      await until('the error in out/config', () => node.config()?.error !== undefined, 10_000);
      assert.match(node.config()?.error ?? '', /node\.yaml:\d+:\d+ /);
      await stillDelivers(rig, node);
      await until('the fault', () => faultsAtHub(rig).some(({ code }) => code === 'config-refused'));
    },
  },
  ...cameras.map(
    ([name, camera, code, words]): Case => ({
      name: `${name}: a fault with its reason, and the panic button works all the same`,
      rules: { config: { camera } },
      body: async (rig) => {
        const node = await startAll(rig);
        await standing(node, code, words);
        await stillDelivers(rig, node);
        const all = [...node.recorder.said, ...faultsAtHub(rig).map(({ text }) => text)].join('\n');
        assert.not.match(all, 'matkhau');
      },
    }),
  ),
  {
    name: 'a broker that accepts and closes at once: tried again with patience, and everything comes when it is mended',
    rules: { brokerPort: await freePort() },
    body: async (rig) => {
      const rude = createServer((socket) => socket.destroy()).listen(rig.brokerPort, '127.0.0.1');
      let visits = 0;
      rude.on('connection', () => {
        visits += 1;
      });
      const [recorder, uplink] = [rig.recorder(), rig.uplink()];
      await until('three visits', () => visits >= 3, 30_000);
      await rig.press();
      assert.ok(logged(uplink, 'no connection').length >= 2);
      rude.close();
      await once(rude, 'close');
      const mosquitto = await startMosquitto(rig.brokerPort);
      try {
        await rig.hub();
        await until('the alarm at the hub', () => inPhase(rig, 'new') > 0, 40_000);
        await stillDelivers(rig, { recorder, uplink });
      } finally {
        await mosquitto.close();
      }
    },
  },
  {
    name: 'random bytes on every in/ topic and on the local socket: refused, and told where somebody could read it',
    body: async (rig) => {
      const node = await startAll(rig);
      await until('the picture', () => hasPicture(node), 20_000);
      // Even with the hub's own rights at the broker: what counts is the signature.
      const hub = await asTheHub(join(rig.archive, '../../trust'));
      const client = await connectAsync(`mqtts://127.0.0.1:${rig.brokerPort}`, hub);
      const replies: string[] = [];
      client.on('message', (_, payload) => replies.push(payload.toString()));
      const own = root(demoCommune, rig.node.id);
      await client.subscribeAsync(`${own}/out/reply`, { qos: 1 });
      for (const topic of inTopics.map((name) => `in/${name}`))
        for (const length of [0, 1, 100, 20_000, 300_000])
          for (const retain of [false, true])
            await client.publishAsync(`${own}/${topic}`, randomBytes(length), { qos: 1, retain });
      await until('an answer', () => replies.length > 0, 10_000);
      assert.ok(replies.every((reply) => JSON.parse(reply).ok === false));
      await client.endAsync();
      const path = join(runDir(rig.node.dir), 'local.sock');
      for (const bytes of [
        randomBytes(10),
        randomBytes(200_000),
        Buffer.from('{"is":"fault"}\n{}\n'),
        Buffer.alloc(70_000, 0x20),
      ])
        await sendTo(path, bytes);
      await stillDelivers(rig, node);
      // Somebody who joins and never reads.
      const silent = connect(path);
      await once(silent, 'connect');
      await stillDelivers(rig, node);
      silent.destroy();
    },
  },
];

function breakConfig({ node: { configPath } }: Rig): void {
  const text = readFileSync(configPath, 'utf8');
  writeFileSync(configPath, text.replace('camera:', 'camera: [\n'));
}

async function sendTo(path: string, bytes: Uint8Array): Promise<void> {
  const socket = connect(path);
  await once(socket, 'connect');
  // It is hung up on, or reset while it still writes: both are what it deserves.
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.end(bytes);
  socket.resume();
  await closed;
}

tryAll('rubbish', cases);
