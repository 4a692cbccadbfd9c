// What a node and its hub have promised so far: whatever was acknowledged. A power cut must leave all of it true.
import type { Level } from '../../../protocol/manifest.ts';

export interface Promises {
  /** Names of records whose `append` returned ok. */
  readonly records: Set<string>;
  /** Names of segments whose `finish` returned ok and that no eviction has begun to look at since. */
  readonly inRing: Set<string>;
  /** Names of segments whose `pin` has returned. */
  readonly pinned: Map<string, Level>;
  /** `class/name` of what the outbox has called delivered, or set aside. */
  readonly left: Set<string>;
  /** Paths in the hub's archive that `put` has called stored. */
  readonly archived: Set<string>;
  /** Names of records that were sent although the card could not flush them: a card that refuses must not hold up an alarm. */
  readonly sentUnflushed: Set<string>;
  /** The highest boot counter given out, and every boot. */
  bootCounter: number;
  readonly boots: Set<string>;
  /** The signing key's public half once it was handed out. */
  publicKey: string | undefined;
  /** Texts that may be found as the last good configuration; one alone once it was acknowledged. None: it may be missing. */
  goodConfigs: readonly string[];
  configKept: boolean;
}

export const noPromises = (): Promises => ({
  records: new Set(),
  inRing: new Set(),
  pinned: new Map(),
  left: new Set(),
  archived: new Set(),
  sentUnflushed: new Set(),
  bootCounter: 0,
  boots: new Set(),
  publicKey: undefined,
  goodConfigs: [],
  configKept: false,
});

/** As of now; what is promised later does not change it. */
export const asOfNow = (promises: Promises): Promises => ({
  ...promises,
  records: new Set(promises.records),
  inRing: new Set(promises.inRing),
  pinned: new Map(promises.pinned),
  left: new Set(promises.left),
  archived: new Set(promises.archived),
  sentUnflushed: new Set(promises.sentUnflushed),
  boots: new Set(promises.boots),
});
