// Updates of a node on a simulated card that loses power at random durable steps, again while it recovers: is what runs always the old release or the new one, whole?
import { below, type Random, seeded } from '../../hal/sim-disk/random.ts';
import { seedFrom } from './crash.ts';
import type { BenchResult } from './figures.ts';
import type { Cut, CutMode } from './update/card.ts';
import { type Finding, live } from './update/life.ts';
import { type Kind, names, openWorkshop } from './update/node.ts';

export interface UpdateBenchOptions {
  readonly cuts?: number;
}

const cutsUsual = 1000;
/** A start after a cut has fewer steps than an update, and half of them are cut as well. */
const startsCutMax = 3;
const modes: readonly CutMode[] = ['before', 'torn', 'after'];
const toldEveryMs = 5000;

export async function benchUpdate(say: (line: string) => void, options: UpdateBenchOptions = {}): Promise<BenchResult> {
  const wanted = options.cuts ?? cutsUsual;
  const firstSeed = seedFrom();
  const workshop = await openWorkshop();
  try {
    const found = { bricked: 0, mixed: 0, spool: 0, ended: 0 } satisfies Record<Finding['is'], number>;
    const tally = { cuts: 0, updates: 0, faulty: 0, rolledBack: 0, givenUp: 0 };
    const places = new Map<string, number>();
    const details: Record<string, string | number>[] = [];
    const uncut = await live(workshop, 'faulty', [], seeded(firstSeed));
    const steps = { update: uncut.passes[0]?.length ?? 0, start: 0 };
    let toldMs = performance.now();
    for (let seed = firstSeed; tally.cuts < wanted; seed++) {
      const random = seeded(seed);
      const kind: Kind = random() < 0.5 ? 'good' : 'faulty';
      const life = await live(workshop, kind, chooseCuts(steps.update, random), random);
      tally.updates += 1;
      tally.cuts += life.cuts;
      if (kind === 'faulty') tally.faulty += 1;
      if (kind === 'faulty' && life.release === names.old) tally.rolledBack += 1;
      if (kind === 'good' && life.release === names.old) tally.givenUp += 1;
      for (const pass of life.passes.slice(0, life.cuts)) {
        const place =
          pass
            .at(-1)
            ?.replace(/\d+\.\d+\.\d+/, 'RELEASE')
            .replace(/[0-9a-f]{64}/, 'HASH')
            .replace(/trust\/\d+/, 'trust/N') ?? '';
        places.set(place, (places.get(place) ?? 0) + 1);
      }
      for (const { is } of life.findings) found[is] += 1;
      const [first] = life.findings;
      if (first !== undefined && details.length < 10) details.push({ seed, finding: first.is, text: first.text });
      if (performance.now() - toldMs < toldEveryMs) continue;
      toldMs = performance.now();
      say(`${tally.cuts} of ${wanted} cuts`);
    }
    const cutAt = [...places].sort(([, one], [, other]) => other - one);
    for (const [step, cuts] of cutAt) details.push({ step, cuts });
    return {
      figures: {
        cuts: tally.cuts,
        bricked: found.bricked,
        mixed: found.mixed,
        spoolTouched: found.spool,
        wrongEnds: found.ended,
        updates: tally.updates,
        faulty: tally.faulty,
        rolledBack: tally.rolledBack,
        cutShortThrice: tally.givenUp,
        stepsOfAnUpdate: steps.update,
        placesCut: places.size,
        firstSeed,
      },
      targets: {
        cuts: { min: wanted },
        bricked: { max: 0 },
        mixed: { max: 0 },
        spoolTouched: { max: 0 },
        wrongEnds: { max: 0 },
        rolledBack: { min: tally.faulty },
      },
      peers: {},
      details,
    };
  } finally {
    workshop.remove();
  }
}

function chooseCuts(stepsOfAnUpdate: number, random: Random): Cut[] {
  const mode = (): CutMode => modes[below(modes.length, random)] ?? 'before';
  const cuts: Cut[] = [{ step: 1 + below(stepsOfAnUpdate, random), mode: mode() }];
  while (cuts.length <= startsCutMax && random() < 0.6) cuts.push({ step: 1 + below(20, random), mode: mode() });
  return cuts;
}
