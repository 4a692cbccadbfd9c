// Twenty releases that are wrong, each in its own way, on a node that records all the while: each is refused or taken back, and no event is lost. Usually some of them;
// all with MATLANG_LONG. And five that are right, on a link that is down for a fortnight: each is kept.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReleaseList } from '../../ota/release-list.ts';
import { allArrived, openSmallNode, type SmallNode, soundPrograms } from './small-node.ts';
import { smallRelease } from './small-release.ts';

const test = suite('ota/faulty');
const base = mkdtempSync(join(tmpdir(), 'matlang-faulty-'));
test.after(() => rmSync(base, { recursive: true, force: true }));
const isLong = process.env.MATLANG_LONG !== undefined;
let count = 0;

interface Fault {
  readonly what: string;
  /** Tried in the usual suite too. */
  readonly usual?: true;
  readonly selfTest?: string;
  /** In place of the sound ones. */
  readonly programs?: Readonly<Record<string, string>>;
  /** After it was made. */
  readonly spoil?: (folder: string, list: ReleaseList) => void;
  /** What the reason says, or why it was refused. */
  readonly why: RegExp;
  readonly refused?: true;
}

const recorder = (text: string) => ({ 'bin/matlang-recorder': `#!/bin/sh\n${text}\n` });
const relist = (folder: string, list: object) => writeFileSync(join(folder, 'release.json'), JSON.stringify(list));
const flip = (folder: string, path: string) => {
  const bytes = readFileSync(join(folder, path));
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  writeFileSync(join(folder, path), bytes);
};

const faults: readonly Fault[] = [
  { what: 'the self-test fails at once', selfTest: 'exit 1', why: /self-test ended with 1/ },
  {
    what: 'the recorder crashes at its start',
    usual: true,
    programs: recorder('echo "no such module" >&2; exit 1'),
    why: /recorder ended: 1/,
  },
  {
    what: 'the recorder ends at once, and says that all is well',
    programs: recorder('exit 0'),
    why: /recorder ended: 0/,
  },
  { what: 'the self-test hangs', selfTest: 'sleep 1000', why: /no answer in/ },
  {
    what: 'the self-test leaves a process behind and fails',
    selfTest: 'sleep 1000 & exit 3',
    why: /self-test ended with 3|no answer in/,
  },
  { what: 'the self-test dies of a signal', selfTest: 'kill -SEGV $$', why: /SIGSEGV/ },
  {
    what: 'the recorder hangs before its first picture',
    programs: recorder('sleep 1000'),
    why: /no picture and no record/,
  },
  {
    what: 'the recorder eats memory until it is ended',
    programs: recorder('x=aaaaaaaa; while :; do x=$x$x; done'),
    why: /recorder ended|no picture and no record/,
  },
  {
    what: 'no camera: it runs, and never has a picture',
    usual: true,
    programs: recorder(
      `echo '{"release":"2.0.0"}' > "$MATLANG_RUN/running.json"; echo "camera: no frame" >&2; sleep 1000`,
    ),
    why: /no picture and no record/,
  },
  {
    what: 'no spool: what is written does not read back',
    selfTest: 'echo "spool does not read back as written" >&2; exit 1',
    why: /does not read back/,
  },
  {
    what: 'the configuration is not understood any more',
    selfTest: 'echo "node.yaml:3:1 camera: unknown" >&2; exit 1',
    why: /node\.yaml:3:1/,
  },
  {
    what: 'it cannot reach the hub',
    usual: true,
    programs: { 'bin/matlang-uplink': '#!/bin/sh\nsleep 1000\n' },
    why: /never had its boot record/,
  },
  {
    what: 'its uplink crashes again and again',
    programs: { 'bin/matlang-uplink': '#!/bin/sh\nexit 9\n' },
    why: /never had its boot record/,
  },
  {
    what: 'it cannot reach the hub, and its own messenger says that it can',
    programs: { 'bin/matlang-uplink': '#!/bin/sh\nsleep 1000\n', 'bin/matlang-here': '#!/bin/sh\n# LIES\n' },
    why: /never had its boot record/,
  },
  {
    what: 'the recorder claims a proof that is none',
    programs: recorder(
      `echo '{"release":"2.0.0","proof":{"boot":"x","seq":-1}}' > "$MATLANG_RUN/running.json"; sleep 1000`,
    ),
    why: /no picture and no record/,
  },
  {
    what: 'its programs need an interpreter that is not there',
    programs: { 'bin/matlang-recorder': '#!/nowhere/node\n' },
    why: /recorder ended/,
  },
  {
    what: 'another architecture',
    spoil: (folder, list) => relist(folder, { ...list, arch: 'riscv64' }),
    why: /riscv64/,
    refused: true,
  },
  {
    what: 'a missing file',
    spoil: (folder) => rmSync(join(folder, 'bin/matlang-uplink')),
    why: /matlang-uplink/,
    refused: true,
  },
  {
    what: 'one flipped bit',
    usual: true,
    spoil: (folder) => flip(folder, 'bin/matlang-recorder'),
    why: /matlang-recorder/,
    refused: true,
  },
  {
    what: 'a self-test that nobody may run',
    spoil: (folder, list) =>
      relist(folder, { ...list, files: list.files.map((file) => ({ ...file, executable: false })) }),
    why: /selfTest must begin/,
    refused: true,
  },
];

async function nodeWith(name: string): Promise<{ node: SmallNode; dir: string }> {
  const dir = join(base, `${count++}`);
  const node = await openSmallNode(dir);
  const first = join(dir, 'made-1.0.0');
  await smallRelease(first, '1.0.0', 'exit 0', soundPrograms('1.0.0'));
  const { applied } = await node.update(first);
  assert.ok(applied.ok, name);
  return { node, dir };
}

test('there are twenty faults', () => assert.is(faults.length, 20));

for (const { what, usual, selfTest, programs, spoil, why, refused } of faults.filter(
  (fault) => isLong || fault.usual,
)) {
  test(`${what}: ${refused ? 'refused' : 'taken back'}, and no event is lost`, async () => {
    assert.ok(isLong || usual);
    const { node, dir } = await nodeWith(what);
    try {
      const folder = join(dir, 'made-2.0.0');
      const list = await smallRelease(folder, '2.0.0', selfTest, { ...soundPrograms('2.0.0'), ...programs });
      spoil?.(folder, list);
      const { applied, state } = await node.update(folder);
      assert.is(applied.ok, false);
      assert.is(!applied.ok && applied.why === 'rolled-back', !refused, JSON.stringify(applied));
      assert.is(node.running(), '1.0.0');
      const reasons = state.name === 'steady' ? state.back?.whys.join(' · ') : undefined;
      assert.match(refused ? (applied.ok ? '' : applied.text) : (reasons ?? ''), why);
      assert.ok(node.linkMs() <= 600_000, `${node.linkMs()} ms of link`);
      assert.equal(node.lost(false), []);
      await allArrived(node);
    } finally {
      await node.remove();
    }
  });
}

const dayMs = 86_400_000;
const goods: readonly {
  readonly what: string;
  readonly usual?: true;
  readonly selfTest?: string;
  readonly programs?: Readonly<Record<string, string>>;
  readonly days: (node: SmallNode) => void;
}[] = [
  { what: 'the link is down for a fortnight', usual: true, days: (node) => node.away('down', 14 * dayMs) },
  {
    what: 'the link is down for a fortnight, and the power fails on four days of it',
    days: (node) => {
      node.away('down', 14 * dayMs);
      for (const day of [1, 3, 3.5, 12]) node.powerCutIn(day * dayMs);
    },
  },
  {
    what: 'the link is down for a fortnight at a junction where nothing happens',
    programs: {
      'bin/matlang-recorder':
        soundPrograms('2.0.0')['bin/matlang-recorder']?.split('while :')[0]?.concat('sleep 1000\n') ?? '',
    },
    days: (node) => node.away('down', 14 * dayMs),
  },
  {
    what: 'the link is down for a fortnight, and then the hub is full for a day',
    days: (node) => {
      node.away('down', 14 * dayMs);
      node.away('full', 15 * dayMs);
    },
  },
  {
    what: 'its first start fails, and the link is down for a fortnight',
    selfTest: '[ -e "$HOME/../tried" ] || { touch "$HOME/../tried"; exit 1; }',
    days: (node) => node.away('down', 14 * dayMs),
  },
];

for (const { what, usual, selfTest, programs, days } of goods.filter((good) => isLong || good.usual)) {
  test(`a good release is kept though ${what}`, async () => {
    assert.ok(isLong || usual);
    const { node, dir } = await nodeWith(what);
    try {
      const folder = join(dir, 'made-2.0.0');
      const tried = selfTest?.replaceAll('$HOME/../tried', join(dir, 'tried'));
      await smallRelease(folder, '2.0.0', tried, { ...soundPrograms('2.0.0'), ...programs });
      days(node);
      const { applied } = await node.update(folder);
      assert.ok(applied.ok, JSON.stringify(applied));
      assert.is(node.running(), '2.0.0');
      assert.equal(node.lost(false), []);
      await allArrived(node);
    } finally {
      await node.remove();
    }
  });
}

test.run();
