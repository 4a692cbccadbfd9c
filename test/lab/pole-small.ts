// A lab of one small machine: its package, a hub beside it, its configuration; and an end for what was started.
import { join } from 'node:path';
import type { PoleCard } from './pole-card.ts';
import { type LabHub, openLabHub } from './pole-hub.ts';
import { say } from './pole-notes.ts';
import { type Architecture, makePackage } from './pole-packages.ts';
import { type Board, type Guest, powerOn } from './pole-vm.ts';

export interface SmallLab {
  readonly desk: LabHub;
  /** The folder in which the package lies. */
  readonly packages: string;
  /** The machine that was switched on last is switched off at the end. */
  switchOn(card: PoleCard, board?: Board): Promise<Guest>;
}

export interface SmallPlan {
  readonly dir: string;
  readonly node: string;
  readonly architecture: Architecture;
  /** Made here where none are given. */
  readonly packages: string | undefined;
}

export async function inSmallLab(
  { dir, node, architecture, packages: given }: SmallPlan,
  work: (lab: SmallLab) => Promise<void>,
): Promise<void> {
  let hub: LabHub | undefined;
  let guest: Guest | undefined;
  try {
    say('package …');
    const packages = given ?? join(dir, 'packages');
    if (given === undefined) await makePackage(packages, 'matlang-node', architecture);
    say('hub …');
    hub = await openLabHub(join(dir, 'hub'), 'xa-lab', node);
    const switchOn = async (card: PoleCard, board?: Board): Promise<Guest> => {
      guest = await powerOn(dir, card, board);
      return guest;
    };
    say('card …');
    await work({ desk: hub, packages, switchOn });
  } finally {
    await guest?.vm.kill();
    await hub?.close();
  }
}

/** What a translated machine can keep up with. `camera` is the inside of the section. */
export const smallConfig = (node: string, title: string, camera: string): string => `commune: xa
node: ${node}
title: ${title}
dataDir: /var/lib/matlang/data
identityDir: /var/lib/matlang/identity
camera: {${camera}}
motion: {fps: 2}
storage: {ringMiB: 64, spoolMiB: 64, keepFreeMiB: 64}
vitalsEveryS: 10
`;
