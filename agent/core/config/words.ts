// Words for people, kept with the field they describe: `matlang init` writes them as comments, Vietnamese first.
import * as z from 'zod';

export interface FieldWords {
  readonly vi: string;
  readonly en: string;
  /** For lists that begin empty: what an entry may look like, written as a comment. */
  readonly example?: unknown;
}
export const words = z.registry<FieldWords>();

/**
 * Registers the words and gives the schema back. A method called on it afterwards makes another schema, without words.
 * Throws when it has words already: two fields would get the same ones.
 */
export function told<T extends z.ZodType>(schema: T, vi: string, en: string, example?: unknown): T {
  if (words.has(schema)) throw new Error(`this schema already stands for "${words.get(schema)?.en}"; clone it`);
  words.add(schema, { vi, en, example });
  return schema;
}
