// Which file imports which, and the rules of the house about it: imports point up the list of rooms, hal is reached by type only, no cycles.
import { dirname, normalize } from 'node:path';

export interface Import {
  readonly from: string;
  /** Path below the root for the house's own files, the bare name for packages. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Static and dynamic imports, re-exports and `typeof import()` of one source text; `file` is its path below the root. */
export function importsOf(file: string, source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const fixed = code.matchAll(/^(?:import|export)\s+(type\s+)?([^;='"]*?)\s*(?:from\s*)?['"]([^'"\n]+)['"]/gm);
  const dynamic = code.matchAll(/(typeof\s+)?\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g);
  return [
    ...[...fixed].map(([, type, names = '', to = '']) => ({ to, typeOnly: type !== undefined || onlyTypes(names) })),
    ...[...dynamic].map(([, type, to = '']) => ({ to, typeOnly: type !== undefined })),
  ].map(({ to, typeOnly }) => ({
    from: file,
    to: to.startsWith('.') ? normalize(`${dirname(file)}/${to}`) : to,
    typeOnly,
  }));
}

/** `{ type A, type B }` imports no value. */
function onlyTypes(names: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  const list =
    inner
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '') ?? [];
  return list.length > 0 && list.every((name) => name.startsWith('type '));
}

/** Rooms from the top of the house down, and the rooms each may use beside its own. Type-only use of hal is everyone's. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  hal: [],
  'agent/core': ['protocol'],
  agent: ['protocol', 'agent/core'],
  'agent/recorder': ['protocol', 'agent/core', 'agent'],
  'agent/uplink': ['protocol', 'agent/core', 'agent'],
  ota: ['protocol', 'agent/core', 'agent'],
  hub: ['protocol', 'agent/core', 'agent'],
};
/** They may import all. */
const ground = ['cli', 'test'];

export function roomOf(path: string): string | undefined {
  const names = [...Object.keys(rooms), ...ground].sort((a, b) => b.length - a.length);
  return names.find((name) => path.startsWith(`${name}/`));
}

/** Doors open devices: `main.ts`, and the `…-main.ts` and `…-child.ts` of processes of their own. */
const isDoor = (path: string): boolean => /(^|[/-])(main|child)\.ts$/.test(path);

/** One sentence for each import that points the wrong way. */
export function wrongWays(imports: readonly Import[]): string[] {
  return imports.flatMap((each) => {
    const why = wrong(each);
    return why === undefined ? [] : [`${each.from} imports ${each.to}: ${why}`];
  });
}

function wrong({ from, to, typeOnly }: Import): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === undefined || ground.includes(here)) return undefined;
  if (there === undefined) return here === 'agent/core' ? impure(to) : undefined;
  if (here === there) return undefined;
  if (here === 'hal') return 'hal imports nothing of the house';
  if (there === 'hal') {
    if (here === 'protocol') return 'protocol knows nobody';
    if (here === 'agent/core' && to !== 'hal/ports.ts') return 'agent/core knows hal/ports.ts only';
    return typeOnly || (isDoor(from) && here !== 'agent/core')
      ? undefined
      : 'hal is reached by `import type` outside cli/ and mains';
  }
  return rooms[here]?.includes(there) ? undefined : `${here} may not use ${there}`;
}

/** Thought is pure: packages that compute are welcome, the world is not. */
function impure(to: string): string | undefined {
  return to.startsWith('node:') ? 'agent/core is pure' : undefined;
}

/** Each cycle once, as the files along it. */
export function cycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[][] = [];
  const walk = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) found.push(trail.slice(at));
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) walk(to, [...trail, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return found;
}
