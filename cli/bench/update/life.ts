// One update of one node, cut where it is told to, started again as often as it takes, and judged after each cut by what lies on the card.
import { existsSync, readlinkSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Random } from '../../../hal/sim-disk/random.ts';
import { holds, readListIn } from '../../../ota/install.ts';
import { boot, type LaunchRules } from '../../../ota/launcher.ts';
import { readState } from '../../../ota/root.ts';
import { shelf as realShelf, type Shelf } from '../../../ota/shelf.ts';
import type { Launch } from '../../../ota/trial.ts';
import { folderSource } from '../../../ota/trust/source.ts';
import { update } from '../../../ota/trust/update.ts';
import { type Cut, type Forgets, openCard, PowerCut } from './card.ts';
import { type Kind, names, optIn, receive, rulesFor, spoolName, type Workshop } from './node.ts';
import { putTree, readTree, type Tree } from './tree.ts';

/**
 * `bricked`: nothing whole to run, or no way to rest · `mixed`: what runs is neither the old release nor the new one · `spool`: evidence was touched ·
 * `ended`: the same update made again does not end as one that was never cut.
 */
export interface Finding {
  readonly is: 'bricked' | 'mixed' | 'spool' | 'ended';
  readonly text: string;
}
export interface Life {
  /** Cuts that were made; a step beyond the last one is none. */
  readonly cuts: number;
  readonly findings: readonly Finding[];
  /** What it runs in the end. */
  readonly release: string;
  /** Steps of each pass, by name. */
  readonly passes: readonly (readonly string[])[];
}

/** `cuts[0]` cuts the update, the later ones the starts after it; one more start, and one more update, are not cut. */
export async function live(
  workshop: Workshop,
  kind: Kind,
  cuts: readonly Cut[],
  random: Random,
  forgets?: Forgets,
): Promise<Life> {
  const card = join(workshop.dir, 'card');
  const at = { cuts: 0, tree: workshop.before };
  const findings: Finding[] = [];
  const passes: (readonly string[])[] = [];
  const find = (is: Finding['is'], text: string) => findings.push({ is, text });

  const pass = async (cut: Cut, work: (shelf: Shelf, rules: LaunchRules) => Promise<unknown>): Promise<void> => {
    rmSync(card, { recursive: true, force: true });
    putTree(at.tree, card);
    const one = openCard(realShelf, card, cut, forgets);
    const ended = await run(() => work(one.shelf, rulesFor(card)));
    passes.push(one.steps);
    if (ended !== undefined) find('bricked', `${passes.length}: ${ended}`);
    if (one.isCut()) at.cuts += 1;
    at.tree = one.isCut() ? one.left(random) : readTree(card);
    const when = one.isCut() ? `${cut.mode} ${one.steps.at(-1)}, pass ${passes.length}` : `pass ${passes.length}`;
    rmSync(card, { recursive: true });
    putTree(at.tree, card);
    for (const finding of judge(card, at.tree, workshop.before, kind)) find(finding.is, `${when}: ${finding.text}`);
  };
  const updating = async (shelf: Shelf, rules: LaunchRules) => {
    const source = folderSource(workshop.repository(kind));
    await update({ shelf, rules, source, referenceMs: workshop.nowMs, told: () => undefined });
    await receive(shelf, rules);
  };
  const starting = async (shelf: Shelf, rules: LaunchRules) => {
    await boot(shelf, rules);
    await receive(shelf, rules);
    const { name } = readState(rules.root);
    if (name !== 'steady') throw new Error(`a start must come to rest, not stay in ${name}`);
  };

  const [first = never, ...later] = cuts;
  await pass(first, updating);
  for (const cut of later) await pass(cut, starting);
  await pass(never, starting);
  await pass(never, updating);
  const release = basename(readlinkSync(join(optIn(card), 'current')));
  // A release that was cut short in each of its starts has failed as it should; the makers sign another.
  const { back } = asSteady(readState(optIn(card)));
  if (kind === 'good' && release !== names.good && back?.release !== names.good) find('ended', `on ${release}`);
  if (kind === 'faulty' && release !== names.old) find('ended', `on ${release}`);
  rmSync(card, { recursive: true });
  return { cuts: at.cuts, findings, release, passes };
}

const never: Cut = { step: Number.POSITIVE_INFINITY, mode: 'before' };

const asSteady = (state: Launch) => (state.name === 'steady' ? state : { back: undefined });

/** What it threw, unless that was the cut. */
async function run(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PowerCut)) return String(error);
  }
  return undefined;
}

function* judge(card: string, tree: Tree, before: Tree, kind: Kind): Generator<Finding> {
  const link = join(optIn(card), 'current');
  const release = existsSync(link) ? basename(readlinkSync(link)) : undefined;
  const list = release === undefined ? undefined : readListIn(link);
  if (release === undefined || list === undefined || !list.ok) yield { is: 'bricked', text: 'nothing to run' };
  else if (!holds(link, list.list) || list.list.release !== release)
    yield { is: 'mixed', text: `${release} is not whole` };
  else if (release !== names.old && release !== names[kind]) yield { is: 'mixed', text: `runs ${release}` };
  for (const [path, entry] of before) {
    if (!path.startsWith(`${spoolName}/`) || entry.is !== 'file') continue;
    const now = tree.get(path);
    if (now?.is !== 'file' || !Buffer.from(entry.bytes).equals(now.bytes)) yield { is: 'spool', text: path };
  }
}
