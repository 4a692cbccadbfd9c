// Names that node and hub use for one another and for what they exchange.
import * as z from 'zod';

/** Commune and node names: they stand in topics, file names and signatures, so only `a-z 0-9 -`, 1 to 32 characters. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/,
    'must be 1 to 32 of a-z, 0-9 and -, beginning and ending with a letter or digit',
  );

/**
 * One start of a recorder: a counter kept on disk (6 digits, so that names sort by age) and 4 random bytes in hex
 * (so that two cards with the same counter are told apart), as in `000017.9f3a2c1d`.
 */
export const bootSchema = z.string().regex(/^\d{6}\.[0-9a-f]{8}$/, 'must look like 000017.9f3a2c1d');
export type Boot = z.infer<typeof bootSchema>;

/** SHA-256 in lower-case hex. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lower-case hex digits');

/** A SHA-256 as one that points at it names it: whole, or its first 16 digits, those that stand in a file's name, where the file itself could not be read. */
export const namedHashSchema = z
  .string()
  .regex(/^[0-9a-f]{16}(?:[0-9a-f]{48})?$/, 'must be a SHA-256 in 64 lower-case hex digits, or its first 16');

/** Do both mean the same hash, where either may be cut to its first digits? */
export const isSameHash = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

export function bootCounter(boot: Boot): number {
  return Number(boot.slice(0, 6));
}
