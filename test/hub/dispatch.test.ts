// Commands and live pictures from the hub's side, over its own broker, with a node that answers for real.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Command, commandSchema } from '../../protocol/command.ts';
import { sealer } from '../../protocol/seal.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { commune, makeVillage, type Village } from './village.ts';

const test = suite<{ village: Village }>('commands from the hub');
test.before.each(async (context) => {
  context.village = await makeVillage();
});
test.after.each(({ village }) => village.remove());

async function withNode(village: Village) {
  const { hub } = await village.start();
  const node = await village.node('mat-01');
  await node.join(hub.broker, 4);
  const commands = () => node.commands.map((jws) => commandSchema.parse(readUnverified(jws)));
  const reply = (to: Command, words: object) =>
    node.publish(`${root(commune, 'mat-01')}/out/reply`, JSON.stringify({ v: 1, id: to.id, ...words }));
  const next = async () => {
    await until('a command', () => commands().length > 0);
    const command = commands()[0];
    node.commands.length = 0;
    if (command === undefined) throw new Error('no command');
    return command;
  };
  return { hub, node, next, reply };
}

test('a command is answered with what the node says, or with silence', async ({ village }) => {
  const { hub, next, reply } = await withNode(village);
  const asked = hub.dispatch.send('mat-01', { name: 'lamp', args: { on: true } });
  const command = await next();
  assert.is(command.aud, 'xa-thu/mat-01');
  assert.ok((command.expiresAtMs ?? 0) > Date.now());
  await reply({ ...command, id: 'nobody-asked-this' }, { ok: true, text: 'x' });
  await reply(command, { ok: true, text: 'lamp on' });
  assert.equal(await asked, { ok: true, text: 'lamp on' });
  const refused = hub.dispatch.send('mat-01', { name: 'siren', args: { on: true } });
  await reply(await next(), { ok: false, why: 'cannot', text: 'no siren' });
  assert.equal(await refused, { ok: false, why: 'cannot', text: 'no siren' });
  assert.is((await hub.dispatch.send('mat-02', { name: 'restart', args: {} }, 50)).ok, false);
});

test('a node that does not know the time is asked by its nonce', async ({ village }) => {
  const { hub, node, next, reply } = await withNode(village);
  const first = hub.dispatch.send('mat-01', { name: 'snapshot', args: {} });
  const command = await next();
  const status = { state: 'online', sinceMs: 1, release: '0', boot: '', title: 'x', nonce: 'n-1' };
  await node.publish(`${root(commune, 'mat-01')}/out/status`, JSON.stringify(status));
  await reply(command, { ok: false, why: 'clock', text: 'no time yet' });
  const again = await next();
  assert.equal([again.nonce, again.expiresAtMs], ['n-1', undefined]);
  await reply(again, { ok: true, text: 'done' });
  assert.ok((await first).ok);
});

test('live pieces come out in clear at the hub alone, in order, until the session is stopped', async ({ village }) => {
  const { hub, node, next, reply } = await withNode(village);
  const starting = hub.live.start('mat-01', 'full', 60);
  const command = await next();
  if (command.name !== 'live.start') throw new Error(command.name);
  await reply(command, { ok: true, text: 'live' });
  const started = await starting;
  if (!started.ok) throw new Error(started.text);
  const { seal } = sealer([command.args.recipient]);
  const topic = `${root(commune, 'mat-01')}/out/live/${command.args.session}`;
  for (const piece of ['init', 'one', 'two']) await node.publish(topic, seal(Buffer.from(piece)));
  await node.publish(topic, 'not sealed');
  const seen: string[] = [];
  for await (const piece of started.live.pieces) {
    seen.push(Buffer.from(piece).toString());
    if (seen.length === 3) void started.live.stop();
  }
  assert.equal(seen, ['init', 'one', 'two']);
  assert.is((await next()).name, 'live.stop');
});

test('a live session ends when its time is over, whether or not the node sends', async ({ village }) => {
  const { hub, next, reply } = await withNode(village);
  const beganMs = performance.now();
  const starting = hub.live.start('mat-01', 'full', 1);
  const command = await next();
  if (command.name !== 'live.start') throw new Error(command.name);
  assert.is(command.args.seconds, 1, 'the node is told the same');
  await reply(command, { ok: true, text: 'live' });
  const started = await starting;
  if (!started.ok) throw new Error(started.text);
  for await (const _ of started.live.pieces) assert.unreachable();
  assert.ok(performance.now() - beganMs >= 990);
});

test('a wall has pictures from unmetered nodes alone, one session for all who look', async ({ village }) => {
  const { hub, cookie } = await village.start();
  const [fixed, mobile] = [await village.node('mat-01'), await village.node('mat-02')];
  for (const [node, kind] of [
    [fixed, 'unmetered'],
    [mobile, 'metered'],
  ] as const) {
    await node.join(hub.broker, 4);
    const status = { state: 'online', sinceMs: 1, release: '0', boot: '', title: node.name };
    await node.publish(`${root(commune, node.name)}/out/status`, JSON.stringify(status));
    await node.publish(`${root(commune, node.name)}/out/vitals`, JSON.stringify({ link: { kind } }));
  }
  const ask = async () => (await fetch(`${hub.url}api/tiles?node=mat-01&node=mat-02`, { headers: { cookie } })).json();
  await until('the question to the node', async () => {
    assert.equal(await ask(), { tiles: {} });
    return fixed.commands.length > 0;
  });
  const command = commandSchema.parse(readUnverified(fixed.commands[0] ?? ''));
  if (command.name !== 'live.start') throw new Error(command.name);
  assert.is(command.args.rate, 'low');
  const reply = { v: 1, id: command.id, ok: true, text: 'live' };
  await fixed.publish(`${root(commune, 'mat-01')}/out/reply`, JSON.stringify(reply));
  const { seal } = sealer([command.args.recipient]);
  const jpeg = Buffer.from('ffd8ffe0ffd9', 'hex');
  const topic = `${root(commune, 'mat-01')}/out/live/${command.args.session}`;
  for (const piece of [Buffer.from('not a picture'), jpeg]) await fixed.publish(topic, seal(piece));
  let url: string | undefined;
  await until('the picture', async () => {
    url = (await ask()).tiles['mat-01']?.url;
    return url !== undefined;
  });
  const answer = await fetch(`${hub.url}${url?.slice(1)}`, { headers: { cookie } });
  assert.equal([answer.status, answer.headers.get('content-type')], [200, 'image/jpeg']);
  assert.equal(Buffer.from(await answer.arrayBuffer()), jpeg);
  assert.equal([fixed.commands.length, mobile.commands.length], [1, 0]);
});

test.run();
