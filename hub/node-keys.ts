// The nodes that belong to the commune: one public key file each, `<node>.pub`.
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

export function openNodeKeys(dir: string, monoMs: () => number): NodeKeys {
  const seen = new Map<string, { key: VerifyingKey | undefined; monoMs: number }>();

  const load = async (node: string): Promise<VerifyingKey | undefined> => {
    const pem = await readFile(join(dir, `${node}.pub`), 'utf8').catch(() => undefined);
    return pem === undefined ? undefined : await readVerifyingKey(pem).catch(() => undefined);
  };

  return {
    of: async (node) => {
      if (!nameSchema.safeParse(node).success) return undefined;
      const before = seen.get(node);
      // A stranger is looked for again sooner: a node that has just been let in should not wait.
      const ageMsMax = before?.key === undefined ? limits.keyAgeMs / 10 : limits.keyAgeMs;
      if (before !== undefined && monoMs() - before.monoMs < ageMsMax) return before.key;
      const key = await load(node);
      if (seen.size >= limits.strangers) seen.clear();
      seen.set(node, { key, monoMs: monoMs() });
      return key;
    },
    names: async () => {
      const files = await readdir(dir).catch(() => []);
      const names = files.filter((file) => file.endsWith('.pub')).map((file) => file.slice(0, -4));
      return names.filter((name) => nameSchema.safeParse(name).success).sort();
    },
  };
}
