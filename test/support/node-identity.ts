// A node and its hub with keys of their own, for tests that sign, seal and open for real.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { makeSigningKey, readSigner } from '../../agent/identity.ts';
import type { Maker } from '../../agent/spool.ts';
import { disk } from '../../hal/disk.ts';
import { opener } from '../../protocol/open.ts';
import { readVerifyingKey, type VerifyingKey } from '../../protocol/sign.ts';

export interface TestNode {
  readonly dir: string;
  readonly dataDir: string;
  readonly identityDir: string;
  readonly maker: Maker;
  readonly verifyingKey: VerifyingKey;
  /** What the hub would do with a sealed body. */
  open(sealed: Uint8Array): Promise<Uint8Array>;
  remove(): Promise<void>;
}

export async function makeTestNode(): Promise<TestNode> {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-test-'));
  const identityDir = join(dir, 'identity');
  const publicKey = await makeSigningKey(disk, identityDir);
  const identity = await generateX25519Identity();
  await writeFile(join(identityDir, 'recipients.txt'), `${await identityToRecipient(identity)}\n`);
  const { signingKey, sealer } = await readSigner(disk, identityDir);
  return {
    dir,
    dataDir: join(dir, 'data'),
    identityDir,
    maker: { commune: 'xa-thu', node: 'mat-01', config: '0'.repeat(64), release: '0.0.0', signingKey, sealer },
    verifyingKey: await readVerifyingKey(publicKey),
    open: (sealed) => opener(identity).open(sealed),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
