// One update from a folder, from first look to proven or taken back.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type InstallFailure, install } from './install.ts';
import { alone, drive, type LaunchRules } from './launcher.ts';
import { readState, releaseIn, releasesIn } from './root.ts';
import type { Shelf } from './shelf.ts';
import type { Launch } from './trial.ts';

export type Applied =
  | { readonly ok: true; readonly release: string; readonly before: string | null }
  | {
      readonly ok: false;
      readonly why: InstallFailure | 'busy' | 'already-running' | 'rolled-back';
      readonly text: string;
    };

export async function apply(shelf: Shelf, rules: LaunchRules, from: string): Promise<Applied> {
  mkdirSync(releasesIn(rules.root), { recursive: true, mode: 0o755 });
  shelf.syncFolder(rules.root);
  return await alone(rules.root, async () => {
    const before = await drive(shelf, rules, readState(rules.root), { is: 'boot' });
    if (before.name !== 'steady') throw new Error(`the launcher must come to rest, not stay in ${before.name}`);
    const kept = [before.release, before.previous].filter((name) => name !== null);
    const installed = install(shelf, from, rules.root, kept);
    if (!installed.ok) return installed;
    const { release } = installed.list;
    if (release === before.release) return { ok: false, why: 'already-running', text: `${release} is running already` };
    placeLauncher(shelf, rules.root, release);
    return outcome(release, before.release, await drive(shelf, rules, before, { is: 'offered', release }));
  });
}

function outcome(release: string, before: string | null, after: Launch): Applied {
  if (after.name === 'steady' && after.release === release) return { ok: true, release, before };
  const whys = after.name === 'steady' ? (after.back?.whys ?? []) : [];
  return { ok: false, why: 'rolled-back', text: `${release} did not pass its self-test: ${whys.join(' · ')}` };
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
