// What the lab takes from Debian: a kernel for virtual machines. Fetched once, unpacked below the cache folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export interface Kernel {
  readonly image: string;
  /** Modules by name, for insmod; dependencies are the caller's matter. */
  module(name: string): string;
  readonly version: string;
}

export type KernelFound = { readonly ok: true; readonly kernel: Kernel } | { readonly ok: false; readonly why: string };

/** `XDG_CACHE_HOME` or `~/.cache`. */
export function labCache(env: NodeJS.ProcessEnv = process.env): string {
  const path = join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'matlang-lab');
  mkdirSync(path, { recursive: true });
  return path;
}

const dayMs = 86_400_000;

/** `at` (`name-key`) is in use; its like of other keys goes where nobody has used it for a day. Each is half a gigabyte or more, and each change makes another. */
export function useCached(at: string): void {
  const now = new Date();
  utimesSync(at, now, now);
  const ours = basename(at);
  const kind = ours.replace(/-[^-]*$/, '-');
  for (const name of readdirSync(dirname(at)).filter((each) => each.startsWith(kind) && !each.startsWith(ours))) {
    const path = join(dirname(at), name);
    if (now.getTime() - statSync(path).mtimeMs > dayMs) rmSync(path, { recursive: true, force: true });
  }
}

const meta = 'linux-image-cloud-amd64';

/** Debian's kernel for virtual machines. */
export function fetchKernel(cache = labCache()): KernelFound {
  const at = join(cache, 'kernel');
  if (!existsSync(at)) {
    const fetched = fetchInto(cache, at);
    if (fetched !== undefined) return { ok: false, why: fetched };
  }
  const [image] = readdirSync(join(at, 'boot')).filter((name) => name.startsWith('vmlinuz-'));
  if (image === undefined)
    return { ok: false, why: `there is no kernel in ${at}: remove the folder, it will be fetched again` };
  const version = image.slice('vmlinuz-'.length);
  const modules = join(at, 'lib/modules', version);
  const paths = readdirSync(modules, { recursive: true, encoding: 'utf8' });
  return {
    ok: true,
    kernel: {
      image: join(at, 'boot', image),
      version,
      module: (name) => {
        const found = paths.find((path) => path.endsWith(`/${name}.ko`));
        if (found === undefined) throw new Error(`Debian's kernel ${version} has no module ${name}`);
        return join(modules, found);
      },
    },
  };
}

/** Why it could not be fetched. */
function fetchInto(cache: string, at: string): string | undefined {
  const depends = run('apt-cache', ['depends', meta], cache);
  const name = /Depends: (linux-image-\S+)/.exec(depends.stdout)?.[1];
  if (name === undefined) return `apt knows no ${meta}: apt-get update`;
  const folder = join(cache, `fetch-${process.pid}`);
  mkdirSync(folder);
  try {
    const got = run('apt-get', ['download', '-qq', name], folder);
    const [file] = readdirSync(folder).filter((each) => each.endsWith('.deb'));
    if (file === undefined) return `apt-get download ${name}: ${got.stderr.trim().slice(-300)}`;
    const unpacked = run('dpkg-deb', ['-x', file, 'kernel'], folder);
    if (unpacked.status !== 0) return `dpkg-deb -x ${file}: ${unpacked.stderr.trim()}`;
    // Another run may have been quicker.
    if (!existsSync(at)) renameSync(join(folder, 'kernel'), at);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], cwd: string) {
  return spawnSync(program, args, { cwd, encoding: 'utf8' });
}
