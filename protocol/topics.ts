// MQTT topics: `matlang/1/<commune>/<node>/out/…` is written by that node alone, `…/in/…` is read by that node alone.
import { nameSchema } from './identity.ts';

export const root = (commune: string, node: string): string => `matlang/1/${commune}/${node}`;

/** A node's MQTT client id. */
export const clientIdOf = (commune: string, node: string): string => `matlang-${commune}-${node}`;

export const outTopics = ['status', 'vitals', 'record', 'reply', 'config'] as const;
export const inTopics = ['receipt', 'command'] as const;

/** Everything the hub listens to in its commune. */
export const hubSubscription = (commune: string): string => `matlang/1/${commune}/+/out/#`;
export const chunkTopic = (commune: string, node: string, id: string, index: number): string =>
  `${root(commune, node)}/out/chunk/${id}/${index}`;

export type OutTopic =
  | { node: string; what: (typeof outTopics)[number] }
  | { node: string; what: 'chunk'; id: string; index: number }
  | { node: string; what: 'live'; session: string };

/** Reads a topic a node published to. Undefined for any other topic. */
export function parseOutTopic(topic: string, commune: string): OutTopic | undefined {
  const parts = topic.split('/');
  const [product, version, itsCommune, node = '', direction, what] = parts;
  if (product !== 'matlang' || version !== '1' || itsCommune !== commune || direction !== 'out') return undefined;
  if (!nameSchema.safeParse(node).success) return undefined;
  const plain = outTopics.find((name) => name === what);
  if (plain !== undefined) return parts.length === 6 ? { node, what: plain } : undefined;
  if (what === 'chunk' && parts.length === 8) return parseChunk(node, parts[6] ?? '', parts[7] ?? '');
  if (what === 'live' && parts.length === 7) return { node, what, session: parts[6] ?? '' };
  return undefined;
}

function parseChunk(node: string, id: string, index: string): OutTopic | undefined {
  if (!/^[0-9a-f]{64}$/.test(id) || !/^\d{1,6}$/.test(index)) return undefined;
  return { node, what: 'chunk', id, index: Number(index) };
}
