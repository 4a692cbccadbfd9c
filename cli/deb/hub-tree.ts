// The hub runs as it is written, file by file, but for the types: its sources and production packages, without what only a node or a developer needs.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packagesIn } from './sbom.ts';
import { putFile, putFolder, putText } from './tree.ts';

const rooms = ['protocol', 'hal', 'agent', 'ota', 'hub', 'cli'];
const wantedFile = /\.(ts|js|mjs|css|html|svg|png|webp|woff2|json|yaml|jpg)$/;
/** Native parts of a node, and the runtime, which has its own place. */
const notOurs =
  /^(node-linux-.*|onoff|epoll|nan|bindings|file-uri-to-path|lodash\.debounce|@picovoice\/.*|@matlang\/.*|@types\/.*)$/;
const junk = /(^|\/)(test|tests|example|examples|docs|\.[^/]*)(\/|$)|\.(map|md|ts|cts|mts|flow|html)$/;

export async function hubPackages(checkout: string, nodeModules: string): Promise<readonly string[]> {
  const lock = await readFile(join(checkout, 'package-lock.json'), 'utf8');
  const { packages }: { packages: Record<string, { dev?: boolean }> } = JSON.parse(lock);
  const installed = await packagesIn(nodeModules);
  // A checkout's own folder holds a developer's tools, too.
  return installed.filter((name) => !notOurs.test(name) && packages[`node_modules/${name}`]?.dev !== true);
}

export async function putHubSources(checkout: string, staged: string, target: string): Promise<void> {
  for (const room of rooms)
    await putFolder(
      join(checkout, room),
      join(target, room),
      (path) => !path.includes('node_modules') && (!/\.[a-z0-9]+$/.test(path) || wantedFile.test(path)),
    );
  await typesOff(target);
  await putFolder(join(checkout, 'systemd/kit'), join(target, 'systemd/kit'));
  await putFile(join(checkout, 'package.json'), join(target, 'package.json'));
  const modules = join(staged, 'node_modules');
  for (const name of await hubPackages(checkout, modules)) {
    await putFolder(join(modules, name), join(target, 'node_modules', name), (path) => !junk.test(path));
  }
  await putText(hubProgram, join(target, 'bin/matlang'));
}

/** `…/x.ts` in quotes, as imports and the addresses of children have it. */
const sibling = /(['"`])(\.{1,2}\/[^'"`\n]*)\.ts\1/g;

async function typesOff(target: string): Promise<void> {
  const { transform } = await import('esbuild');
  for (const name of await readdir(target, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const path = join(target, name);
    const { code } = await transform(await readFile(path, 'utf8'), { loader: 'ts', target: 'esnext' });
    await putText(code.replace(sibling, '$1$2.js$1'), path.replace(/\.ts$/, '.js'));
    await rm(path);
  }
}

/**
 * Types are taken off here: Node would do it with WebAssembly at each start. In the lab, whose processor has memory protection keys, starts had ended now and then with `Check failed:
 * it->second.Size() > offset`, once with a segmentation fault: what is told of V8's list of pages with code (nodejs/node issue 64500), where such code is compiled a second time beside
 * its use. What WebAssembly is left (Node's own fetch) is compiled once, and without the keys. That this ends it is not proven: the failure could not be had at will.
 */
const steady = '--no-wasm-tier-up --no-memory-protection-keys';

const hubProgram = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/../runtime/node" ${steady} "$here/../cli/main.js" "$@"
`;
