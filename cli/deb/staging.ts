// The production packages of another machine, from our own lock file: what `npm ci` would install there, and the one native part that has to be compiled.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runShort } from '../../hal/short-child.ts';
import { putFile } from './tree.ts';

/** Debian's name of a machine, Node's, and the compiler's. */
export interface Machine {
  readonly debian: 'amd64' | 'arm64';
  readonly node: 'x64' | 'arm64';
  /** Prefix of the GNU tools. */
  readonly gnu: string;
}
export const machines: readonly Machine[] = [
  { debian: 'amd64', node: 'x64', gnu: 'x86_64-linux-gnu-' },
  { debian: 'arm64', node: 'arm64', gnu: 'aarch64-linux-gnu-' },
];

const npmMsMax = 300_000;
const compileMsMax = 120_000;

/** Where packages of other machines are kept from one time to the next. */
export const stagingCache = (): string => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'matlang-deb');

/** The locked runtime of that machine, at `to`. Symbols for a debugger are a fifth of it. */
export async function putRuntime(machine: Machine, staged: string, to: string): Promise<void> {
  await putFile(join(staged, `node_modules/node-linux-${machine.node}/bin/node`), to);
  await must(`${machine.gnu}strip`, ['--strip-unneeded', to], compileMsMax);
}

/** A folder with `node_modules` for that machine; made once for each lock file and kept in `cache`. Throws the tool's own words. */
export async function stagePackages(checkout: string, machine: Machine, cache: string): Promise<string> {
  const lock = await readFile(join(checkout, 'package-lock.json'), 'utf8');
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const folder = join(cache, `${machine.debian}-${key}`);
  if (existsSync(join(folder, 'whole'))) return folder;
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, 'hub'), { recursive: true });
  await writeFile(join(draft, 'package.json'), await withoutDev(join(checkout, 'package.json')));
  await writeFile(join(draft, 'hub/package.json'), await withoutDev(join(checkout, 'hub/package.json')));
  await writeFile(join(draft, 'package-lock.json'), productionLock(lock));
  await copyFile(join(checkout, '.npmrc'), join(draft, '.npmrc'));
  const install = ['ci', '--omit=dev', '--ignore-scripts', `--cpu=${machine.node}`, '--os=linux', '--libc=glibc'];
  await must('npm', ['--prefix', draft, ...install], npmMsMax);
  await buildEpoll(draft, machine);
  await writeFile(join(draft, 'whole'), '');
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  return folder;
}

/** onoff's native part has no prebuilt binary. Compiled plainly: with node-gyp the build folder's name would be part of the bytes. */
async function buildEpoll(folder: string, { node, gnu }: Machine): Promise<void> {
  const at = (path: string) => join(folder, 'node_modules', path);
  if (!existsSync(at('epoll/src/epoll.cc'))) return;
  const out = at('epoll/build/Release/epoll.node');
  await mkdir(at('epoll/build/Release'), { recursive: true });
  const includes = ['-I', at(`node-linux-${node}/include/node`), '-I', at('nan')];
  const names = [
    '-DNODE_GYP_MODULE_NAME=epoll',
    '-DUSING_UV_SHARED=1',
    '-DUSING_V8_SHARED=1',
    '-DBUILDING_NODE_EXTENSION',
  ];
  const flags = [
    '-std=gnu++20',
    '-O2',
    '-fPIC',
    '-shared',
    '-pthread',
    '-w',
    `-ffile-prefix-map=${folder}=.`,
    '-Wl,--build-id=none',
  ];
  await must(`${gnu}g++`, [...flags, ...names, ...includes, at('epoll/src/epoll.cc'), '-o', out], compileMsMax);
  await must(`${gnu}strip`, ['--strip-unneeded', out], compileMsMax);
}

async function withoutDev(path: string): Promise<string> {
  const manifest: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
  delete manifest.devDependencies;
  return JSON.stringify(manifest);
}

/** The lock file less what only a developer installs, so that the rest is in step with a manifest without it. */
function productionLock(text: string): string {
  const lock: { packages: Record<string, { dev?: boolean; devDependencies?: unknown }> } = JSON.parse(text);
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.dev === true) delete lock.packages[path];
    delete entry.devDependencies;
  }
  return JSON.stringify(lock);
}

/** Runs a tool to its end; throws its words where it fails. */
export async function must(
  program: string,
  args: readonly string[],
  timeoutMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Buffer> {
  const run = await runShort(program, args, { timeoutMs, env, outBytesMax: 64 * 1024 * 1024 });
  if (run.ok) return Buffer.from(run.out);
  const hint = run.why === 'absent' ? ' (is it installed?)' : '';
  throw new Error(
    `${program} ${args[0] ?? ''}: ${run.why}${hint}${run.text === '' ? '' : `\n${run.text.slice(-2000)}`}`,
  );
}
