// Each record names the hash of the one before it, across boots: what is missing between two of them, and what was put in, shows.
import { bootCounter } from '../../protocol/identity.ts';
import { names } from '../chain.ts';
import type { Findings } from './findings.ts';

export interface ChainLink {
  readonly node: string;
  readonly boot: string;
  readonly seq: number;
  readonly sha256: string;
  /** Undefined where only a tombstone tells of it. */
  readonly prev: string | null | undefined;
}

/** How a run of missing numbers is told: `missing` in a set that should be whole, `gap` where others may lie elsewhere. */
export type Missing = 'missing-record' | 'gap';

/** `links` of one node, in any order. `missing` is asked for each boot: in the newest one a number may still be on its way. */
export function checkChain(
  links: readonly ChainLink[],
  missing: (boot: string, isNewest: boolean) => Missing,
  findings: Findings,
): void {
  const sorted = links.toSorted(
    (one, other) =>
      bootCounter(one.boot) - bootCounter(other.boot) || one.boot.localeCompare(other.boot) || one.seq - other.seq,
  );
  const newest = sorted.at(-1)?.boot;
  let before: ChainLink | undefined;
  const told = (boot: string, node: string, numbers: string) => {
    const code = missing(boot, boot === newest);
    if (code === 'gap') findings.note(code, `${node} ${boot}`, numbers);
    else findings.wrongAt(code, `${node} ${boot}`, numbers);
  };
  for (const link of sorted) {
    const { node, boot, seq } = link;
    if (before?.boot === boot && seq > before.seq + 1) told(boot, node, range(before.seq + 1, seq - 1));
    if (before?.boot !== boot && seq > 0) told(boot, node, range(0, seq - 1));
    if (before !== undefined && link.prev !== undefined && !names(link.prev, before.sha256)) {
      if (before.boot === boot && seq === before.seq + 1) findings.wrongAt('broken-link', `${node} ${boot}/${seq}`);
      // The last records of the boot before, or whole boots.
      if (before.boot !== boot && seq === 0) told(before.boot, node, `>${before.seq}`);
    }
    before = link;
  }
}

const range = (from: number, to: number): string => (from === to ? `${from}` : `${from}-${to}`);
