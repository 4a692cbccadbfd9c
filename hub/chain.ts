// The chain of a node: every manifest names the hash of the one before it. Pure.
//
//   boot 1: 0 ─ 1 ─ 2 ─ 3    boot 2: 0 ─ 1 ─ … ─ 4
//                                        └ 2, 3 missing: one gap. Waiting while boot 2 is the newest, broken once a boot 3 is known.
//
// A record that the node gave up and named in a tombstone is not missing; only its own `prev` cannot be checked any more.
import { isSameHash } from '../protocol/identity.ts';

/**
 * One record as the chain sees it, in the order of `seq`. For one known from a tombstone only `prev` is undefined, and `sha256` may be no more
 * than the digits that stand in its file's name: a node that runs full does not read what it gives up.
 */
export interface Link {
  readonly seq: number;
  readonly sha256: string;
  readonly prev: string | null | undefined;
}

/** One boot, folded: its ends, and how many times the run from 0 to the last is interrupted. */
export interface BootChain {
  readonly boot: string;
  readonly firstPrev: string | null | undefined;
  readonly startsAtZero: boolean;
  readonly last: string;
  readonly lastSeq: number;
  /** Runs of missing numbers, the one before the first record included. */
  readonly missing: number;
  /** Neighbours of which the later does not name the earlier. */
  readonly mismatched: number;
}

export interface NodeChain {
  readonly state: 'linked' | 'waiting' | 'broken';
  readonly gaps: number;
}

/** Undefined for a boot without links. With `known` the fold goes on where that one ended: `links` are those after its last. */
export function foldBoot(boot: string, links: Iterable<Link>, known?: BootChain): BootChain | undefined {
  let first = known === undefined ? undefined : { prev: known.firstPrev, startsAtZero: known.startsAtZero };
  let before = known === undefined ? undefined : { seq: known.lastSeq, sha256: known.last };
  let missing = known?.missing ?? 0;
  let mismatched = known?.mismatched ?? 0;
  for (const link of links) {
    first ??= { prev: link.prev, startsAtZero: link.seq === 0 };
    if (before === undefined) missing += link.seq === 0 ? 0 : 1;
    else if (link.seq !== before.seq + 1) missing += 1;
    else if (link.prev !== undefined && !names(link.prev, before.sha256)) mismatched += 1;
    before = link;
  }
  if (first === undefined || before === undefined) return undefined;
  const { prev: firstPrev, startsAtZero } = first;
  return { boot, firstPrev, startsAtZero, last: before.sha256, lastSeq: before.seq, missing, mismatched };
}

/** `boots` oldest first. */
export function foldNode(boots: readonly BootChain[]): NodeChain {
  let gaps = 0;
  let broken = 0;
  boots.forEach((boot, index) => {
    const before = boots[index - 1];
    const isNewest = index === boots.length - 1;
    const seam = boot.startsAtZero && seamFails(before, boot) ? 1 : 0;
    gaps += boot.missing + boot.mismatched + seam;
    // In the newest boot a missing number may still be on its way; what names a wrong neighbour never mends.
    broken += boot.mismatched + (isNewest ? (before === undefined ? seam : 0) : boot.missing + seam);
  });
  return { state: broken > 0 ? 'broken' : gaps > 0 ? 'waiting' : 'linked', gaps };
}

/** The last records of the boot before may be missing, or a whole boot, or this is not the node's first boot at all. */
function seamFails(before: BootChain | undefined, boot: BootChain): boolean {
  if (boot.firstPrev === undefined) return false;
  return before === undefined ? boot.firstPrev !== null : !names(boot.firstPrev, before.last);
}

/** Either may be no more than the first digits: what only a tombstone tells of, and what a node could not read when it named it. */
export const names = (prev: string | null, sha256: string): boolean => prev !== null && isSameHash(prev, sha256);
