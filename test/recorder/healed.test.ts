// What was done to the card before the start reaches the hub, once it is safe in the spool and not before.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leaveNote, readNote } from '../../agent/heal.ts';
import { tellHealed } from '../../agent/recorder/healed.ts';
import { disk } from '../../hal/disk.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { recordsOf } from './records.ts';
import { startScripted, testConfig } from './scripted-camera.ts';

const test = suite<{ node: TestNode }>('healed');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const told = async (node: TestNode) =>
  (await recordsOf(node))
    .filter(({ manifest }) => manifest.kind === 'fault' || manifest.kind === 'tombstone')
    .map(({ plain }) => JSON.parse(String(plain)));

test('a data partition made anew is told by a fault and by a tombstone that stands for all that was on it', async ({
  node,
}) => {
  await leaveNote(disk, node.identityDir, { outcome: 'remade', why: 'e2fsck: 8' });
  for (let start = 0; start < 2; start++) await (await startScripted(node, testConfig())).stop();
  assert.equal(await told(node), [
    { code: 'card-remade', standing: false, text: 'e2fsck: 8' },
    { why: 'card-lost', gone: [] },
  ]);
});

test('one that was mended is told by a fault alone', async ({ node }) => {
  await leaveNote(disk, node.identityDir, { outcome: 'mended', why: 'inode 12' });
  await (await startScripted(node, testConfig())).stop();
  assert.equal(await told(node), [{ code: 'card-mended', standing: false, text: 'inode 12' }]);
});

test('the note stays until the spool has taken what it says', async ({ node }) => {
  await leaveNote(disk, node.identityDir, { outcome: 'remade', why: 'e2fsck: 8' });
  const time = { monoMs: 0, wallMs: null, clock: 'none', errorMs: 0 } as const;
  const full = { ok: false, why: 'card-full', cause: new Error('full') } as const;
  await tellHealed(
    disk,
    node.identityDir,
    () => Promise.resolve(full),
    () => time,
  );
  assert.is((await readNote(disk, node.identityDir))?.outcome, 'remade');
});

test.run();
