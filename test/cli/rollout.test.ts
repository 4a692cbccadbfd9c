// `matlang hub rollout` as a technician types it, beside a hub that carries it out, with nodes that answer over the broker.
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { change, describe, start } from '../../cli/hub/rollout-acts.ts';
import { rolloutWords } from '../../cli/hub/rollout-words.ts';
import { type DeskStore, openDeskStore } from '../../hub/desk/store.ts';
import { latestRollout } from '../../hub/rollout/book.ts';
import { commandSchema } from '../../protocol/command.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { root } from '../../protocol/topics.ts';
import { commune, makeVillage } from '../hub/village.ts';
import { found, releaseSmall } from '../ota/makers.ts';
import { until } from '../support/until.ts';

const test = suite('cli/rollout');
const village = await makeVillage();
test.after(() => village.remove());
const main = join(import.meta.dirname, '../../cli/main.ts');
const rollout = (...args: string[]) =>
  spawnSync(process.execPath, [main, 'hub', '--config', join(village.dir, 'hub.yaml'), 'rollout', ...args], {
    encoding: 'utf8',
    env: { ...process.env, LANG: 'C.UTF-8' },
  });
const say = rolloutWords.vi;
const inBook = async <T>(work: (store: DeskStore) => Promise<T> | T): Promise<T> => {
  const store = openDeskStore(village.config.dataDir);
  try {
    return await work(store);
  } finally {
    store.close();
  }
};
/** Why it was refused. */
const begin = (release: string, by: string, canary?: string): Promise<string> =>
  inBook((store) =>
    start(store, village.config, release, { by, bench: [], canary, quiet: 0 }, say).then(
      () => 'begun',
      (error: unknown) => String(error),
    ),
  );
const goOnBy = (by: string) =>
  inBook((store) =>
    change(store, village.config, { by, why: 'lỏng cáp camera', does: 'go-on' }, say).then(
      () => 'goes on',
      (error: unknown) => String(error),
    ),
  );
const latest = () => inBook((store) => latestRollout(store));
const status = async () => {
  const found = await latest();
  return found === undefined ? '' : describe(found, say);
};
const running = await village.start();
const nodes = await Promise.all(['mat-01', 'mat-02', 'mat-03'].map((name) => village.node(name)));
await writeFile(join(village.dir, 'hub.yaml'), `commune: ${commune}\n`);

/** What a node's uplink says of itself. */
async function uplinkSays(name: string, release: string): Promise<void> {
  const status = { state: 'online', sinceMs: 1, release, boot: '', title: name };
  await nodes.find((one) => one.name === name)?.publish(`${root(commune, name)}/out/status`, JSON.stringify(status));
}
async function says(name: string, release: string, update: object = {}): Promise<void> {
  await uplinkSays(name, release);
  const vitals = { release, update: { onTrial: false, ...update } };
  await nodes.find((one) => one.name === name)?.publish(`${root(commune, name)}/out/vitals`, JSON.stringify(vitals));
}

/** One look of the hub; each node that is told says yes. Who was told. */
async function look(): Promise<string[]> {
  const told: string[] = [];
  const looked = { done: false };
  const looking = running.hub.rollouts.look().finally(() => {
    looked.done = true;
  });
  await until('all answers', async () => {
    for (const node of nodes) {
      for (const jws of node.commands.splice(0)) {
        const { id, name, args } = commandSchema.parse(readUnverified(jws));
        assert.equal([name, args], ['update.apply', { version: '2.0.0' }]);
        told.push(node.name);
        const reply = JSON.stringify({ v: 1, id, ok: true, text: 'it begins' });
        await node.publish(`${root(commune, node.name)}/out/reply`, reply);
      }
    }
    return looked.done;
  });
  await looking;
  return told;
}
const seenAs = async (name: string, release: string) =>
  until('the hub to hear it', async () => {
    const answer: { nodes: { node: string; release: string }[] } = await (await running.get('api/nodes')).json();
    return answer.nodes.some((node) => node.node === name && node.release === release);
  });

test('only a technician lets go, only what is signed, and only to nodes there are', async () => {
  for (const node of nodes) await node.join(running.hub.broker, 4);
  await inBook((store) => {
    store.run(
      `INSERT INTO account VALUES ('thu', 'Thử', 'technician', '!', 0, 0, 0), ('an', 'Thử', 'officer', '!', 0, 0, 0)`,
    );
  });
  assert.match(rollout('status').stdout, 'Chưa triển khai bản nào');
  assert.match(await begin('2.0.0', 'an'), 'chỉ kỹ thuật viên');
  assert.match(await begin('2.0.0', 'thu'), '1.root.json');
  const nowMs = Date.now();
  found(village.config.releasesDir, nowMs);
  await releaseSmall(village.config.releasesDir, join(village.dir, 'made'), '2.0.0', undefined, undefined, nowMs);
  assert.match(await begin('2.0.1', 'thu'), 'đang có: 2.0.0');
  assert.match(await begin('2.0.0', 'thu', 'mat-09'), 'mat-09');
});

test('the canary goes first; the others when it has proven itself; status tells it in words', async () => {
  for (const { name } of nodes) await says(name, '1.0.0');
  await seenAs('mat-03', '1.0.0');
  const begun = rollout('start', '2.0.0', '--by', 'thu', '--canary', 'mat-02', '--quiet', '0');
  assert.is(begun.status, 0, begun.stderr);
  assert.match(await begin('2.0.0', 'thu'), 'đang được triển khai', 'one at a time');
  assert.equal(await look(), ['mat-02']);
  assert.match(await status(), /Mắt đầu tiên: 0\/1.*\n.*mat-02.*đang tải/);
  await says('mat-02', '2.0.0', { onTrial: true });
  await seenAs('mat-02', '2.0.0');
  assert.equal(await look(), []);
  await says('mat-02', '2.0.0');
  await until('the tenth', async () => (await look()).length === 1);
});

test('a release whose uplink runs and whose recorder does not start has proven nothing, however often one looks', async () => {
  const tenth = (await latest())?.wave.nodes.find(({ standing }) => standing === 'told')?.node ?? '';
  await uplinkSays(tenth, '2.0.0');
  await seenAs(tenth, '2.0.0');
  for (let looks = 0; looks < 3; looks++) assert.equal(await look(), [], 'the last vitals are those of 1.0.0');
  assert.is((await latest())?.wave.nodes.find(({ node }) => node === tenth)?.standing, 'told');
});

test('a roll-back holds the wave with its reason until a technician goes on; a stop is for good; all of it is in the log', async () => {
  const tenth = (await latest())?.wave.nodes.find(({ standing }) => standing === 'told')?.node ?? '';
  await says(tenth, '1.0.0', { back: { release: '2.0.0', why: 'không có hình' } });
  await until('the roll-back', async () => {
    await look();
    return (await status()).includes('đã quay về bản cũ: không có hình');
  });
  assert.match(await status(), 'Tạm giữ');
  assert.match(await goOnBy('an'), 'chỉ kỹ thuật viên');
  assert.is(await goOnBy('thu'), 'goes on');
  assert.is((await look()).length, 1, 'the rest');
  assert.is(rollout('stop', '--by', 'thu', '--why', 'hết giờ').status, 0);
  assert.match(await goOnBy('thu'), 'không có bản nào');
  const over = await latest();
  assert.equal([over?.wave.is, over?.wave.why, over?.approvedBy], ['stopped', 'thu: hết giờ', 'thu']);
  const log: { lines: { actor: string; details?: { does?: string; command?: string } }[] } = await (
    await running.get('api/audit')
  ).json();
  const does = log.lines.filter(({ actor }) => actor === 'technician:thu').map(({ details }) => details?.does);
  assert.equal(does.reverse(), ['start', 'go-on', 'stop']);
});

test.run();
