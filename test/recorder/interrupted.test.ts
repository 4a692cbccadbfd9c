// A start mends what an earlier one left open, while the uplink delivers what lies there.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folders } from '../../agent/outbox.ts';
import { mendInterrupted } from '../../agent/recorder/interrupted.ts';
import { openPinned } from '../../agent/recorder/pinned.ts';
import { openSpool } from '../../agent/spool.ts';
import type { Disk } from '../../hal/ports.ts';
import { openSimDisk, type SimDisk } from '../../hal/sim-disk/sim-disk.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';

const test = suite<{ node: TestNode }>('interrupted');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const time = { monoMs: 1000, wallMs: null, clock: 'none', errorMs: 0 } as const;
const at = folders('/data');
const event = { id: 'e1', trigger: 'motion', level: 'event' } as const;
const rules = { preRollMs: 5000, postRollMs: 5000, clipMsMax: 60_000 };

/** An event with its end, of a start that was cut off before its clip. */
async function cutOff(node: TestNode): Promise<SimDisk> {
  const sim = openSimDisk();
  const spool = await openSpool(sim, '/data', '/identity', node.maker);
  await spool.append({ kind: 'boot', class: 1, time });
  for (const phase of ['new', 'end'] as const)
    await spool.append({ kind: 'event', class: 1, time, event: { ...event, phase } });
  return sim;
}

/** What waits, as far as the uplink has come. */
async function deliver(sim: SimDisk, isWanted: (name: string) => boolean = () => true): Promise<void> {
  for (const name of (await sim.list(at.waiting(1))).filter(isWanted))
    await sim.rename(join(at.waiting(1), name), join(at.delivered, name));
}

async function mended(node: TestNode, sim: SimDisk, disk: Disk): Promise<number> {
  const spool = await openSpool(sim, '/data', '/identity', node.maker);
  const pinned = openPinned(sim, '/data');
  await mendInterrupted(disk, '/data', spool, pinned, rules, () => time);
  return [...(await sim.list(at.waiting(1))), ...(await sim.list(at.delivered))].filter((name) =>
    name.includes('-event-'),
  ).length;
}

for (const when of ['before', 'after'] as const)
  test(`an event that has its end is not ended again when that is delivered just ${when} it is listed`, async ({
    node,
  }) => {
    const sim = await cutOff(node);
    const end = (await sim.list(at.waiting(1))).at(-1);
    await deliver(sim, (name) => name !== end);
    const busy: Disk = {
      ...sim,
      list: async (path) => {
        if (path !== at.waiting(1)) return await sim.list(path);
        if (when === 'before') await deliver(sim);
        const names = await sim.list(path);
        if (when === 'after') await deliver(sim);
        return names;
      },
    };
    assert.is(await mended(node, sim, busy), 2);
  });

test('a card that fails the read of the newest record once does not part the chain', async ({ node }) => {
  const sim = await cutOff(node);
  const newest = join(at.waiting(1), (await sim.list(at.waiting(1))).at(-1) ?? '');
  const left = { failures: 1 };
  const weak: Disk = {
    ...sim,
    read: async (path) => {
      if (path === newest && left.failures-- > 0) throw Object.assign(new Error('EIO: read'), { code: 'EIO' });
      return await sim.read(path);
    },
  };
  const spool = await openSpool(weak, '/data', '/identity', node.maker);
  const stored = await spool.append({ kind: 'boot', class: 1, time });
  assert.is(stored.ok && stored.manifest.prev?.slice(0, 16), /-([0-9a-f]{16})\.rec$/.exec(newest)?.[1]);
});

test.run();
