// `matlang hub kit --node NAME --out DIR`: a card that installs, joins and records without anybody typing at the pole.
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';
import { unlessGone } from '../../agent/gone.ts';
import { hostOf } from '../../protocol/host.ts';
import { firstRun, type KitPlan, kitDir, metaData, readMe, userData, withFirstRun, withPullUps } from './kit-files.ts';

export interface KitRules {
  readonly node: string;
  /** The line of a ticket. */
  readonly ticket: string;
  /** The makers' root, from which the node trusts updates; undefined: it takes none until a technician plants one. */
  readonly trust: string | undefined;
  /** The node's configuration, to begin with. */
  readonly config: string;
  /** Packages to lay beside it: matlang-node for its machine, and what it depends on. */
  readonly debs: readonly string[];
  readonly out: string;
  readonly machine: KitMachine;
  /** Text of a technician's OpenSSH public key; undefined: nobody can log in at the node. */
  readonly sshKey: string | undefined;
  /** Which system is on the card; told by its boot partition where `out` is one. */
  readonly os: 'trixie' | 'bookworm' | undefined;
  /** Sets one card apart from the next. */
  readonly stamp: string;
}

/** Debian's word. A Pi is arm64. */
export const kitMachines = ['arm64', 'amd64'] as const;
export type KitMachine = (typeof kitMachines)[number];

export type KitMade =
  | { readonly ok: true; readonly files: readonly string[]; readonly bytes: number }
  | { readonly ok: false; readonly text: string };

const bootDir = '/boot/firmware';
/** One line, nothing that a shell or YAML would read otherwise; never a private key. */
const publicKey = /^(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*(?: [\w@.+-]*)?$/;

/** Of a repository of releases: the newest of `metadata/N.root.json`. Undefined where there is none. */
export async function newestRoot(releasesDir: string): Promise<string | undefined> {
  const dir = join(releasesDir, 'metadata');
  const names = (await unlessGone(readdir(dir))) ?? [];
  const versions = names.flatMap((name) => /^(\d+)\.root\.json$/.exec(name)?.slice(1).map(Number) ?? []);
  return versions.length === 0 ? undefined : join(dir, `${Math.max(...versions)}.root.json`);
}

export async function makeKit(rules: KitRules): Promise<KitMade> {
  const read = readNodeConfig(rules.config, 'node.yaml');
  if (!read.ok) return { ok: false, text: read.faults.map((fault) => faultLine(fault)).join('; ') };
  const { camera } = read.config;
  if (camera.driver === 'rtsp' && isIP(hostOf(camera.url)) === 0)
    return {
      ok: false,
      text: `camera.url: must name the camera by its address, like rtsp://10.0.0.9/…, not ${JSON.stringify(hostOf(camera.url))}: the recorder may reach that one address and nothing else`,
    };
  const { machine } = rules;
  const ours = rules.debs.map((path) => basename(path)).filter((name) => name.startsWith('matlang-node_'));
  if (!ours.some((name) => name.endsWith(`_${machine}.deb`)))
    return { ok: false, text: `no matlang-node_…_${machine}.deb among the packages (make it with: npm run deb)` };
  if (ours.length > 1) return { ok: false, text: `one matlang-node is enough for a card: ${ours.join(', ')}` };
  const sshKey = rules.sshKey?.trim();
  if (sshKey !== undefined && !publicKey.test(sshKey))
    return { ok: false, text: `not an OpenSSH public key (one line, ssh-ed25519 …): ${sshKey.slice(0, 40)}` };
  const out = resolve(rules.out);
  await mkdir(join(out, kitDir, 'debs'), { recursive: true });
  const there = await readdir(out);
  const os = rules.os ?? (there.includes('cmdline.txt') && !there.includes('user-data') ? 'bookworm' : 'trixie');
  const plan: KitPlan = { node: rules.node, bootDir, sshKey };
  const files: string[] = [];
  const put = async (name: string, text: string) => {
    await writeFile(join(out, name), text);
    files.push(name);
  };
  const install = fileURLToPath(new URL('../../systemd/kit/install.sh', import.meta.url));
  await put(`${kitDir}/install.sh`, await readFile(install, 'utf8'));
  await put(`${kitDir}/ticket`, rules.ticket.endsWith('\n') ? rules.ticket : `${rules.ticket}\n`);
  await put(`${kitDir}/node.yaml`, rules.config);
  if (rules.trust !== undefined) await put(`${kitDir}/root.json`, rules.trust);
  for (const deb of rules.debs) {
    await copyFile(deb, join(out, kitDir, 'debs', basename(deb)));
    files.push(`${kitDir}/debs/${basename(deb)}`);
  }
  if (os === 'trixie') {
    await put('user-data', userData(plan));
    await put('meta-data', metaData(rules.node, rules.stamp));
  } else {
    await put('firstrun.sh', firstRun(plan));
    if (there.includes('cmdline.txt'))
      await put('cmdline.txt', withFirstRun(await readFile(join(out, 'cmdline.txt'), 'utf8'), bootDir));
  }
  const pulledUp = read.config.pins.inputs.filter(({ activeLow }) => activeLow).map(({ pin }) => pin);
  if (there.includes('config.txt'))
    await put('config.txt', withPullUps(await readFile(join(out, 'config.txt'), 'utf8'), pulledUp));
  await put(`${kitDir}/READ-ME.txt`, readMe(rules.node));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(out, name))).size));
  return { ok: true, files, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
