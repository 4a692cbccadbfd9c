// npm packages that cannot be bundled (native parts): each with all it needs, as files of the release.
import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface Package {
  readonly name: string;
  /** Left out where it is not installed. */
  readonly optional: boolean;
}

/** Copies the packages and their dependencies from one flat `node_modules` into another; the names copied, sorted. Throws when one that is needed is absent. */
export async function copyPackages(
  wanted: readonly Package[],
  from: string,
  to: string,
  arch: string,
): Promise<string[]> {
  const waiting = [...wanted];
  const copied = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, optional } = next;
    if (copied.has(name)) continue;
    const folder = join(from, name);
    if (!existsSync(folder)) {
      if (optional) continue;
      throw new Error(`package ${name} must be installed in ${from}`);
    }
    copied.add(name);
    await cp(folder, join(to, name), {
      recursive: true,
      dereference: true,
      filter: (path) => isWanted(path.slice(folder.length), arch),
    });
    waiting.push(...(await needsOf(folder)));
  }
  return [...copied].sort();
}

async function needsOf(folder: string): Promise<Package[]> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const named = (key: string, optional: boolean): Package[] => {
    const found: unknown = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, key) : undefined;
    return typeof found === 'object' && found !== null ? Object.keys(found).map((name) => ({ name, optional })) : [];
  };
  // An optional dependency stands among the plain ones, too, in some manifests.
  const optional = named('optionalDependencies', true);
  const needed = named('dependencies', false).filter(({ name }) => !optional.some((one) => one.name === name));
  return [...needed, ...optional];
}

/** Tests and examples, other systems' binaries, and what only a compiler reads. */
const leftOut = [
  'test',
  'tests',
  'integration-test',
  'example',
  'examples',
  'docs',
  'tools',
  'obj.target',
  'mac',
  'windows',
];
/** Folders of prebuilt parts for one machine, as the keyword engine names them. */
const machineOf: Readonly<Record<string, RegExp>> = {
  x64: /^(x86_64|amd64)$/,
  arm64: /^(arm64|aarch64|cortex-.*-aarch64)$/,
};

function isWanted(path: string, arch: string): boolean {
  const parts = path.split(sep);
  const isOthers = (part: string) =>
    /^(x86_64|amd64|arm64|aarch64|cortex-.*)$/.test(part) && machineOf[arch]?.test(part) !== true;
  // What begins with a dot is a tool's own settings.
  if (parts.some((part) => leftOut.includes(part) || part.startsWith('.') || isOthers(part))) return false;
  return !/\.(md|map|ts|o|d|mk|gypi|cc|h)$/.test(path);
}
