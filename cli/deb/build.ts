// One .deb: a tree, its control files, and Debian's own packer. The same sources give the same bytes.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildRelease } from '../../ota/build-release.ts';
import { nodeRelease } from '../../ota/node-release.ts';
import {
  changelogText,
  checksums,
  controlText,
  copyrightText,
  debianVersion,
  lintianOverrides,
  type PackageName,
} from './control.ts';
import { hubPackages, putHubSources } from './hub-tree.ts';
import { packagesIn, sbom } from './sbom.ts';
import { type Machine, must, putRuntime, stagePackages } from './staging.ts';
import { installedKib, putFile, putFolder, putGzipped, putText, settle } from './tree.ts';

/** `small` for cards and archives (xz, a minute); `quick` for who tries it at once (zstd, two seconds, a quarter more bytes, unpacked nine times as fast). */
export type Packing = keyof typeof packers;
export const packers = { small: ['-Zxz', '-z9'], quick: ['-Zzstd', '-z1'] } as const;

export interface DebPlan {
  readonly name: PackageName;
  readonly machine: Machine;
  readonly checkout: string;
  readonly version: string;
  /** When it was made, for every file in it (Unix s): the commit's time, so that it is the same for all. */
  readonly madeS: number;
  /** Where packages of other machines are kept from one time to the next. */
  readonly cache: string;
  readonly pack: Packing;
  /** Instead of the pinned runtime and of packages fetched anew: tests pack a small file and what the checkout has. */
  readonly instead?: { readonly runtime: string; readonly staged: string };
}

const packMsMax = 900_000;
const programs =
  /^(DEBIAN\/(pre|post)(inst|rm)|usr\/lib\/matlang(-hub)?\/(.*\/)?(bin|runtime|launcher)\/(node|matlang[^/.]*)|usr\/lib\/systemd\/system-generators\/matlang-camera)$/;

/** Path of the package, in `out`. Throws what a tool says. */
export async function buildDeb(plan: DebPlan, out: string): Promise<string> {
  const { name, machine, version } = plan;
  const root = await mkdtemp(join(tmpdir(), 'matlang-deb-'));
  try {
    const staged = plan.instead?.staged ?? (await stagePackages(plan.checkout, machine, plan.cache));
    if (name === 'matlang-node') await putNode(plan, staged, root);
    else await putHub(plan, staged, root);
    await putPapers(plan, staged, root);
    const kib = await installedKib(root);
    await putText(controlText(name, version, machine.debian, kib), join(root, 'DEBIAN/control'));
    await putText(await checksums(root), join(root, 'DEBIAN/md5sums'));
    await settle(root, plan.madeS, (path) => programs.test(path));
    const file = join(out, `${name}_${debianVersion(version)}_${machine.debian}.deb`);
    await mkdir(out, { recursive: true });
    // One thread: the blocks of several depend on how many there were.
    const pack = ['--root-owner-group', ...packers[plan.pack], '--threads-max=1', '--build', root, `${file}.new`];
    await must('dpkg-deb', pack, packMsMax, { ...process.env, SOURCE_DATE_EPOCH: String(plan.madeS) });
    await rename(`${file}.new`, file);
    return file;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function putNode(plan: DebPlan, staged: string, root: string): Promise<void> {
  const { checkout, version, machine } = plan;
  const target = join(root, 'usr/lib/matlang', version);
  await mkdir(target, { recursive: true });
  const runtime = join(root, 'node');
  await runtimeOf(plan, staged, runtime);
  const from = { arch: machine.node, nodeModules: join(staged, 'node_modules') };
  const made = { madeS: plan.madeS };
  const built = await buildRelease({ ...nodeRelease(checkout, version, runtime, from), ...made }, target);
  await rm(runtime, { force: true });
  if (!built.ok) throw new Error(built.text);
  const { systemd, unit, etc } = places(checkout, root);
  const units = (await readdir(systemd('.'))).filter((each) => /^matlang-.*\.(service|timer|path)$/.test(each));
  for (const name of units) if (name !== 'matlang-hub.service') await unit(name);
  await putFile(systemd('matlang.sysusers.conf'), join(root, 'usr/lib/sysusers.d/matlang.conf'));
  await putFile(systemd('matlang.tmpfiles.conf'), join(root, 'usr/lib/tmpfiles.d/matlang.conf'));
  await putFile(systemd('90-matlang.rules'), join(root, 'usr/lib/udev/rules.d/90-matlang.rules'));
  await putFile(systemd('stick.sh'), join(root, 'usr/lib/matlang/stick.sh'));
  await putFile(systemd('camera-generator.sh'), join(root, 'usr/lib/systemd/system-generators/matlang-camera'));
  await putFile(systemd('os/system.conf'), join(root, 'usr/lib/matlang/os/system.conf'));
  for (const name of ['boot-choice', 'carry'])
    await putFile(systemd(`os/${name}.sh`), join(root, `usr/lib/matlang/os/bin/matlang-${name}`));
  for (const [name, to] of [
    ['watchdog', 'system'],
    ['journald', 'journald'],
    ['timesyncd', 'timesyncd'],
  ] as const)
    await putFile(systemd(`matlang-${name}.conf`), join(root, `usr/lib/systemd/${to}.conf.d/50-matlang.conf`));
  await etc('matlang-apt.conf', 'apt/apt.conf.d/60matlang');
  await mkdir(join(root, 'usr/bin'), { recursive: true });
  // Of the release that runs, whichever way it came.
  await symlink('/opt/matlang/current/bin/matlang', join(root, 'usr/bin/matlang'));
}

async function putHub(plan: DebPlan, staged: string, root: string): Promise<void> {
  const target = join(root, 'usr/lib/matlang-hub');
  await putHubSources(plan.checkout, staged, target);
  await mkdir(join(target, 'runtime'), { recursive: true });
  await runtimeOf(plan, staged, join(target, 'runtime/node'));
  const { systemd, unit } = places(plan.checkout, root);
  await unit('matlang-hub.service');
  await putFile(systemd('matlang-hub.sysusers.conf'), join(root, 'usr/lib/sysusers.d/matlang-hub.conf'));
  await mkdir(join(root, 'usr/bin'), { recursive: true });
  await symlink('../lib/matlang-hub/bin/matlang', join(root, 'usr/bin/matlang'));
}

function places(checkout: string, root: string) {
  const systemd = (name: string) => join(checkout, 'systemd', name);
  return {
    systemd,
    unit: (name: string) => putFile(systemd(name), join(root, 'usr/lib/systemd/system', name)),
    etc: async (name: string, to: string) => {
      await putFile(systemd(name), join(root, 'etc', to));
      await putText(`/etc/${to}\n`, join(root, 'DEBIAN/conffiles'));
    },
  };
}

const runtimeOf = ({ machine, instead }: DebPlan, staged: string, to: string): Promise<void> =>
  instead === undefined ? putRuntime(machine, staged, to) : putFile(instead.runtime, to);

async function putPapers(plan: DebPlan, staged: string, root: string): Promise<void> {
  const { name, checkout, version } = plan;
  const scripts = join(checkout, 'systemd/deb', name === 'matlang-node' ? 'node' : 'hub');
  for (const script of await readdir(scripts)) {
    const text = await readFile(join(scripts, script), 'utf8');
    await putText(text.replaceAll('@VERSION@', version), join(root, 'DEBIAN', script));
  }
  const doc = join(root, 'usr/share/doc', name);
  await putText(copyrightText, join(doc, 'copyright'));
  await putGzipped(changelogText(name, version, plan.madeS), join(doc, 'changelog.gz'));
  await putFile(join(checkout, 'CHANGELOG.md'), join(doc, 'CHANGELOG.md'));
  await putText(lintianOverrides(name), join(root, 'usr/share/lintian/overrides', name));
  const guide = join(checkout, 'docs/guide');
  if (existsSync(guide)) await putFolder(guide, join(doc, 'guide'));
  // The guide's drawings lie beside it.
  await putFolder(join(checkout, 'docs/img'), join(doc, 'img'), (path) => path === '' || path.endsWith('.svg'));
  // Pictures of the duty desk: nobody looks at it on a node.
  if (name === 'matlang-node') await rm(join(doc, 'guide/hinh'), { recursive: true, force: true });
  const modules = join(staged, 'node_modules');
  const all =
    name === 'matlang-node'
      ? await nodePackages(root, modules, version)
      : [...(await hubPackages(checkout, modules)), `node-linux-${plan.machine.node}`];
  await putText(await sbom(name, version, modules, (each) => all.includes(each)), join(doc, 'sbom.cdx.json'));
}

/** Bundled or copied: everything a node may run. The hub's own are left out by name: they are only in its workspace. */
async function nodePackages(root: string, modules: string, version: string): Promise<readonly string[]> {
  const copied = await packagesIn(join(root, 'usr/lib/matlang', version, 'app/node_modules'));
  const listed = await bundledIn(join(root, 'usr/lib/matlang', version, 'app'));
  const runtime = (await packagesIn(modules)).filter((each) => each.startsWith('node-linux-'));
  return [...new Set([...copied, ...listed, ...runtime])];
}

/** esbuild names each file it takes in a comment: `// …/node_modules/zod/v4/…`. */
async function bundledIn(app: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const file of await readdir(app)) {
    if (!file.endsWith('.js')) continue;
    const text = await readFile(join(app, basename(file)), 'utf8');
    for (const [, name] of text.matchAll(/^\/\/ \S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm))
      if (name) found.add(name);
  }
  return [...found];
}
