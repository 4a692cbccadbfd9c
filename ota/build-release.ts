// Makes a release folder: one bundle a role, the runtime, what cannot be bundled, and the list of every byte.
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { copyPackages, type Package } from './copy-packages.ts';
import {
  isReleaseName,
  isSafePath,
  listName,
  type ReleaseFile,
  type ReleaseList,
  readReleaseList,
} from './release-list.ts';
import { componentIn, packageOf, sbomName, writeSbom } from './sbom.ts';
import { measureFile } from './shelf.ts';

/** A main file becomes `app/<name>.js`; with `program`, also `bin/<program>`. Children keep the name their parents call them by. */
export interface ReleaseEntry {
  readonly name: string;
  readonly main: string;
  readonly program?: string;
}

export interface ReleasePlan {
  readonly release: string;
  readonly entries: readonly ReleaseEntry[];
  readonly launcherMain: string;
  readonly selfTest: readonly string[];
  readonly packages: readonly Package[];
  readonly nodeModules: string;
  /** The machine it is for, as Node names it; `nodeModules` and `runtime` must be that machine's. */
  readonly arch: string;
  /** Unix seconds; the same for the same sources. */
  readonly madeS?: number | undefined;
  /** The Node binary to ship; undefined leaves the programs to the machine's own (tests, developers). */
  readonly runtime: string | undefined;
}

export type ReleaseBuilt =
  | { readonly ok: true; readonly list: ReleaseList; readonly bytes: number }
  | {
      readonly ok: false;
      readonly why: 'bad-name' | 'out-in-use' | 'entry-absent' | 'bundle' | 'bad-list';
      readonly text: string;
    };

const fileBytesMax = 512 * 1024 * 1024;

export async function buildRelease(plan: ReleasePlan, out: string): Promise<ReleaseBuilt> {
  if (!isReleaseName(plan.release)) {
    return {
      ok: false,
      why: 'bad-name',
      text: `a release is named by 1 to 64 of a-z, 0-9, . + -, not ${plan.release}`,
    };
  }
  if (existsSync(out) && (await readdir(out)).length > 0) {
    return { ok: false, why: 'out-in-use', text: `${out} must be empty` };
  }
  const absent = plan.entries.filter(({ main }) => !existsSync(main));
  if (absent.length > 0) {
    return { ok: false, why: 'entry-absent', text: `there is no ${absent.map(({ main }) => main).join(', ')}` };
  }
  for (const folder of ['app', 'bin', 'launcher']) await mkdir(join(out, folder), { recursive: true });
  const bundled = await bundle(plan, out);
  if (!bundled.ok) return { ok: false, why: 'bundle', text: bundled.text };
  await writeFile(join(out, 'app/package.json'), '{ "type": "module" }\n');
  await writeFile(join(out, 'launcher/package.json'), '{ "type": "module" }\n');
  const copied = await copyPackages(plan.packages, plan.nodeModules, join(out, 'app/node_modules'), plan.arch);
  if (plan.runtime !== undefined) {
    await mkdir(join(out, 'runtime'));
    await cp(plan.runtime, join(out, 'runtime/node'), { dereference: true });
    await chmod(join(out, 'runtime/node'), 0o755);
  }
  await writePrograms(plan, out);
  const folders = [...bundled.packages, ...copied.map((name) => join(plan.nodeModules, name))];
  const parts = await Promise.all(folders.map(componentIn));
  // The locked runtime is the one that builds: npm scripts and `npx matlang` run on it.
  const shipped = plan.runtime === undefined ? undefined : process.versions.node;
  await writeFile(join(out, sbomName), writeSbom(plan.release, parts, shipped));
  return await writeList(plan, out);
}

type Bundled =
  | { readonly ok: true /** Folders of the packages that are inside. */; readonly packages: readonly string[] }
  | { readonly ok: false; readonly text: string };

async function bundle(plan: ReleasePlan, out: string): Promise<Bundled> {
  // A tool of the maker's machine: nodes do not have it.
  const { build } = await import('esbuild');
  const common = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: plan.packages.map(({ name }) => name),
    logLevel: 'silent',
    define: { 'process.env.MATLANG_RELEASE': JSON.stringify(plan.release) },
    metafile: true,
    // Commands are loaded when they are named: each lies in a chunk of its own.
    splitting: true,
    chunkNames: 'chunk-[hash]',
    // CommonJS packages inside an ES module still ask for node's own modules by require.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  } as const;
  try {
    const entryPoints = plan.entries.map(({ name, main }) => ({ in: main, out: name }));
    const app = await build({ ...common, entryPoints, outdir: join(out, 'app') });
    const launcher = await build({
      ...common,
      entryPoints: [{ in: plan.launcherMain, out: 'launcher' }],
      outdir: join(out, 'launcher'),
    });
    const packages = [app, launcher].flatMap(({ metafile }) =>
      Object.values(metafile.outputs).flatMap(({ inputs }) =>
        Object.keys(inputs).flatMap((input) => packageOf(input) ?? []),
      ),
    );
    return { ok: true, packages: [...new Set(packages)] };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

async function writePrograms(plan: ReleasePlan, out: string): Promise<void> {
  for (const { name, program } of plan.entries) {
    if (program === undefined) continue;
    await writeProgram(join(out, 'bin', program), '../runtime/node', `../app/${name}.js`);
  }
  await writeProgram(join(out, 'launcher/matlang-launcher'), 'node', 'launcher.js');
}

/**
 * Footage passes through buffers of 64 KiB and more. Left alone, glibc keeps what was freed in its heaps; so such buffers are mapped and given back
 * (`matlang bench pipeline`: 12 MB less a process).
 */
const frugal = 'export MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=131072';
/**
 * For the runtime that is shipped; another Node may not know them. V8's memory reducer collects garbage in idle moments, and costs more than it frees. Battery
 * saver mode optimises a function later, and so fewer of them: the recorder's first 30 s cost 598 ms of CPU instead of 717, the time after them the same. V8 would mark
 * its whole heap for the first time at 14 MB, seconds after a start, for 2 MB of garbage (40 to 120 ms); so the first time is at 24 MB. What these programs make lives either for a picture or a
 * message, or for ever. A young generation of 1 MiB in place of 16 lets go of the buffers of pipes and sockets each second or two, for 0.3 ms, before they weigh so much that the whole heap is
 * marked for them (20 ms, every six seconds, in the recorder); it takes 12 MB less a process, 24 where 100,000 records wait (`matlang bench drain`).
 */
const lean = '--no-memory-reducer --battery-saver-mode --initial-old-space-size=24 --max-semi-space-size=1';

/** The link `current` is resolved once, at the start: a running program stays within its own release. */
async function writeProgram(path: string, runtime: string, script: string): Promise<void> {
  const text = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
node=$here/${runtime}
flags='${lean}'
[ -x "$node" ] || { node=node; flags=; }
${frugal}
exec "$node" $flags "$here/${script}" "$@"
`;
  await writeFile(path, text);
  await chmod(path, 0o755);
}

async function writeList(plan: ReleasePlan, out: string): Promise<ReleaseBuilt> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files: ReleaseFile[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = relative(out, full);
    const measured = measureFile(full, fileBytesMax);
    if (measured === undefined || !isSafePath(path))
      return { ok: false, why: 'bad-list', text: `${path} cannot be part of a release` };
    const program = ['bin', 'runtime'].includes(path.split('/')[0] ?? '') || basename(path) === 'matlang-launcher';
    files.push({ path, ...measured, executable: program });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { release, arch, madeS, selfTest } = plan;
  const list: ReleaseList = { v: 1, release, arch, ...(madeS === undefined ? {} : { madeS }), selfTest, files };
  const text = `${JSON.stringify(list, undefined, 1)}\n`;
  // What the maker writes, the node must be able to read.
  const read = readReleaseList(text);
  if (!read.ok) return { ok: false, why: 'bad-list', text: read.text };
  await writeFile(join(out, listName), text);
  return { ok: true, list, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}
