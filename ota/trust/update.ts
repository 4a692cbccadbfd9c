// From a repository to a release that runs: look, believe, gather, and hand over to the launcher.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Applied, type ApplyRules, apply } from '../apply.ts';
import { alone } from '../launcher.ts';
import type { MayUse } from '../room.ts';
import { readState } from '../root.ts';
import type { Shelf } from '../shelf.ts';
import { gather } from './gather.ts';
import { cardFailure, keeping, type MirrorFailure, mirror } from './mirror.ts';
import { unhurried } from './pace.ts';
import { refresh } from './refresh.ts';
import type { Source, SourceFailure } from './source.ts';
import { keepTrust, readTrust } from './store.ts';
import { type Offer, offersFor } from './targets.ts';
import type { TrustFailure } from './trusted-set.ts';

export type Looked =
  /** `offer` is what would be installed; undefined: nothing newer is meant for this machine. */
  | { readonly ok: true; readonly running: string | null; readonly offer: Offer | undefined }
  | { readonly ok: false; readonly why: TrustFailure | SourceFailure; readonly text: string };

export interface UpdateWorld {
  readonly shelf: Shelf;
  readonly rules: ApplyRules;
  readonly source: Source;
  readonly referenceMs: number;
  readonly told: (doneBytes: number, allBytes: number) => void;
  /** No other release than this. */
  readonly wanted?: string | undefined;
  /** Left out: what the file system has is enough. */
  readonly mayUse?: MayUse | undefined;
}

/** What was learnt stays learnt, also from a look that ended badly: a new root, a higher version. */
export async function look({
  shelf,
  rules,
  trustRoot = rules.root,
  source,
  referenceMs,
  wanted,
}: Omit<UpdateWorld, 'told'> & {
  /** Where what is believed is kept. */ readonly trustRoot?: string;
}): Promise<Looked> {
  const before = readTrust(trustRoot);
  if (!before.ok) return before;
  const { trusted, failure } = await refresh(before.now, source, referenceMs);
  if (trusted !== before.now) keepTrust(shelf, trustRoot, trusted);
  if (failure !== undefined) return { ok: false, why: failure.why, text: failure.text };
  const state = readState(rules.root);
  const running = state.name === 'steady' || state.name === 'proving' ? state.release : null;
  const refused = state.name === 'steady' ? state.back?.release : undefined;
  const offers = offersFor(trusted, process.arch);
  const runs = offers.find(({ release }) => release === running)?.serial ?? 0;
  // What was taken back once is not tried again by itself: the makers sign another.
  const offer = offers.find(
    ({ release, serial }) => serial > runs && release !== refused && (wanted === undefined || release === wanted),
  );
  return { ok: true, running, offer };
}

export type Updated =
  | Applied
  | { readonly ok: true; readonly release: string | null; readonly before: string | null; readonly nothingNew: true }
  | { readonly ok: false; readonly why: TrustFailure | MirrorFailure; readonly text: string };

/** `busy` where another one is at work on this root. Never throws for what repository and card do. */
export async function update(world: UpdateWorld): Promise<Updated> {
  try {
    // From the first look at the metadata on: what a stick gathers and what the hub sent would else be swept away by each other.
    return await alone(world.rules.root, () => updateNow(world), '\0gathering');
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return cardFailure(error);
  }
}

async function updateNow(world: UpdateWorld): Promise<Updated> {
  const { shelf, rules, source, told, mayUse } = world;
  const { root: updateRoot } = rules;
  const into = join(updateRoot, 'mirror');
  const isHere = source.folder !== undefined;
  const looked = await look(isHere ? world : { ...world, source: keeping(source, into) });
  if (!looked.ok) return looked;
  const { offer, running } = looked;
  if (offer === undefined) return { ok: true, release: running, before: running, nothingNew: true };
  if (!isHere) {
    const mirrored = await mirror({ source, into, updateRoot, pace: unhurried, told, mayUse }, offer);
    if (!mirrored.ok) return mirrored;
  }
  const gathered = await gather({ shelf, updateRoot, from: source.folder ?? into, told, mayUse }, offer);
  if (!gathered.ok) return gathered;
  const applied = await apply(shelf, rules, gathered.folder);
  // Kept only where the next try can use it: a release that was judged is not gathered again.
  if (applied.ok || applied.why === 'rolled-back')
    for (const name of ['gathered', 'mirror']) rmSync(join(updateRoot, name), { recursive: true, force: true });
  return applied;
}
