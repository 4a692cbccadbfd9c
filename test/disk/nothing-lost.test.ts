// Node and hub on a simulated card, cut at every kind of call: after each cut everything acknowledged is there, nothing torn is to be seen,
// nothing stands still, no number comes twice. And each single flush and rename is needed for that.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Act } from '../../cli/bench/crash/acts.ts';
import { openFacts } from '../../cli/bench/crash/facts.ts';
import { judge, listMutants, sameAnyway } from '../../cli/bench/crash/mutants.ts';
import { openWorkshop } from '../../cli/bench/crash/node.ts';
import { runTrial } from '../../cli/bench/crash/trial.ts';
import { benchCrash, seedFrom } from '../../cli/bench/crash.ts';

const isLong = process.env.MATLANG_LONG !== undefined;
const seed = seedFrom();
process.stdout.write(`seed ${seed} (MATLANG_SEED)\n`);
const [workshop, factsOf] = [await openWorkshop(), openFacts()];

const level = fc.constantFrom('alarm' as const, 'event' as const);
const anyClass = fc.constantFrom(0 as const, 1, 2, 3, 4, 5);
const recordClass = fc.constantFrom(0 as const, 1, 2, 5);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('record'), class: recordClass, bytes: fc.nat(1500) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('event'), level }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('segment'),
      bytes: fc.integer({ min: 1, max: 3000 }),
      pin: fc.option(level, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'end' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('overtake'), class: recordClass }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('deliver'), class: anyClass, count: fc.integer({ min: 1, max: 4 }) }),
  },
  fc.constant({ do: 'drain' }),
  fc.record({ do: fc.constant('quarantine'), class: anyClass }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('makeRoom'), hard: fc.boolean() }) },
);
const lives = fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 4 });

test('whatever a node did when the power went, in whatever order: nothing is lost, torn, stuck or repeated', async () => {
  const tally = { crashes: 0, faults: 0 };
  const property = fc.asyncProperty(lives, fc.nat(), async (acts, trialSeed) => {
    const rules = { seed: trialSeed, lives: acts.length, cutsPerLife: 12, acts };
    const { findings, crashes, faults } = await runTrial(workshop, factsOf, rules);
    tally.crashes += crashes;
    tally.faults += faults;
    assert.equal(findings, []);
  });
  await fc.assert(property, { seed, numRuns: isLong ? 2000 : 40 });
  process.stdout.write(`${tally.crashes} power cuts, ${tally.faults} failed calls\n`);
  assert.ok(tally.crashes > 500, `${tally.crashes}`);
  assert.ok(tally.faults > 10, `${tally.faults}`);
});

test('a card that lies about flushes loses, but never stops a node or lets a damaged record through', async () => {
  for (let trial = seed; trial < seed + (isLong ? 300 : 8); trial++) {
    const { findings, crashes } = await runTrial(workshop, factsOf, {
      seed: trial,
      lives: 4,
      cutsPerLife: 12,
      liar: true,
    });
    assert.equal(findings, [], `seed ${trial}`);
    assert.ok(crashes > 20);
  }
});

test('each flush and rename is needed: without it, or in the wrong order, something is found', async () => {
  const mutants = await listMutants(workshop, factsOf, 25);
  const alive: string[] = [];
  for (const mutant of mutants) {
    const { crashes, by } = await judge(workshop, factsOf, mutant, 30_000);
    const name = `${mutant.how} ${mutant.site}`;
    process.stdout.write(
      `${crashes === undefined ? 'ALIVE' : 'dead '} ${name}: ${by?.is ?? ''} after ${crashes ?? 'all'}\n`,
    );
    if (crashes === undefined) alive.push(name);
  }
  assert.equal(alive, []);
  assert.is(mutants.filter(({ how }) => how === 'skip').length, 34);
  // Those that need not be judged are still made somewhere.
  for (const { mutant } of sameAnyway)
    assert.ok(
      mutants.some(({ site }) => site === mutant.site),
      mutant.site,
    );
});

test('matlang bench crash counts what the trials find', async () => {
  const { figures } = await benchCrash(() => undefined, { crashes: 300, judged: 2 });
  assert.ok((figures.crashes ?? 0) >= 300);
  assert.equal([figures.lost, figures.torn, figures.stuck, figures.mutantsAlive], [0, 0, 0, 0]);
});

test.run();
