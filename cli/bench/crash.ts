// The spool, the ring, the chain, the identity, the configuration and the hub's archive on a simulated card that loses power at any call:
// is everything that was acknowledged there, and does it take every single flush and rename? docs/design/durability.md explains the model.
import type { Finding } from './crash/check.ts';
import { openFacts } from './crash/facts.ts';
import { judge, listMutants, sameAnyway } from './crash/mutants.ts';
import { openWorkshop } from './crash/node.ts';
import { runTrial } from './crash/trial.ts';
import type { BenchResult } from './figures.ts';

export interface CrashBenchOptions {
  readonly crashes?: number;
  /** Only the first so many mutants. */
  readonly judged?: number;
}

const crashesUsual = 100_000;
/** A mutant that lives so long is alive. Most die within 50; it takes a rare order of things for the last few, some 10,000. */
const mutantCrashesMax = 30_000;
const livesPerTrial = 6;
const cutsPerLife = 64;
/** Each so manieth trial is made on a card that lies about flushes. */
const liarEvery = 5;
const sitesFromSeeds = 40;

const zero = { max: 0 };
const targets = { lost: zero, torn: zero, stuck: zero, chainFaults: zero, repeated: zero, mutantsAlive: zero } as const;

/** `MATLANG_SEED`: where the seeds begin; each trial's seed is one more than the one before. */
export function seedFrom(env: NodeJS.ProcessEnv = process.env): number {
  const given = Number(env.MATLANG_SEED);
  return Number.isInteger(given) && given > 0 ? given : 1;
}

export async function benchCrash(say: (line: string) => void, options: CrashBenchOptions = {}): Promise<BenchResult> {
  const wanted = options.crashes ?? crashesUsual;
  const [workshop, factsOf, firstSeed] = [await openWorkshop(), openFacts(), seedFrom()];
  const tally = { crashes: 0, onLiars: 0, faults: 0, rotten: 0, parted: 0, trials: 0 };
  const found = { lost: 0, torn: 0, stuck: 0, chain: 0, repeated: 0 } satisfies Record<Finding['is'], number>;
  const details: Record<string, string | number>[] = [];

  let toldAt = performance.now();
  for (let seed = firstSeed; tally.crashes < wanted; seed++) {
    const liar = seed % liarEvery === 0;
    const result = await runTrial(workshop, factsOf, { seed, lives: livesPerTrial, cutsPerLife, liar });
    tally.trials += 1;
    tally.crashes += result.crashes;
    tally.onLiars += liar ? result.crashes : 0;
    tally.faults += result.faults;
    tally.rotten += result.rotten;
    tally.parted += result.parted;
    for (const { is } of result.findings) found[is] += 1;
    const [first] = result.findings;
    if (first !== undefined && details.length < 10) details.push({ seed, finding: first.is, text: first.text });
    if (performance.now() - toldAt < 5000) continue;
    toldAt = performance.now();
    say(`${tally.crashes} of ${wanted} crashes`);
  }

  const mutants = (await listMutants(workshop, factsOf, sitesFromSeeds)).slice(0, options.judged);
  say(`${mutants.length} mutants …`);
  let alive = 0;
  for (const mutant of mutants) {
    const { crashes, by } = await judge(workshop, factsOf, mutant, mutantCrashesMax);
    if (crashes === undefined) alive += 1;
    details.push({ mutant: `${mutant.how} ${mutant.site}`, diedAfter: crashes ?? 'ALIVE', by: by?.is ?? '' });
  }
  for (const { mutant, why } of sameAnyway) details.push({ notJudged: `${mutant.how} ${mutant.site}`, why });
  return {
    figures: {
      crashes: tally.crashes,
      lost: found.lost,
      torn: found.torn,
      stuck: found.stuck,
      chainFaults: found.chain,
      repeated: found.repeated,
      mutants: mutants.length,
      mutantsAlive: alive,
      crashesOnLyingCards: tally.onLiars,
      failedCalls: tally.faults,
      rottenCards: tally.rotten,
      partedByFailedFlushes: tally.parted,
      trials: tally.trials,
      firstSeed,
    },
    targets,
    peers: {},
    details,
  };
}
