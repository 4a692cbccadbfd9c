// The nodes that belong to the commune: one public key file each, `<node>.pub`.
import { createPublicKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameSchema } from '../protocol/identity.ts';
import { readVerifyingKey, type VerifyingKey } from '../protocol/sign.ts';
import { limits } from './limits.ts';

export interface NodeKeys {
  /** Undefined for a node that is not of this commune. A file that came or went is noticed within `limits.keyAgeMs`. */
  of(node: string): Promise<VerifyingKey | undefined>;
  names(): Promise<string[]>;
}

/** `ownKey`, the hub's signing key in PEM, may have its public half in the same folder: that is no node. */
export function openNodeKeys(dir: string, ownKey: string, monoMs: () => number): NodeKeys {
  const own = spki(ownKey);
  const seen = new Map<string, { key: VerifyingKey | undefined; monoMs: number }>();

  const load = async (node: string): Promise<VerifyingKey | undefined> => {
    const pem = await readFile(join(dir, `${node}.pub`), 'utf8').catch(() => undefined);
    if (pem === undefined || spki(pem) === own) return undefined;
    return await readVerifyingKey(pem).catch(() => undefined);
  };

  const of = async (node: string): Promise<VerifyingKey | undefined> => {
    if (!nameSchema.safeParse(node).success) return undefined;
    const before = seen.get(node);
    // A stranger is looked for again sooner: a node that has just been let in should not wait.
    const ageMsMax = before?.key === undefined ? limits.keyAgeMs / 10 : limits.keyAgeMs;
    if (before !== undefined && monoMs() - before.monoMs < ageMsMax) return before.key;
    const key = await load(node);
    if (seen.size >= limits.strangers) seen.clear();
    seen.set(node, { key, monoMs: monoMs() });
    return key;
  };

  return {
    of,
    names: async () => {
      const files = await readdir(dir).catch(() => []);
      const names = files.filter((file) => file.endsWith('.pub')).map((file) => file.slice(0, -4));
      const keys = await Promise.all(names.map(of));
      return names.filter((_, index) => keys[index] !== undefined).sort();
    },
  };
}

/** The public key in DER, to compare; undefined where there is none to be found. */
function spki(pem: string): string | undefined {
  try {
    return createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64');
  } catch {
    return undefined;
  }
}
