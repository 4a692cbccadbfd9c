// Which configuration a node runs on: the file, or the last one that was good. A bad new file never stops a running node.
import type { ConfigRead } from './read.ts';
import type { NodeConfig } from './schema.ts';

export type Choice =
  /** `keep`: it differs from the kept copy and shall replace it. */
  | { readonly use: 'file'; readonly config: NodeConfig; readonly keep: boolean }
  | { readonly use: 'last-good'; readonly config: NodeConfig }
  | { readonly use: 'none' };

/** `kept` is the copy of the last good file, undefined where there is none; `same` tells whether its bytes are the file's. */
export function choose(file: ConfigRead, kept: ConfigRead | undefined, same: boolean): Choice {
  if (file.ok) return { use: 'file', config: file.config, keep: !same };
  // A copy written by another release may not fit this one's rules: then there is nothing to go on with.
  return kept?.ok ? { use: 'last-good', config: kept.config } : { use: 'none' };
}
