// When was it, and how sure is that? What a start of a node said about the time is weighed as the hub weighs it (retime.ts): a record that knew no
// time, or said one that its start later found wrong, gets it from another of the same start.

import { knownFrom, lineOf, type Saying } from '../retime.ts';
import type { HeldSince } from './held.ts';
import type { Item } from './records.ts';

export interface Moment {
  /** Of which event. */
  readonly node: string;
  readonly event: string;
  /** Unix ms, null where nothing tells. */
  readonly wallMs: number | null;
  /** The true moment lies no farther from `wallMs` than this. */
  readonly errorMs: number | null;
  /** `own`: the record says so itself; `re-timed`: another record of the same start does. */
  readonly by: 'own' | 're-timed' | 'unknown';
  /** What the record itself says, right or wrong. */
  readonly saidMs: number | null;
  /** No later than this, by the hub's signature. */
  readonly heldMs: number | null;
}

export function momentsOf(items: readonly Item[], since: HeldSince): Moment[] {
  const said = items.flatMap(({ entry }) => (entry.is === 'record' ? [{ entry, saying: sayingOf(entry, since) }] : []));
  const starts = Map.groupBy(said, ({ entry }) => `${entry.node} ${entry.boot}`);
  const lines = new Map([...starts].map(([start, its]) => [start, lineOf(its.map(({ saying }) => saying))]));
  return said.flatMap(({ entry, saying }): Moment[] => {
    const { event, time } = entry.manifest;
    if (event?.phase !== 'new') return [];
    const known = knownFrom(lines.get(`${entry.node} ${entry.boot}`), saying);
    const is = { node: entry.node, event: event.id, saidMs: time.wallMs, heldMs: since.get(entry.id) ?? null };
    if (known.by === 'stored') return [{ ...is, wallMs: null, errorMs: null, by: 'unknown' }];
    return [{ ...is, wallMs: known.atMs, errorMs: known.errorMs, by: known.by }];
  });
}

function sayingOf({ id, number, manifest }: RecordItem, since: HeldSince): Saying {
  const storedMs = since.get(id) ?? Number.POSITIVE_INFINITY;
  return { ...manifest.time, seq: number, storedMs, isAnchor: manifest.kind === 'anchor' };
}
type RecordItem = Extract<Item['entry'], { is: 'record' }>;
