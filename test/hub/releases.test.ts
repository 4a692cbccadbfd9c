// The hub hands its repository of releases to its own nodes, and to nobody else.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTrust } from '../../hub/trust/trust.ts';
import { type Commune, foundCommune, type JoinedNode } from '../support/commune.ts';

const test = suite<{ commune: Commune; node: JoinedNode; port: number }>('hub/releases');
const sha = 'ab'.repeat(32);
const file = `files/ab/${sha}.gz`;
test.before(async (context) => {
  context.commune = await foundCommune('embedded');
  const { releasesDir } = context.commune.config;
  await mkdir(join(releasesDir, 'files/ab'), { recursive: true });
  await mkdir(join(releasesDir, 'metadata'), { recursive: true });
  await mkdir(join(releasesDir, 'staged'), { recursive: true });
  await writeFile(join(releasesDir, file), '0123456789');
  await writeFile(join(releasesDir, 'metadata/timestamp.json'), '{}');
  await writeFile(join(releasesDir, 'staged/targets.json'), '{}');
  await symlink('/etc', join(releasesDir, 'targets'));
  await context.commune.start();
  context.node = await context.commune.join('mat-01');
  context.port = Number(context.node.membership.hubs[0]?.split(':').at(-1));
});
test.after(({ commune }) => commune.remove());

function get(port: number, path: string, own: Pick<RequestOptions, 'key' | 'cert'>, range?: string) {
  const headers = range === undefined ? {} : { range };
  return new Promise<{ status: number; text: string; range: string }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers, ...own, rejectUnauthorized: false, agent: false };
    const asked = request(options, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, text, range: answer.headers['content-range'] ?? '' }),
      );
    });
    asked.once('error', reject);
    asked.end();
  });
}
const ownOf = ({ membership: { tls } }: JoinedNode) => ({ key: tls, cert: tls });

test('a node reads a file, and goes on from where it broke off', async ({ node, port }) => {
  const own = ownOf(node);
  assert.is((await get(port, `/releases/${file}`, own)).text, '0123456789');
  const rest = await get(port, `/releases/${file}`, own, 'bytes=7-');
  assert.equal([rest.status, rest.text, rest.range], [206, '789', 'bytes 7-9/10']);
  assert.is((await get(port, `/releases/${file}`, own, 'bytes=10-')).status, 416);
  assert.is((await get(port, '/releases/metadata/timestamp.json', own)).status, 200);
});

test('nothing but what a repository has is served: no way out, no folder, nothing that waits for a signature', async ({
  node,
  port,
}) => {
  for (const path of [
    'metadata/../../key.txt',
    '../key.txt',
    '%2e%2e/key.txt',
    'staged/targets.json',
    'metadata/',
    'metadata/7.root.json',
    `files/ab/${sha}.gz/`,
    `files//ab/${sha}.gz`,
    'targets/passwd',
    '',
  ])
    assert.is((await get(port, `/releases/${path}`, ownOf(node))).status, 404, path);
});

test('without a certificate, with a foreign one, and after a revocation nothing is handed out', async ({
  commune,
  node,
  port,
}) => {
  const path = `/releases/${file}`;
  assert.is((await get(port, path, {})).status, 403);
  const strangers = await foundCommune('embedded');
  const stranger = await strangers.start().then(() => strangers.join('mat-01'));
  assert.is((await get(port, path, ownOf(stranger))).status, 403);
  await strangers.remove();
  const trust = await openTrust(commune.config.trustDir);
  trust?.roll.end('mat-01', 'revoked', 'stolen', Date.now());
  trust?.close();
  assert.is((await get(port, path, ownOf(node))).status, 403);
});

test.run();
