// What a backup of a hub is made of.
//   archive/ audit/ conflicts/ holds/   as they lie in the data folder: signed, pictures sealed; only what is new is copied
//   databases/<number>.age              a snapshot of each (index, roll of nodes, accounts), sealed to the hub and the escrow key
//   secrets.age                         configuration, keys, CA, accounts: all else, under a passphrase (age's scrypt)
//   secrets-escrow.age                  the same, sealed to the escrow key alone: the safe is enough to bring a hub back
//   backup.json                         when it was finished
// All four kinds open with Debian's age.
import { isAbsolute, join, relative } from 'node:path';
import * as z from 'zod';
import type { HubConfig } from '../config.ts';

export const copied = ['archive', 'audit', 'conflicts', 'holds'] as const;
/** On its way or only of this moment. */
const passing = ['incoming', 'tmp', 'snapshots'] as const;

export const backupNames = {
  databases: 'databases',
  secrets: 'secrets.age',
  forEscrow: 'secrets-escrow.age',
  done: 'backup.json',
} as const;

export const databasePath = (backup: string, number: number): string =>
  join(backup, backupNames.databases, `${number}.age`);

/** Keys of hub.yaml that name a file or a folder. */
export const pathKeys = ['dataDir', 'keysDir', 'trustDir', 'signingKey', 'unsealKey'] as const;
export type PathKey = (typeof pathKeys)[number];

/** A hub of an earlier version may not have all of them. */
export function pathOf(config: HubConfig, key: PathKey): string | undefined {
  const value: unknown = Reflect.get(config, key);
  return typeof value === 'string' ? value : undefined;
}

export const isBelow = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
};

/** Copied otherwise, or not at all: the escrow key belongs in a safe, not beside what it opens. */
export function isElsewhere(path: string, config: HubConfig): boolean {
  const inData = [...copied, ...passing].some((name) => isBelow(path, join(config.dataDir, name)));
  const isLock = /(?:^|\/)lock\.sqlite$/.test(path);
  return inData || isLock || /\.sqlite-(?:wal|shm|journal)$/.test(path) || /(?:^|\/)escrow\.txt$/.test(path);
}

/** A file that changes under the reader: a snapshot is made of it. */
export const isDatabase = (path: string): boolean => path.endsWith('.sqlite');

const pathSchema = z
  .string()
  .max(500)
  .refine((path) => !isAbsolute(path) && !path.split('/').includes('..'), 'must be a path within');

export const secretsSchema = z.strictObject({
  v: z.literal(1),
  /** The configuration's name, and the folder in which it lay. */
  config: pathSchema,
  home: z.string().max(1000),
  files: z
    .array(
      z.strictObject({
        /** Below the configuration's folder, or below what this key of the configuration names. */
        of: z.enum(['config', ...pathKeys]),
        /** Empty where the key names the file itself. */
        path: pathSchema,
        mode: z.number().int().min(0).max(0o777),
        base64: z.string(),
      }),
    )
    .max(20_000),
  /** What lies in `databases/`, by number. */
  databases: z.array(z.strictObject({ of: z.enum(['config', ...pathKeys]), path: pathSchema })).max(100),
});
export type Secrets = z.infer<typeof secretsSchema>;
