// One update from a folder, from first look to proven or taken back.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type InstallFailure, install, readListIn } from './install.ts';
import { alone, drive, type LaunchRules } from './launcher.ts';
import { totalBytes } from './release-list.ts';
import type { MayUse } from './room.ts';
import { readState, releaseIn, releasesIn, saveState } from './root.ts';
import type { Shelf } from './shelf.ts';
import { type Launch, step } from './trial.ts';

export type Applied =
  | {
      readonly ok: true;
      readonly release: string;
      readonly before: string | null;
      /** It runs, and is kept when the hub has signed for its boot record. */
      readonly onTrial: boolean;
    }
  | {
      readonly ok: false;
      readonly why: InstallFailure | 'busy' | 'already-running' | 'rolled-back';
      readonly text: string;
    };

export interface ApplyRules extends LaunchRules {
  /** Has the launcher go on, in a process that outlives this one, from what state.json says; resolves when it rests. Undefined: it is done here. */
  readonly handOver?: () => Promise<void>;
  /** For a folder that lies elsewhere; who gathers one on this card has asked before. */
  readonly mayUse?: MayUse | undefined;
}

export async function apply(shelf: Shelf, rules: ApplyRules, from: string): Promise<Applied> {
  mkdirSync(releasesIn(rules.root), { recursive: true, mode: 0o755 });
  shelf.syncFolder(rules.root);
  const begun = await alone(rules.root, async () => {
    const before = await atRest(shelf, rules);
    if (before === undefined)
      return { ok: false, why: 'busy', text: 'the launcher is still trying the release before' } as const;
    const lacking = await lacksRoom(rules, from);
    if (lacking !== undefined) return { ok: false, why: 'no-room', text: lacking } as const;
    const kept = [before.release, before.name === 'steady' ? before.previous : before.before];
    const installed = install(
      shelf,
      from,
      rules.root,
      kept.filter((name) => name !== null),
    );
    if (!installed.ok) return installed;
    const { release } = installed.list;
    if (release === before.release)
      return { ok: false, why: 'already-running', text: `${release} is running already` } as const;
    placeLauncher(shelf, rules.root, release);
    const after =
      rules.handOver === undefined
        ? await drive(shelf, rules, before, { is: 'offered', release })
        : leave(shelf, rules.root, before, release);
    return { ok: true, release, before: before.release, after } as const;
  });
  if (!begun.ok) return begun;
  if (rules.handOver === undefined) return outcome(begun.release, begun.before, begun.after);
  await rules.handOver();
  return outcome(begun.release, begun.before, readState(rules.root));
}

/** Undefined where there is room, and where no list says how much it would take: that is found next. */
async function lacksRoom({ mayUse }: ApplyRules, from: string): Promise<string | undefined> {
  if (mayUse === undefined) return undefined;
  const read = readListIn(from);
  return read.ok ? await mayUse(totalBytes(read.list.files)) : undefined;
}

type AtRest = Extract<Launch, { name: 'steady' | 'proving' }>;

/** Undefined while a launcher of its own is at work on it. */
async function atRest(shelf: Shelf, rules: ApplyRules): Promise<AtRest | undefined> {
  const found = readState(rules.root);
  const isAtRest = found.name === 'steady' || found.name === 'proving';
  const state = isAtRest || rules.handOver !== undefined ? found : await drive(shelf, rules, found, { is: 'boot' });
  return state.name === 'steady' || state.name === 'proving' ? state : undefined;
}

/** One durable write, and the launcher finds it. */
function leave(shelf: Shelf, root: string, before: Launch, release: string): Launch {
  const { state } = step(before, { is: 'offered', release });
  saveState(shelf, root, state);
  return state;
}

function outcome(release: string, before: string | null, after: Launch): Applied {
  if ((after.name === 'steady' || after.name === 'proving') && after.release === release)
    return { ok: true, release, before, onTrial: after.name === 'proving' };
  if (after.name !== 'steady') return { ok: false, why: 'busy', text: `the launcher is not at rest: ${after.name}` };
  return {
    ok: false,
    why: 'rolled-back',
    text: `${release} did not pass its self-test: ${(after.back?.whys ?? []).join(' · ')}`,
  };
}

/** The first release brings the launcher and its runtime; later ones leave it alone, since nothing could take a broken launcher back. */
function placeLauncher(shelf: Shelf, root: string, release: string): void {
  const target = join(root, 'launcher');
  const brought = join(releaseIn(root, release), 'launcher');
  if (existsSync(target) || !existsSync(brought)) return;
  const incoming = join(root, '.launcher-new');
  shelf.remove(incoming);
  shelf.makeFolder(incoming);
  for (const path of ['launcher/launcher.js', 'launcher/matlang-launcher', 'runtime/node']) {
    const file = join(releaseIn(root, release), path);
    if (existsSync(file)) shelf.sameFile(file, join(incoming, path.slice(dirname(path).length + 1)));
  }
  shelf.syncFolder(incoming);
  shelf.rename(incoming, target);
  shelf.syncFolder(root);
}
