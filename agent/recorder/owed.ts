// What a card in trouble did not take is held in memory and written when it takes again: a card that is full, or read-only for a while, costs
// no event. A record whose name may be there already is written a second time; the hub knows events by their ids.
import type { DrainClass } from '../../protocol/manifest.ts';
import type { Draft, Stored } from '../spool.ts';

export interface Owed {
  /** As `Spool.append`; what it returns is what the card says now. */
  append(draft: Draft): Promise<Stored>;
  /** Does `work` now, or when the card takes again; a failure is thrown all the same. */
  attempt<T>(drainClass: DrainClass, work: () => Promise<T>): Promise<T>;
  /** Tries what is owed, alarms first, until the card refuses. Never throws. */
  pay(): Promise<void>;
  counts(): { readonly owed: number; readonly forgone: number };
}

/** An hour of a busy junction's events, or forty stills; what is least important goes first. */
const owedBytesMax = 4 * 1024 * 1024;
const owedMax = 1000;
/** What a record takes in memory beside its body. */
const restBytes = 2048;

interface Debt {
  readonly class: DrainClass;
  readonly bytes: number;
  /** False while the card refuses. */
  readonly pay: () => Promise<boolean>;
}

export function openOwed(append: (draft: Draft) => Promise<Stored>): Owed {
  let debts: readonly Debt[] = [];
  let paying: Promise<void> | undefined;
  const tally = { forgone: 0 };

  const owe = (debt: Debt) => {
    // Sorting keeps the order within a class.
    const all = [...debts, debt].sort((one, other) => one.class - other.class);
    let bytes = 0;
    debts = all.filter((each, index) => {
      bytes += each.bytes;
      return index < owedMax && bytes <= owedBytesMax;
    });
    tally.forgone += all.length - debts.length;
  };

  const payAll = async () => {
    for (let next = debts[0]; next !== undefined; next = debts[0]) {
      const debt = next;
      const paid = await debt.pay().catch(() => 'never' as const);
      if (paid === false) return;
      // What throws is no matter of the card and would be in the others' way for good.
      if (paid === 'never') tally.forgone += 1;
      debts = debts.filter((each) => each !== debt);
    }
  };

  return {
    append: async (draft) => {
      const stored = await append(draft);
      if (!stored.ok) {
        const pay = async () => (await append(draft)).ok;
        owe({ class: draft.class, bytes: restBytes + bodyBytes(draft), pay });
      }
      return stored;
    },
    attempt: async (drainClass, work) => {
      try {
        return await work();
      } catch (error) {
        // What has gone meanwhile stays gone; every other failure is the card's.
        const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        const pay = () =>
          work().then(
            () => true,
            (cause: unknown) => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT',
          );
        if (!isGone) owe({ class: drainClass, bytes: restBytes, pay });
        throw error;
      }
    },
    pay: () => {
      paying ??= payAll().finally(() => {
        paying = undefined;
      });
      return paying;
    },
    counts: () => ({ owed: debts.length, forgone: tally.forgone }),
  };
}

function bodyBytes({ body }: Draft): number {
  if (body === undefined) return 0;
  return 'sealed' in body ? body.sealed.length : body.plain.length;
}
