// The care of a node from the desk: what it told, what is sent to it, how it has been, and what its traces say.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configSchema } from '../../agent/core/config/schema.ts';
import { settingsOf } from '../../agent/core/config/settings.ts';
import { traceType } from '../../agent/core/trace/format.ts';
import { commandSchema } from '../../protocol/command.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { eventsAtEach, traceOf } from './traced.ts';
import { commune, makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  node: TestSender;
  /** As a technician. */
  post: (path: string, body: unknown) => Promise<Response>;
}
const config = configSchema.parse({ commune, node: 'mat-01', title: 'Chợ', camera: { driver: 'pi' } });
const settings = settingsOf(config);
const test = suite<Context>('care');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.node = await context.village.node('mat-01');
  await context.node.join(context.running.hub.broker, 4);
  const { hub } = context.running;
  const { cookie, csrf } = await signIn(context.village.config.dataDir, hub.url, 'technician');
  const headers = { cookie, 'x-csrf': csrf, 'content-type': 'application/json' };
  context.post = (path, body) => fetch(`${hub.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
});
test.after(({ village }) => village.remove());

const inForce = async (running: Running) => (await (await running.get('api/care/mat-01')).json()).inForce;

test('what a node is set to is what it told at its newest start', async ({ running, node }) => {
  assert.is(await inForce(running), null);
  for (const title of ['Chợ cũ', 'Chợ mới']) {
    await node.deliver(
      await node.record({ kind: 'boot', class: 1 }, JSON.stringify({ settings: { ...settings, title } })),
    );
    if (title === 'Chợ cũ') node.reboot();
  }
  assert.is((await inForce(running)).settings.title, 'Chợ mới');
});

test('a change is weighed, written down, sent as the smallest patch, and answered with what the node says', async ({
  running,
  node,
  post,
}) => {
  const { boot, settings: now } = await inForce(running);
  const wished = { ...now, motion: { ...now.motion, sensitivity: 8 } };
  const check = await (await post('api/care/mat-01/check', { base: boot, settings: wished })).json();
  assert.equal(check.faults, []);
  assert.equal(check.changes, [{ key: 'motion.sensitivity', label: 'Độ nhạy', from: '5', to: '8' }]);
  assert.is(node.commands.length, 0);
  const sending = post('api/care/mat-01/settings', { base: boot, settings: wished });
  await until('the command', () => node.commands.length === 1);
  const command = commandSchema.parse(readUnverified(node.commands[0] ?? ''));
  assert.equal([command.name, command.args], ['config.set', { patch: { motion: { sensitivity: 8 } } }]);
  const [line] = (await (await running.get('api/audit?count=1')).json()).lines;
  assert.equal(
    [line.actor, line.action, line.details.changes],
    ['technician:technician', 'command', 'motion.sensitivity: 5 → 8'],
  );
  await node.publish(
    `${root(commune, 'mat-01')}/out/reply`,
    JSON.stringify({ v: 1, id: command.id, ok: false, why: 'failed', text: 'no' }),
  );
  const answer = await sending;
  assert.equal([answer.status, await answer.json()], [409, { error: 'failed', text: 'no' }]);
});

test('what is at fault, foreign, unchanged or made from other settings is not sent', async ({
  running,
  node,
  post,
}) => {
  node.commands.length = 0;
  const { boot, settings: now } = await inForce(running);
  const statuses: number[] = [];
  for (const [base, wished] of [
    [boot, { ...now, vitalsEveryS: 1 }],
    [boot, { ...now, uplink: { link: 'metered', monthlyMiB: 1 } }],
    [boot, now],
    ['000001.00000000', { ...now, title: 'khác' }],
  ])
    statuses.push((await post('api/care/mat-01/settings', { base, settings: wished })).status);
  assert.equal(statuses, [400, 400, 400, 409]);
  assert.is(node.commands.length, 0);
});

test('vitals become a row for five minutes, the worst of them; what the broker had kept becomes none', async ({
  village,
  running,
  node,
}) => {
  const topic = `${root(commune, 'mat-01')}/out/vitals`;
  for (const [temperatureC, files] of [
    [61, 4],
    [72, 2],
  ])
    await node.publish(topic, JSON.stringify({ board: { temperatureC }, queue: { files, oldestAgeMs: null } }));
  const history = async (of = running) => (await of.get('api/care/mat-01/history')).json();
  await until('both', async () => (await history()).temperatureC.at(-1) === 72);
  assert.is((await history()).files.at(-1), 4);
  // Told by the node itself of an hour in which nobody heard it; what it was told live stays.
  const hourAgoMs = Date.now() - 3_600_000;
  const samples = [
    { wallMs: hourAgoMs, board: { temperatureC: 55 } },
    { wallMs: Date.now() - 1, board: { load1: 0.5 } },
    { wallMs: null, board: { temperatureC: 99 } },
    { wallMs: Date.now() + 86_400_000, board: { temperatureC: 98 } },
  ];
  await node.deliver(await node.record({ kind: 'vitals', class: 5 }, JSON.stringify({ samples })));
  await until('the hour before', async () => (await history()).atMs.length > 1);
  const { temperatureC, files } = await history();
  assert.equal([temperatureC[0], files[0]], [55, null]);
  assert.equal(
    [72, 98, 99].map((each) => temperatureC.includes(each)),
    [true, false, false],
  );
  assert.ok(files.includes(4));
  const other = await village.node('mat-02');
  await other.join(running.hub.broker, 4);
  assert.equal((await (await running.get('api/care/mat-02/history')).json()).atMs, []);
});

test('the traces of a day say what each sensitivity would have caught, as the filter itself does', async ({
  running,
  node,
}) => {
  assert.is((await running.get('api/care/mat-01/sensitivity')).status, 404);
  await node.deliver(await node.record({ kind: 'trace', class: 5 }, traceOf(Date.now() - 3_600_000), traceType));
  const told = await (await running.get('api/care/mat-01/sensitivity')).json();
  const truth = eventsAtEach();
  assert.equal(
    told.levels.map(({ events }: { events: number }) => events),
    truth,
  );
  assert.equal([told.set, told.levels[4].newest.length], [[5], truth[4]]);
});

test.run();
