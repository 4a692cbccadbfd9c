// What a hand-over counts: what came in the shift, whenever it happened, and what still waits, whoever's shift it came in.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type OneNode, type Running, sender, withOneNode } from './village.ts';

const test = suite<OneNode>('shift');
withOneNode(test);

const alarm = (id: string) => ({ class: 0, event: { id, phase: 'new', trigger: 'panic', level: 'alarm' } }) as const;
const now = async ({ get }: Running) => {
  const { alarms, events, waiting, outcomes } = (await (await get('api/shift')).json()).now;
  return { alarms, events, waiting, outcomes };
};

test('an alarm that nobody answered is handed on; one that a node could only send later is of the shift in which it came', async ({
  village,
  running,
  node,
}) => {
  const send = await sender(village, running, 'officer');
  const handOver = () => send('api/shift', JSON.stringify({ giver: 'An', taker: 'Bình' }));
  await node.deliver(await node.event('left', 'new', {}, alarm('left')));
  await node.deliver(await node.event('moto', 'new'));
  assert.equal(await now(running), { alarms: 1, events: 1, waiting: 1, outcomes: {} });
  assert.is((await handOver()).status, 200);
  assert.equal(await now(running), { alarms: 0, events: 0, waiting: 1, outcomes: {} });

  // Three hours of no network lie behind it.
  const wallMs = Date.now() - 3 * 3_600_000;
  const time = { monoMs: 5000, wallMs, clock: 'ntp', errorMs: 5 } as const;
  node.reboot();
  await node.deliver(await node.event('late', 'new', {}, { ...alarm('late'), time }));
  await node.deliver(
    await node.event('late', 'end', {}, { ...alarm('late'), time: { ...time, monoMs: 9000, wallMs: wallMs + 4000 } }),
  );
  assert.equal(await now(running), { alarms: 1, events: 0, waiting: 2, outcomes: {} });

  const answer = { node: 'mat-01', fromMs: wallMs - 1000, toMs: wallMs + 1000, outcome: 'sent', note: '' };
  assert.is((await send('api/acks', JSON.stringify(answer))).status, 200);
  assert.equal(await now(running), { alarms: 1, events: 0, waiting: 1, outcomes: { sent: 1 } });
  const { handovers } = await (await handOver()).json();
  assert.equal(
    handovers.map(({ summary }: { summary: { waiting: number } }) => summary.waiting),
    [1, 1],
  );
});

test.run();
