// `sbom.json`: what a release is made of, in CycloneDX 1.6, for whoever has to know whether a published flaw concerns this commune's nodes.
// From what was bundled and copied, not from what was installed: a package that is in no file is not named. No date and no serial number, so that the same sources give the same bytes.
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

export const sbomName = 'sbom.json';

export interface Component {
  readonly name: string;
  readonly version: string;
  /** As its own manifest states it, an SPDX expression mostly; undefined where it states none. */
  readonly licence: string | undefined;
}

/** The folder below `node_modules` that a source file belongs to (`@scope/name` or `name`, nested ones by their whole path), undefined for the house's own. */
export function packageOf(input: string): string | undefined {
  const parts = input.split(sep);
  const at = parts.lastIndexOf('node_modules');
  const first = parts[at + 1];
  if (at === -1 || first === undefined) return undefined;
  return parts.slice(0, at + (first.startsWith('@') ? 3 : 2)).join(sep);
}

/** A package's name and version by its own manifest; throws where there is none, since a part without a version cannot be looked up. */
export async function componentIn(folder: string): Promise<Component> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const told = (key: string): string | undefined => {
    const value: unknown = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, key) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const [name, version] = [told('name'), told('version')];
  if (name === undefined || version === undefined)
    throw new Error(`${folder}/package.json must name the package and its version`);
  return { name, version, licence: told('license') };
}

/** `runtime` is the Node version that is shipped; undefined when the machine's own is used. */
export function writeSbom(release: string, parts: readonly Component[], runtime: string | undefined): string {
  const libraries = new Map(
    parts.map(({ name, version, licence }) => {
      // The purl specification: the scope's @ is percent-encoded, the slash is not.
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      const licences = licence === undefined ? {} : { licenses: [{ expression: licence }] };
      return [purl, { type: 'library', 'bom-ref': purl, name, version, ...licences, purl }];
    }),
  );
  const node =
    runtime === undefined
      ? []
      : [{ type: 'platform', 'bom-ref': 'node', name: 'node', version: runtime, purl: `pkg:generic/node@${runtime}` }];
  const sorted = [...libraries.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  return `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: { component: { type: 'firmware', 'bom-ref': 'release', name: 'matlang', version: release } },
      components: [...node, ...sorted],
    },
    undefined,
    1,
  )}\n`;
}
