// What the hub is told of the time line, and what the next start keeps of it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHead } from '../../agent/head.ts';
import { keepTime } from '../../agent/keep-time.ts';
import { watchTime } from '../../agent/recorder/time.ts';
import { openSpool } from '../../agent/spool.ts';
import { disk } from '../../hal/disk.ts';
import { makeTestNode } from '../support/node-identity.ts';
import { until } from '../support/until.ts';

const noon = Date.UTC(2026, 5, 1, 5);

test('a time that becomes known is an anchor record, a clock that jumps a fault, and the next start knows that it is later', async () => {
  const node = await makeTestNode();
  try {
    const spool = await openSpool(disk, node.dataDir, node.identityDir, node.maker);
    const board = { wallMs: 0, by: undefined as 'ntp' | undefined, monoMs: 0 };
    const clock = keepTime({ monoMs: () => board.monoMs, look: () => ({ ...board, errorMs: 500 }) }, 0);
    const now = () => ({ ...clock.now(), monoMs: board.monoMs });
    const kept: { kind: string; wallMs: number | null }[] = [];
    const append: typeof spool.append = async (draft) => {
      kept.push({ kind: draft.kind, wallMs: draft.time.wallMs });
      return await spool.append(draft);
    };
    const faults: string[] = [];
    const troubles = {
      raise: (code: string) => void faults.push(code),
      over: (code: string) => void faults.push(`${code} over`),
    };
    assert.is(now().wallMs, null);
    const watch = watchTime(clock, { ...spool, append }, now, troubles);
    Object.assign(board, { wallMs: noon, by: 'ntp', monoMs: 1000 });
    assert.is(now().wallMs, noon);
    await until('the anchor', () => kept.length === 1);
    assert.equal(kept, [{ kind: 'anchor', wallMs: noon }]);
    // Beyond both errors, and yet nothing to call anybody for; the jump that follows is.
    Object.assign(board, { wallMs: noon + 500 + 1600, monoMs: 1500 });
    assert.is(now().wallMs, noon + 500);
    Object.assign(board, { wallMs: noon + 365 * 86_400_000, monoMs: 2000 });
    assert.is(now().wallMs, noon + 1000);
    Object.assign(board, { wallMs: noon + 2000, monoMs: 3000 });
    assert.is(now().wallMs, noon + 2000);
    await until('both faults', () => faults.length === 2);
    assert.equal(faults, ['clock-doubted', 'clock-doubted over']);
    watch.stop();
    const floor = async () => (await readHead(disk, node.identityDir))?.floorMs ?? 0;
    await until('the floor on the card', async () => (await floor()) >= noon);
    const head = await readHead(disk, node.identityDir);
    await openSpool(disk, node.dataDir, node.identityDir, node.maker);
    assert.is(await floor(), head?.floorMs);
  } finally {
    await node.remove();
  }
});

test.run();
