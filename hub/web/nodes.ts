// How each node is, in figures; the page puts them into words.

import type { NodeRow } from '../catalog-read.ts';
import type { NodeChain } from '../chain.ts';
import { readVitals } from '../node-vitals.ts';
import type { Outlook } from '../retention/outlook.ts';
import type { Web } from './parts.ts';

export interface NodeView {
  readonly node: string;
  readonly title: string;
  /** `unknown`: it has a key here and has never been heard. */
  readonly state: 'online' | 'offline' | 'stopped' | 'unknown';
  /** When it last spoke, by the hub's clock. */
  readonly heardMs: number | null;
  readonly queue: {
    readonly events: number | null;
    readonly files: number;
    readonly oldestAgeMs: number | null;
  } | null;
  readonly camera: { readonly driver: string | null; readonly recipe: string | null } | null;
  readonly temperatureC: number | null;
  readonly still: { readonly url: string; readonly atMs: number } | null;
  readonly faults: readonly { readonly code: string; readonly text: string; readonly atMs: number }[];
  readonly chain: NodeChain;
  readonly release: string | null;
}
export interface NodesAnswer {
  readonly hubMs: number;
  /** False while the hub has no broker: then nobody knows how the nodes are. */
  readonly connected: boolean;
  /** How long the hub's disk will do; null before it was looked at. */
  readonly disk: Outlook | null;
  readonly nodes: readonly NodeView[];
  readonly hubFaults: readonly {
    readonly atMs: number;
    readonly node: string;
    readonly code: string;
    readonly text: string;
  }[];
}

/** Without `hasPictures` no still is named. */
export async function nodeViews(
  { keys, reader, isConnected, outlook, wallMs }: Web,
  hasPictures: boolean,
): Promise<NodesAnswer> {
  const rows = new Map(reader.nodes().map((row) => [row.node, row]));
  const names = await keys.names();
  return {
    hubMs: wallMs(),
    connected: isConnected(),
    disk: outlook() ?? null,
    nodes: names.map((node) => {
      const row = rows.get(node);
      return {
        ...spoken(node, row),
        still: hasPictures ? (reader.lastStill(node) ?? null) : null,
        faults: reader.standingFaults(node),
        chain: reader.chain(node),
      };
    }),
    hubFaults: reader.hubFaults(),
  };
}

function spoken(node: string, row: NodeRow | undefined): Omit<NodeView, 'still' | 'faults' | 'chain'> {
  const vitals = readVitals(row?.vitals ?? null);
  const { queue, camera } = vitals;
  return {
    node,
    title: row?.title ?? node,
    state: stateOf(row?.state ?? null),
    heardMs: row?.heard_ms ?? null,
    queue:
      queue === undefined ? null : { events: queue.events ?? null, files: queue.files, oldestAgeMs: queue.oldestAgeMs },
    camera: camera === undefined ? null : { driver: camera.driver ?? null, recipe: camera.recipe ?? null },
    temperatureC: vitals.board?.temperatureC ?? null,
    release: row?.release ?? null,
  };
}

/** `metered` or `unmetered`; undefined while it has not said. */
export const linkOf = ({ vitals }: NodeRow): string | undefined => readVitals(vitals).link?.kind;

function stateOf(state: string | null): NodeView['state'] {
  return state === 'online' || state === 'offline' || state === 'stopped' ? state : 'unknown';
}
