// Text to configuration, all faults at once.
import type { NodeConfig } from './schema.ts';

/** One fault: `file:line:col`, the path of the key, and the rule with the value that broke it. */
export interface ConfigFault {
  readonly at: string;
  readonly key: string;
  readonly text: string;
}
export type ConfigRead = { ok: true; config: NodeConfig } | { ok: false; faults: readonly ConfigFault[] };
