// The gate: each step that a power cut can tell apart is forgotten, or done late, and the trials must notice. One that goes unnoticed is
// either a step too many in the program or a hole in the trials; both want mending.
import type { Mutant } from '../../../hal/sim-disk/mutant.ts';
import type { Finding } from './check.ts';
import type { Fact } from './facts.ts';
import type { Workshop } from './node.ts';
import { runTrial } from './trial.ts';

/** Making room, and clearing up: what comes back is removed again. */
const harmless = ['create', 'write', 'mkdir', 'remove'];

export interface Judged {
  readonly mutant: Mutant;
  /** How many crashes it took; undefined where it is alive after all of them. */
  readonly crashes: number | undefined;
  readonly by: Finding | undefined;
}

/** Swaps that make the same program: looked at one by one. What is left out altogether is judged without exception. */
export const sameAnyway: readonly { readonly mutant: Mutant; readonly why: string }[] = [
  {
    mutant: { site: 'look: flush what is listed', how: 'late' },
    why: 'done after the hub has opened its draft is still before the hub has anything',
  },
  {
    mutant: { site: 'open: flush what is listed', how: 'late' },
    why: 'the folders change turns, and the last one is still flushed before the head names what is in it',
  },
  {
    mutant: { site: 'public key: flush draft', how: 'late' },
    why: 'as long as there is no signing.pem both halves are made anew',
  },
  {
    mutant: { site: 'head before a removal: flush draft', how: 'late' },
    why: 'torn at that moment, it is passed over, and the record it was to name is still there',
  },
];

/** Every place at which the program flushes, renames or links, found by running it. */
export async function listMutants(
  workshop: Workshop,
  factsOf: (bytes: Uint8Array) => Fact,
  seeds: number,
): Promise<Mutant[]> {
  const sites = new Set<string>();
  const seen = (site: string, op: string) => {
    if (!harmless.includes(op)) sites.add(site);
  };
  for (let seed = 1; seed <= seeds; seed++) await runTrial(workshop, factsOf, { seed, lives: 6, cutsPerLife: 0, seen });
  const all = [...sites].sort().flatMap((site): Mutant[] => [
    { site, how: 'skip' },
    { site, how: 'late' },
  ]);
  return all.filter((each) => !sameAnyway.some(({ mutant }) => mutant.site === each.site && mutant.how === each.how));
}

export async function judge(
  workshop: Workshop,
  factsOf: (bytes: Uint8Array) => Fact,
  mutant: Mutant,
  crashesMax: number,
): Promise<Judged> {
  let crashes = 0;
  for (let seed = 1; crashes < crashesMax; seed++) {
    const result = await runTrial(workshop, factsOf, { seed, lives: 5, cutsPerLife: 8, mutant });
    crashes += result.crashes;
    const [by] = result.findings;
    if (by !== undefined) return { mutant, crashes, by };
  }
  return { mutant, crashes: undefined, by: undefined };
}
