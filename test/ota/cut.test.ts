// kill -9 between two durable steps of an update, for real, and again during the recovery from it. Usually at some of the steps: test/ota/cut-table.test.ts has them all,
// on a card that also loses what was not flushed. MATLANG_LONG: at each.
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../ota/apply.ts';
import { holds, readListIn } from '../../ota/install.ts';
import { boot } from '../../ota/launcher.ts';
import { shelf } from '../../ota/shelf.ts';
import { receipted, smallRelease } from './small-release.ts';

const test = suite('ota/cut');
const base = await mkdtemp(join(tmpdir(), 'matlang-cut-'));
test.after(() => rm(base, { recursive: true }));
const from = (name: string) => join(base, 'stick', name);
await smallRelease(from('0.9.0'), '0.9.0');
await smallRelease(from('1.0.0'), '1.0.0');
await smallRelease(from('2.0.0'), '2.0.0');
await smallRelease(from('3.0.0'), '3.0.0', 'echo "no camera" >&2; exit 1');

const rules = (root: string) => ({ root, selfTestArgs: [], selfTestMsMax: 5000 });
/** A node that runs 1.0.0 and came from 0.9.0. */
const before = join(base, 'before');
for (const name of ['0.9.0', '1.0.0']) {
  await apply(shelf, rules(before), from(name));
  await receipted(rules(before));
}

const program = fileURLToPath(new URL('./cut-child.ts', import.meta.url));
function cutRun(cutAt: number, ...args: string[]): { killed: boolean; steps: number } {
  const run = spawnSync(process.execPath, [program, String(cutAt), ...args], { encoding: 'utf8' });
  if (run.signal === 'SIGKILL') return { killed: true, steps: cutAt };
  assert.is(run.status, 0, run.stderr);
  return { killed: false, steps: JSON.parse(run.stdout).steps };
}

/** What `current` names, which must lie there whole. */
async function running(root: string, when: string): Promise<string> {
  const link = await readlink(join(root, 'current'));
  const list = readListIn(join(root, link));
  assert.ok(list.ok && holds(join(root, link), list.list), `${when}: ${link} is not whole`);
  return basename(link);
}

async function fresh(name: string): Promise<string> {
  const root = join(base, name);
  await cp(before, root, { recursive: true, verbatimSymlinks: true });
  return root;
}

const isLong = process.env.MATLANG_LONG !== undefined;
const strideOf = (usual: number): number => (isLong ? 1 : usual);

/** Up to the switch a good and a bad release take the same steps, so the bad one is cut from there on. */
for (const [release, ends, firstCut] of [
  ['2.0.0', ['2.0.0', '1.0.0'], 1],
  ['3.0.0', ['1.0.0', '0.9.0'], 15],
] as const) {
  test(`an update to ${release} killed between its steps from ${firstCut} on leaves old or new, whole, and the launcher brings it to rest`, async () => {
    const { steps } = cutRun(0, await fresh('uncut'), from(release));
    await rm(join(base, 'uncut'), { recursive: true });
    assert.ok(steps > 20, `only ${steps} steps`);
    let cuts = 0;
    for (let cutAt = firstCut; cutAt <= steps; cutAt += strideOf(5)) {
      cuts += 1;
      const root = await fresh(`cut-${cutAt}`);
      assert.ok(cutRun(cutAt, root, from(release)).killed, `step ${cutAt} was not reached`);
      const when = `${release} cut before step ${cutAt} of ${steps}`;
      assert.ok(['1.0.0', release].includes(await running(root, when)), when);

      const booted = await boot(shelf, rules(root));
      assert.ok(booted.ok && (booted.state.name === 'steady' || booted.state.name === 'proving'), when);
      assert.ok(['1.0.0', ends[0]].includes(await running(root, when)), when);

      // Whatever was left, the same update can be made again and ends as if never cut.
      await apply(shelf, rules(root), from(release));
      await receipted(rules(root));
      assert.is(await running(root, when), ends[0], when);
      assert.equal((await readdir(join(root, 'releases'))).sort(), [...ends].sort(), when);
      assert.is(basename(await readlink(join(root, 'previous'))), ends[1], when);
      await rm(root, { recursive: true });
    }
    console.log(`\n${release}: ${cuts} kills, 0 bricked, 0 mixed`);
  });
}

test('a roll-back cut again and again during its recovery still comes to the old release', async () => {
  const uncut = await fresh('uncut-again');
  const { steps } = cutRun(0, uncut, from('3.0.0'));
  let cuts = 0;
  // From some places of the first cut every step of the recovery is cut in turn.
  for (let cutAt = isLong ? 4 : 28; cutAt <= steps; cutAt += strideOf(40)) {
    const root = await fresh(`again-${cutAt}`);
    cutRun(cutAt, root, from('3.0.0'));
    for (let recoveryCut = 1; cutRun(recoveryCut, root).killed; recoveryCut += strideOf(2)) {
      cuts += 1;
      assert.ok(recoveryCut < 60, 'the recovery must come to an end');
      await running(root, `first cut ${cutAt}, recovery cut ${recoveryCut}`);
    }
    assert.is(await running(root, `after cut ${cutAt}`), '1.0.0');
    await rm(root, { recursive: true });
  }
  assert.ok(cuts >= 8, `only ${cuts} cuts`);
});

test.run();
