// The power goes on a real file system, on a card that may keep, drop or tear whatever was not flushed: the lab of `npm run lab:power`, a small share of it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skipWhen } from '../support/skip.ts';
import { makePowerNode } from './power-node.ts';
import { cutPower, type PowerFound, type PowerRules } from './power-trial.ts';

const test = suite('power');
const made = await makePowerNode((line) => process.stdout.write(`${line}\n`));
const withQemu = skipWhen(made.ok ? undefined : made.why)(test);
const seed = Number(process.env.MATLANG_SEED ?? 1);

/** On a busy machine fewer cuts are better than none. */
const msMax = 20_000;
/** Of so many acknowledged files a control loses some; a virtual machine that hardly gets a turn acknowledges fewer. */
const tellingMin = 6;
const loud = (text: string) => void process.stdout.write(`THIS MACHINE IS BUSY: ${text}\n`);
const cut = (cuts: number, more: number, rules: Pick<PowerRules, 'honesty' | 'flushes'>): Promise<PowerFound> => {
  if (!made.ok) throw new Error(made.why);
  return cutPower(made.node, { cuts, seed: seed * 1000 + more, msMax, ...rules });
};

withQemu(
  '24 power cuts (fewer where the machine is busy) on an honest card: all that was acknowledged is there, nothing torn is seen, each start finds its file system',
  async () => {
    const both = await Promise.all([1, 2].map((more) => cut(12, more, { honesty: 'honest', flushes: true })));
    for (const found of both) {
      assert.equal(
        [found.lost, found.torn, found.unusable, found.remade, found.chainGaps],
        [[], [], [], 0, 0],
        `seed ${seed}`,
      );
      assert.ok(found.cuts > 0);
    }
    const sum = (of: (found: PowerFound) => number) => both.reduce((total, found) => total + of(found), 0);
    if (sum(({ cuts }) => cuts) < 24) loud(`${sum(({ cuts }) => cuts)} of 24 power cuts in time`);
    if (sum((found) => found.acknowledged) < 24)
      loud(`${sum((found) => found.acknowledged)} files were there to be lost`);
    process.stdout.write(`footage lost: ${both.flatMap(({ footageLostMs }) => footageLostMs).join(' ')} ms\n`);
  },
);

withQemu(
  'the controls lose: a node that leaves its flushes out, and a card that lies about them; and there the node goes on all the same',
  async () => {
    const [careless, lied] = await Promise.all([
      cut(3, 3, { honesty: 'honest', flushes: false }),
      cut(3, 4, { honesty: 'lies', flushes: true }),
    ]);
    for (const [found, text] of [
      [careless, 'without flushes nothing was lost'],
      [lied, 'on a card that lies nothing was lost'],
    ] as const)
      if (found.acknowledged >= tellingMin) assert.ok(found.lost.length > 0, text);
      else loud(`a control had ${found.acknowledged} files to lose, and lost ${found.lost.length}: it tells nothing`);
    assert.equal(lied.unusable, []);
    assert.is(lied.remadeTold, lied.remade);
  },
);

test.run();
