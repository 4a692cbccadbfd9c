// Every durable step of an update × cut before it, in the midst of it, after it × in the first pass and while it recovers. What lies on the card afterwards is what a
// power cut may leave of what was not flushed (hal/sim-disk/image.ts). Usually each step is cut in one of the three ways, and some recoveries are cut at each step; with MATLANG_LONG
// each step in all three, three times, and every recovery.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Cut, CutMode } from '../../cli/bench/update/card.ts';
import { live } from '../../cli/bench/update/life.ts';
import { type Kind, names, openWorkshop } from '../../cli/bench/update/node.ts';
import { seeded } from '../../hal/sim-disk/random.ts';

const test = suite('ota/cut-table');
const workshop = await openWorkshop();
test.after(() => workshop.remove());
const isLong = process.env.MATLANG_LONG !== undefined;
const modes: readonly CutMode[] = ['before', 'torn', 'after'];
const modesAt = (step: number): readonly CutMode[] => (isLong ? modes : [modes[step % 3] ?? 'before']);
/** Each is drawn so often, since what is left is a matter of chance. */
const draws = isLong ? 3 : 1;
const ends = { good: names.good, faulty: names.old } as const;

async function lived(kind: Kind, cuts: readonly Cut[], seed: number) {
  const life = await live(workshop, kind, cuts, seeded(seed));
  const when = cuts.map(({ step, mode }) => `${mode} ${step}`).join(', ');
  assert.equal(life.findings, [], `${kind}, cut ${when}, seed ${seed}`);
  return life;
}

for (const kind of ['good', 'faulty'] as const) {
  test(`an update to a ${kind} release, cut at every step: the old release or the new one, whole, and no hand is needed`, async () => {
    const uncut = await lived(kind, [], 1);
    assert.is(uncut.release, ends[kind]);
    const steps = uncut.passes[0]?.length ?? 0;
    assert.ok(steps > 50, `only ${steps} steps`);
    let cuts = 0;
    for (let step = 1; step <= steps; step++)
      for (const mode of modesAt(step))
        for (let draw = 0; draw < draws; draw++) {
          const life = await lived(kind, [{ step, mode }], step * 10 + draw);
          assert.is(life.cuts, 1, `step ${step} was not reached`);
          assert.is(life.release, ends[kind], `${mode} ${step}`);
          cuts += 1;
        }
    console.log(`\n${kind}: ${steps} steps, ${cuts} cuts, 0 bricked, 0 mixed`);
  });

  test(`an update to a ${kind} release, cut, and cut again at every step of its recovery`, async () => {
    const steps = (await lived(kind, [], 1)).passes[0]?.length ?? 0;
    let cuts = 0;
    for (let first = isLong ? 1 : 4; first <= steps; first += isLong ? 1 : 29)
      for (const mode of modesAt(first))
        for (let again = 1; ; again++) {
          const other = modes[(first + again) % 3] ?? 'before';
          const life = await lived(
            kind,
            [
              { step: first, mode },
              { step: again, mode: other },
            ],
            first * 100 + again,
          );
          // The recovery is over before it came to this step.
          if (life.cuts < 2) break;
          cuts += 1;
          assert.ok(again < 100, 'the recovery must come to an end');
        }
    console.log(`\n${kind}: ${cuts} recoveries cut, 0 bricked, 0 mixed`);
  });
}

/** Flushes without which an update is not what it says; those of metadata and state.json are not among them: torn ones are found, and fetched anew or read off the links. */
for (const [what, forgets] of [
  ['the bytes of a release', /^(?:copy|flush) .*\/app\/recorder\.js$/],
  ['the folder of a release', /^sync opt\/releases\/\.incoming-[^/]*\/app$/],
  ['the list of a release', /^write .*\/release\.json$/],
  ['the name of a release', /^sync opt\/releases$/],
  ['the switch', /^sync opt$/],
] as const)
  test(`a program that left out the flush of ${what} would be noticed`, async () => {
    const steps = (await lived('good', [], 1)).passes[0] ?? [];
    assert.ok(
      steps.some((step) => forgets.test(step)),
      steps.join(', '),
    );
    let findings = 0;
    for (let seed = 1; findings === 0 && seed <= 150; seed++) {
      const cut: Cut = { step: steps.length - (seed % 25), mode: 'after' };
      const life = await live(workshop, 'good', [cut], seeded(seed), (step) => forgets.test(step));
      findings += life.findings.length;
    }
    assert.ok(findings > 0, 'nothing was noticed in 150 cuts');
  });

test.run();
