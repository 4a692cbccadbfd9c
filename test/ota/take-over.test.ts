// From the makers' stick into the hub's repository: what enough of them signed, whole, or nothing.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lookInto } from '../../cli/hub/releases-look.ts';
import { isDue, publish, signStaged, stageRelease, writeRoot } from '../../ota/trust/repository.ts';
import { folderSource } from '../../ota/trust/source.ts';
import { takeOver } from '../../ota/trust/take-over.ts';
import { allOffers } from '../../ota/trust/targets.ts';
import { dayMs, found, hand, hands, holders, note, nowMs, online } from './makers.ts';
import { smallRelease } from './small-release.ts';

const test = suite('ota/take-over');
const base = mkdtempSync(join(tmpdir(), 'matlang-take-over-'));
test.after(() => rmSync(base, { recursive: true }));
let count = 0;

/** The makers' folder with one release staged and signed by so many, and a hub's folder. */
async function delivery(signatures = 2) {
  const dir = join(base, `${count++}`);
  const [makers, hub] = [join(dir, 'makers'), join(dir, 'hub')];
  found(makers);
  const stage = async (name: string) => {
    const folder = join(dir, `made-${name}`);
    await smallRelease(folder, name, 'exit 0', { 'app/recorder.js': `// ${name}`, 'app/big.js': 'x'.repeat(100_000) });
    assert.ok(stageRelease(makers, folder, note, nowMs).ok);
    for (const one of hands.targets.slice(0, signatures)) assert.ok(signStaged(makers, one).ok);
  };
  await stage('1.0.0');
  const take = () => takeOver(hub, folderSource(makers), () => undefined);
  const known = async (atMs = nowMs) => {
    const looked = await lookInto(hub, atMs);
    return looked.ok ? allOffers(looked.trusted).map(({ release }) => release) : looked.text;
  };
  return { makers, hub, stage, take, known };
}
const nothingNew = { ok: true, made: [] };

test('what both makers signed is taken whole, and nodes see it once the hub has published; taken again it is nothing new', async () => {
  const { hub, take, known } = await delivery();
  const taken = await take();
  assert.ok(taken.ok, taken.ok ? '' : taken.text);
  assert.equal(taken.ok && taken.made.map(({ release }) => release), ['1.0.0']);
  assert.not.ok(existsSync(join(hub, 'metadata/timestamp.json')), 'not yet published');
  assert.ok(publish(hub, online, nowMs).ok);
  assert.equal(await known(), ['1.0.0']);
  assert.equal(await take(), nothingNew);
});

for (const [what, published] of [
  ['what the makers signed, who publish nothing', false],
  ['what the makers published themselves', true],
] as const)
  test(`a second delivery, with roots that follow one another, is taken from ${what}`, async () => {
    const { makers, hub, take, known, stage } = await delivery();
    assert.ok((await take()).ok && publish(hub, online, nowMs).ok);
    if (published) assert.ok(publish(makers, online, nowMs).ok);
    await stage('1.1.0');
    if (published) assert.ok(publish(makers, online, nowMs).ok);
    const fresh = hand();
    const next = { ...holders, timestamp: { keys: [fresh.key], threshold: 1 } };
    assert.ok(writeRoot(makers, next, hands.roots.slice(0, 2), nowMs).ok);
    const taken = await take();
    assert.equal(taken.ok && taken.made.map(({ release }) => release), ['1.1.0', '1.0.0']);
    assert.not.ok(publish(hub, online, nowMs).ok, 'the old timestamp key counts no more');
    assert.ok(publish(hub, [hands.snapshot, fresh], nowMs).ok);
    assert.equal(await known(), ['1.1.0', '1.0.0']);
  });

test('one signature of two, a changed file, a changed list, a missing file, a foreign root: nothing is staged', async () => {
  const lacking = await delivery(1);
  const once = await lacking.take();
  assert.match(once.ok ? '' : once.text, '1/2');
  const files = (makers: string) =>
    readdirSync(join(makers, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
  const spoilt = async (spoil: (makers: string) => void) => {
    const { makers, hub, take } = await delivery();
    spoil(makers);
    const taken = await take();
    assert.not.ok(taken.ok);
    assert.not.ok(existsSync(join(hub, 'staged/targets.json')));
    return taken.ok ? '' : taken.text;
  };
  const one = (makers: string) => join(makers, 'files', files(makers)[0] ?? '');
  assert.match(await spoilt((makers) => writeFileSync(one(makers), 'rubbish')), 'not what was signed');
  assert.match(await spoilt((makers) => writeFileSync(one(makers), Buffer.alloc(9_000_000))), /more than/);
  assert.ok(await spoilt((makers) => rmSync(one(makers))));
  assert.match(
    await spoilt((makers) =>
      writeFileSync(
        join(makers, 'staged/targets.json'),
        readFileSync(join(makers, 'staged/targets.json'), 'utf8').replace('1.0.0', '9.0.0'),
      ),
    ),
    /signed by 0/,
  );
  const { makers, hub, take } = await delivery();
  found(hub);
  const strangers = [hand(), hand()];
  const root = { keys: strangers.map(({ key }) => key), threshold: 2 };
  const other = join(base, 'strangers');
  assert.ok(writeRoot(other, { ...holders, root }, strangers, nowMs).ok);
  cpSync(join(other, 'metadata/1.root.json'), join(makers, 'metadata/2.root.json'));
  assert.not.ok((await take()).ok);
});

test('the hub renews what it publishes when a third of the time is left', async () => {
  const { hub, take, known } = await delivery();
  assert.not.ok(isDue(hub, nowMs), 'nothing is published yet');
  assert.ok((await take()).ok && publish(hub, online, nowMs).ok);
  assert.not.ok(isDue(hub, nowMs + 59 * dayMs));
  assert.ok(isDue(hub, nowMs + 61 * dayMs));
  assert.ok(publish(hub, online, nowMs + 61 * dayMs).ok);
  assert.not.ok(isDue(hub, nowMs + 61 * dayMs));
  assert.equal(await known(nowMs + 140 * dayMs), ['1.0.0']);
});

test.run();
