// What is inside, for those who must know: CycloneDX 1.6, without times or serial numbers, so that it is the same whenever it is made.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: unknown;
}

/** Every package below `nodeModules` that `wanted` names, and the runtime. */
export async function sbom(
  name: string,
  version: string,
  nodeModules: string,
  wanted: (name: string) => boolean,
): Promise<string> {
  const components: object[] = [];
  for (const each of await packagesIn(nodeModules)) {
    const path = join(nodeModules, each, 'package.json');
    if (!wanted(each) || !existsSync(path)) continue;
    const manifest: Manifest = JSON.parse(await readFile(path, 'utf8'));
    const id = `pkg:npm/${each.replace('@', '%40')}@${manifest.version ?? ''}`;
    components.push({
      type: each.startsWith('node-linux-') ? 'platform' : 'library',
      'bom-ref': id,
      name: each,
      version: manifest.version ?? '',
      purl: id,
      ...(typeof manifest.license === 'string' ? { licenses: [{ expression: manifest.license }] } : {}),
    });
  }
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': name, name, version } },
    components,
  };
  return `${JSON.stringify(bom, undefined, 1)}\n`;
}

/** Names, scoped ones too, sorted. */
export async function packagesIn(nodeModules: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(nodeModules)) {
    if (entry.startsWith('.')) continue;
    if (!entry.startsWith('@')) names.push(entry);
    else for (const inner of await readdir(join(nodeModules, entry))) names.push(`${entry}/${inner}`);
  }
  return names.sort();
}
