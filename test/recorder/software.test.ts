// What a recorder says about its release: that it has proven itself, to whoever switched to it; and that the one before was taken back, to the hub.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openRunning } from '../../agent/recorder/running.ts';
import { openSoftware } from '../../agent/recorder/software.ts';
import { disk } from '../../hal/disk.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { until } from '../support/until.ts';
import { recordsOf } from './records.ts';
import { startScripted, testConfig } from './scripted-camera.ts';

const test = suite<{ node: TestNode }>('recorder/software');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const saidIn = async (node: TestNode) =>
  JSON.parse(await readFile(join(node.dir, 'running.json'), 'utf8').catch(() => '{}'));

test('a release has proven itself once its boot record lies on the card and a picture was decoded, not before', async ({
  node,
}) => {
  const run = await startScripted(node, testConfig());
  await until('its name', async () => (await saidIn(node)).release === node.maker.release);
  assert.is((await saidIn(node)).proof, undefined);
  await run.film(1);
  await until('its proof', async () => (await saidIn(node)).proof !== undefined);
  const boot = (await recordsOf(node)).find(({ manifest }) => manifest.kind === 'boot')?.manifest;
  const { proof } = await saidIn(node);
  assert.equal([proof.boot, proof.seq], [boot?.boot, boot?.seq]);
  assert.match(proof.sha256, /^[0-9a-f]{64}$/);
  const vitals = () => run.told.flatMap((message) => (message.is === 'vitals' ? [message.vitals] : []));
  await until('vitals', () => vitals().length > 0);
  assert.is(vitals()[0]?.release, node.maker.release, 'the hub must know whose word it is');
  await run.stop();
});

test('a boot record that does not read back as written proves nothing', async ({ node }) => {
  const run = await startScripted(node, testConfig());
  const stored = await run.spool.append({
    ...{ kind: 'boot', class: 1, time: { monoMs: 0, wallMs: null, clock: 'none', errorMs: 0 } },
  });
  await run.stop();
  const bad = { read: async () => Buffer.from('other bytes\n') };
  const running = openRunning({ disk: bad, dataDir: node.dataDir, runDir: node.dir, release: '9.9.9' });
  running.booted(stored);
  running.picture();
  await until('its name', async () => (await saidIn(node)).release === '9.9.9');
  assert.is((await saidIn(node)).proof, undefined);
});

test('a release that was taken back is told to the hub once, with its reasons and last lines, and stands in the vitals', async ({
  node,
}) => {
  const updateRoot = join(node.dir, 'root');
  await mkdir(updateRoot);
  const state = async (value: object) => writeFile(join(updateRoot, 'state.json'), JSON.stringify(value));
  const run = await startScripted(node, testConfig());
  const time = { monoMs: 0, wallMs: null, clock: 'none', errorMs: 0 } as const;
  const world = {
    disk,
    dataDir: node.dataDir,
    runDir: node.dir,
    updateRoot,
    release: '1.0.0',
    append: run.spool.append,
    now: () => time,
  };
  assert.is(await openSoftware(world).look(), undefined, 'no state yet');
  await state({ v: 1, name: 'proving', release: '2.0.0' });
  assert.equal(await openSoftware({ ...world, release: '2.0.0' }).look(), { onTrial: true, back: null });
  const back = { release: '2.0.0', whys: ['a', 'b', 'c'], log: 'camera: no frame' };
  await state({ v: 1, name: 'steady', release: '1.0.0', previous: null, back });
  for (let start = 0; start < 2; start++) {
    const software = openSoftware(world);
    for (let look = 0; look < 2; look++)
      assert.equal(await software.look(), { onTrial: false, back: { release: '2.0.0', why: 'a · b · c' } });
  }
  assert.is((await openSoftware({ ...world, release: '2.0.0' }).look())?.onTrial, true, 'it is about to be stopped');
  await run.stop();
  const told = (await recordsOf(node)).filter(({ manifest }) => manifest.kind === 'fault');
  assert.equal(
    told.map(({ plain }) => JSON.parse(String(plain))),
    [{ code: 'update-returned', standing: false, text: '2.0.0: a · b · c\ncamera: no frame' }],
  );
});

test.run();
