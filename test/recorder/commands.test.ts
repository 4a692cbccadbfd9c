// What the recorder does with a command that the uplink has let through.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '../../agent/config-file.ts';
import { mergePatch } from '../../agent/core/config/patch.ts';
import { keepRemoteSettings } from '../../agent/remote-settings.ts';
import { isWithdrawn } from '../../agent/withdrawn.ts';
import { disk } from '../../hal/disk.ts';
import type { Order } from '../../protocol/command.ts';
import { opener } from '../../protocol/open.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { until } from '../support/until.ts';
import { startScripted, testConfig } from './scripted-camera.ts';

const test = suite<{ node: TestNode }>('commands');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const command = (order: Order) =>
  ({ v: 1, aud: 'xa-thu/mat-01', id: 'command-0001', expiresAtMs: 0, ...order }) as const;
const session = 'ab'.repeat(16);

test('live pieces are sealed for the session alone: first the init segment, then what comes; a stop ends it and leaves nothing', async ({
  node,
}) => {
  const run = await startScripted(node, testConfig());
  await run.see({ is: 'init', bytes: Buffer.from('ftyp moov') });
  await run.film(3);
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const { obey } = run.recorder.commands;
  assert.ok((await obey(command({ name: 'live.start', args: { session, recipient, seconds: 60 } }))).ok);
  await run.film(2);
  const told = () => run.told.flatMap((message) => (message.is === 'live' ? [message.file] : []));
  await until('three pieces', () => told().length === 3);
  const plain = await Promise.all(
    told().map(async (file) => String(Buffer.from(await opener(identity).open(await readFile(join(node.dir, file)))))),
  );
  assert.is(plain[0], 'ftyp moov');
  assert.match(plain[1] ?? '', /^fragment from/);
  assert.ok((await obey(command({ name: 'live.stop', args: { session } }))).ok);
  await run.film(2);
  assert.is(told().length, 3);
  await run.stop();
  assert.equal(
    (await readdir(node.dir)).filter((name) => name.startsWith('live-')),
    [],
  );
});

test('a live session ends by itself, and two more than may be are refused', async ({ node }) => {
  const run = await startScripted(node, testConfig());
  await run.film(1);
  const recipient = await identityToRecipient(await generateX25519Identity());
  const start = (digit: string) =>
    run.recorder.commands.obey(
      command({ name: 'live.start', args: { session: digit.repeat(32), recipient, seconds: 5 } }),
    );
  assert.ok((await start('a')).ok);
  assert.ok((await start('b')).ok);
  assert.is((await start('c')).why, 'busy');
  await run.film(6);
  assert.ok((await start('c')).ok);
  await run.stop();
});

test('a wall has a picture every five seconds beside two films, and the newest wall alone', async ({ node }) => {
  const run = await startScripted(node, testConfig());
  await run.see({ is: 'init', bytes: Buffer.from('ftyp moov') });
  await run.film(1);
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const start = (digit: string, more: { rate?: 'low' } = {}) => {
    const args = { session: digit.repeat(32), recipient, seconds: 60, ...more };
    return run.recorder.commands.obey(command({ name: 'live.start', args }));
  };
  const told = (digit: string) =>
    run.told.flatMap((message) =>
      message.is === 'live' && message.session === digit.repeat(32) ? [message.file] : [],
    );
  assert.ok((await start('a', { rate: 'low' })).ok);
  await run.film(10);
  await until('two pictures', () => told('a').length === 2);
  for (const file of told('a'))
    assert.match(Buffer.from(await opener(identity).open(await readFile(join(node.dir, file)))).toString(), /^jpeg at/);
  for (const digit of ['b', 'c']) assert.ok((await start(digit)).ok);
  assert.is((await start('d')).why, 'busy');
  assert.ok((await start('e', { rate: 'low' })).ok);
  await run.film(6);
  await until('pictures of the newer wall', () => told('e').length >= 1);
  assert.is(told('a').length, 2);
  await run.stop();
});

test('a camera that is lent no longer says so and rests at every start after', async ({ node }) => {
  const run = await startScripted(node, testConfig());
  assert.not(await isWithdrawn(disk, node.identityDir));
  assert.ok((await run.recorder.commands.obey(command({ name: 'withdraw', args: {} }))).ok);
  assert.ok(await isWithdrawn(disk, node.identityDir));
  await run.stop();
});

test('what a node does not have is answered plainly', async ({ node }) => {
  const run = await startScripted(node, testConfig());
  const orders: readonly Order[] = [
    { name: 'lamp', args: { on: true } },
    { name: 'update.check', args: {} },
  ];
  for (const order of orders) {
    const reply = await run.recorder.commands.obey(command(order));
    assert.is(reply.why, 'cannot');
    assert.ok(reply.text.length > 10);
  }
  await run.stop();
});

test('settings from afar hold over the file they were set for; a technician’s new file counts alone', async ({
  node,
}) => {
  const path = join(node.dir, 'node.yaml');
  const text = (title: string) =>
    Buffer.from(
      `commune: xa-thu\nnode: mat-01\ntitle: ${title}\nidentityDir: ${node.identityDir}\ncamera: { driver: scene }\n`,
    );
  const put = (title: string) =>
    disk
      .remove(path)
      .catch(() => undefined)
      .then(() => write(path, text(title)));
  await put('Chợ');
  const set = (patch: Record<string, string | number | object>) =>
    keepRemoteSettings(disk, node.identityDir, text('Chợ'), patch as never);
  assert.equal(await set({ title: 'Chợ mới', events: { quietMs: 9000 } }), { ok: true });
  assert.equal(await set({ motion: { fps: 6 } }), { ok: true });
  const loaded = await loadConfig(disk, path, 'read-only');
  assert.is(loaded.config.title, 'Chợ mới');
  assert.is(loaded.config.events.quietMs, 9000);
  assert.is(loaded.config.motion.fps, 6);
  const bad = await set({ motion: { fps: 4000 } });
  assert.ok(!bad.ok && /motion.fps/.test(bad.text), JSON.stringify(bad));
  const foreign = await set({ uplink: { broker: 'mqtt://thief' }, camera: { driver: 'rtsp' } });
  assert.ok(!foreign.ok && foreign.text === 'uplink, camera.driver cannot be set from afar');
  await put('Chợ cũ');
  assert.is((await loadConfig(disk, path, 'read-only')).config.title, 'Chợ cũ');
  assert.is((await loadConfig(disk, path, 'read-only')).config.motion.fps, testConfig().motion.fps);
});

// RFC 7396, appendix A.
test('a merge patch does what its norm says', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of cases) assert.equal(mergePatch(target, patch as never), result);
});

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.create(path);
  await file.write(bytes, 0);
  await file.close();
}

test.run();
