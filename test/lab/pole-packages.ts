// The release of this checkout as packages, and the boot partition of a card that installs it: Raspberry Pi OS's own files, and what `matlang hub kit` lays beside them.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { release } from '../../agent/release.ts';
import { buildDeb } from '../../cli/deb/build.ts';
import type { PackageName } from '../../cli/deb/control.ts';
import { machines, stagingCache } from '../../cli/deb/staging.ts';
import type { LabHub } from './pole-hub.ts';

export type Architecture = 'amd64' | 'arm64';
export const checkout = fileURLToPath(new URL('../../', import.meta.url));
/** A package's file name. */
export const deb = (name: PackageName, architecture: Architecture, version = release) =>
  `${name}_${version}_${architecture}.deb`;

/** One of a later version, for the upgrade. */
export const nextRelease = `${release}1`;

/** The release of this checkout, for both machines, the later one, and the hub's. Two at a time: each is packed by one thread. The folder, for more than one part of the lab. */
export async function makePackages(out: string): Promise<string> {
  await Promise.all((['amd64', 'arm64'] as const).map((machine) => makePackage(out, 'matlang-node', machine)));
  await Promise.all([makePackage(out, 'matlang-node', 'amd64', nextRelease), makePackage(out, 'matlang-hub', 'amd64')]);
  return out;
}

export async function makePackage(
  out: string,
  name: PackageName,
  architecture: Architecture,
  version = release,
): Promise<void> {
  const machine = machines.find(({ debian }) => debian === architecture);
  if (machine === undefined) throw new Error(`no package is made for ${architecture}`);
  await buildDeb({ name, checkout, madeS: 1_700_000_000, cache: stagingCache(), pack: 'quick', machine, version }, out);
}

export interface CardPlan {
  readonly node: string;
  readonly place: string;
  readonly config: string;
  readonly architecture: Architecture;
  /** The image's own files on its boot partition. */
  readonly stock: Readonly<Record<string, string>>;
}

/** What an image has that the kit writes to or beside. */
export const plainStock: CardPlan['stock'] = Object.fromEntries(
  ['cmdline.txt', 'config.txt', 'user-data', 'meta-data', 'network-config'].map((name) => [name, '# stock\n']),
);

/** Below `dir`; packages lie in `packages`. */
export function makeBootFolder(hub: LabHub, dir: string, packages: string, plan: CardPlan): string {
  const { node, place, architecture } = plan;
  const [out, debs, config] = ['bootfs', 'debs', 'node.yaml'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(out);
  for (const [name, text] of Object.entries(plan.stock)) writeFileSync(join(out, name), text);
  mkdirSync(debs);
  const name = deb('matlang-node', architecture);
  symlinkSync(join(packages, name), join(debs, name));
  writeFileSync(config, plan.config);
  const what = ['--node', node, '--place', place, '--node-config', config];
  hub.command(['kit', ...what, '--machine', architecture, '--debs', debs, '--out', out]);
  return out;
}
