import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { joinLocal, localPath, type RecorderMessage, serveLocal, type UplinkMessage } from '../../agent/local.ts';
import { until } from '../support/until.ts';

/** A recorder's end on a fresh folder, and all that must be stopped after it. */
async function recorder(folder?: string) {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'matlang-local-')));
  const stop = new AbortController();
  const heard: UplinkMessage[] = [];
  const server = serveLocal(localPath(dataDir), { heard: (message) => heard.push(message) }, stop.signal);
  const end = async () => {
    stop.abort();
    await server.ended;
  };
  await until('the socket', async () => (await stat(localPath(dataDir)).catch(() => undefined))?.isSocket() === true);
  return { dataDir, path: localPath(dataDir), server, heard, end };
}

function uplink(path: string) {
  const stop = new AbortController();
  const heard: RecorderMessage[] = [];
  const client = joinLocal(path, { heard: (message) => heard.push(message) }, stop.signal);
  const end = async () => {
    stop.abort();
    await client.ended;
  };
  return { client, heard, end };
}

/** `once` would reject on the reset that a refused stranger may see before its `close`. */
const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

const link: UplinkMessage = { is: 'link', state: 'online', queued: 3, oldestAgeMs: null, sentBytes: 7 };

test('messages go both ways, and a newcomer hears the latest status first', async () => {
  const one = await recorder();
  const status: RecorderMessage = { is: 'status', boot: '000001.00000000', release: '1', configSha256: 'a'.repeat(64) };
  one.server.tell(status);
  const two = uplink(one.path);
  await until('the status', () => two.heard.length === 1);
  one.server.tell({ is: 'doorbell', class: 0 });
  await until('the doorbell', () => two.heard.length === 2);
  assert.equal(two.heard, [status, { is: 'doorbell', class: 0 }]);
  assert.ok(two.client.tell(link));
  await until('the link', () => one.heard.length === 1);
  assert.equal(one.heard, [link]);
  await two.end();
  await one.end();
  await rm(one.dataDir, { recursive: true });
});

test('the socket is for its owner alone, and is gone after the end', async () => {
  const one = await recorder();
  assert.is((await stat(one.path)).mode & 0o777, 0o600);
  await one.end();
  assert.is(await stat(one.path).catch(() => undefined), undefined);
  await rm(one.dataDir, { recursive: true });
});

test('either side may come first, go and come back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'matlang-local-'));
  const two = uplink(localPath(dataDir));
  assert.not(two.client.tell(link), 'nobody there yet');
  const first = await recorder(dataDir);
  await until('the first meeting', () => two.client.joined());
  await first.end();
  await until('the farewell', () => !two.client.joined());
  const second = await recorder(dataDir);
  await until('the second meeting', () => two.client.joined());
  await two.end();
  await until('the recorder alone', () => !second.server.joined());
  second.server.tell({ is: 'doorbell', class: 1 });
  await second.end();
  await rm(dataDir, { recursive: true });
});

test('a socket file that a killed recorder left is replaced, and so is a plain file', async () => {
  for (const leave of [leaveSocket, (path: string) => writeFile(path, 'x')]) {
    const dataDir = await mkdtemp(join(tmpdir(), 'matlang-local-'));
    await leave(localPath(dataDir));
    const one = await recorder(dataDir);
    const two = uplink(one.path);
    await until('the meeting', () => two.client.joined());
    await two.end();
    await one.end();
    await rm(dataDir, { recursive: true });
  }
});

/** As after kill -9: the name is there, nobody listens. */
async function leaveSocket(path: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(path)})`]);
  await until('the stale socket', async () => (await stat(path).catch(() => undefined))?.isSocket() === true);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a folder with a long path gets a short socket', () => {
  const short = `/${'d'.repeat(95)}`;
  assert.is(localPath(short), `${short}/local.sock`);
  const beyond = localPath(`/${'d'.repeat(96)}`);
  assert.is(beyond.endsWith('local.sock'), false);
  assert.ok(Buffer.byteLength(beyond) <= 107);
});

test('whatever bytes a stranger sends, its connection ends and the others go on', async () => {
  const one = await recorder();
  const two = uplink(one.path);
  await until('the meeting', () => two.client.joined());
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 4000 }), async (bytes) => {
      const before = one.server.counts().garbage;
      const stranger = connect(one.path);
      stranger.on('error', () => undefined);
      await once(stranger, 'connect');
      stranger.write(Buffer.concat([bytes, Buffer.from('\n')]));
      await closed(stranger);
      assert.ok(one.server.counts().garbage > before);
    }),
    { numRuns: 60 },
  );
  const endless = connect(one.path);
  endless.on('error', () => undefined);
  endless.write(Buffer.alloc(200_000, 0x20));
  await closed(endless);
  assert.equal(one.heard, []);
  two.client.tell(link);
  await until('a sane message', () => one.heard.length === 1);
  await two.end();
  await one.end();
  await rm(one.dataDir, { recursive: true });
});

test('an uplink that does not read costs the recorder messages, not memory', async () => {
  const one = await recorder();
  const sleeper = connect(one.path);
  await once(sleeper, 'connect');
  sleeper.pause();
  await until('the sleeper', () => one.server.joined());
  const text = 'x'.repeat(30_000);
  for (let n = 0; n < 100; n += 1) one.server.tell({ is: 'vitals', vitals: { text } });
  assert.ok(one.server.counts().dropped > 80, `dropped ${one.server.counts().dropped}`);
  sleeper.destroy();
  await one.end();
  await rm(one.dataDir, { recursive: true });
});

test('a recorder that speaks rubbish is left and tried again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'matlang-local-'));
  const babbler = createServer((socket) => socket.on('error', () => undefined).end('{"is":"doorbell","class":9}\n'));
  babbler.listen(localPath(dataDir));
  const two = uplink(localPath(dataDir));
  await until('two attempts', () => two.client.counts().garbage >= 2);
  assert.equal(two.heard, []);
  await two.end();
  babbler.close();
  await rm(dataDir, { recursive: true });
});

test.run();
