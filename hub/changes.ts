// Tells open pages what changed. Nothing waits for a page: one that does not read is told to load afresh.
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from './limits.ts';

export type Change =
  | { readonly is: 'event'; readonly node: string; readonly id: string }
  | { readonly is: 'nodes' }
  /** Somebody took something on. */
  | { readonly is: 'queue' }
  | { readonly is: 'reload' };

export interface Changes {
  tell(change: Change): void;
  /** How many have been told: as long as it stays, an answer of before is still true. */
  told(): number;
  /** Changes from now on, each once, gathered for `limits.changesEveryMs`. Undefined when too many pages are open. */
  follow(signal: AbortSignal): AsyncIterable<readonly Change[]> | undefined;
}

export function openChanges(): Changes {
  const pages = new Set<Page>();
  const count = { told: 0 };
  return {
    told: () => count.told,
    tell: (change) => {
      count.told += 1;
      for (const page of pages) page.tell(change);
    },
    follow: (signal) => {
      if (pages.size >= limits.pagesMax || signal.aborted) return undefined;
      const page = openPage();
      pages.add(page);
      signal.addEventListener('abort', () => {
        pages.delete(page);
        page.wake();
      });
      return page.changes(signal);
    },
  };
}

interface Page {
  tell(change: Change): void;
  wake(): void;
  changes(signal: AbortSignal): AsyncIterable<readonly Change[]>;
}

function openPage(): Page {
  const waiting = new Map<string, Change>();
  let rung = Promise.withResolvers<void>();
  const wake = () => rung.resolve();
  return {
    wake,
    tell: (change) => {
      if (waiting.size >= limits.changesPerPage) {
        waiting.clear();
        waiting.set('reload', { is: 'reload' });
      }
      if (!waiting.has('reload')) waiting.set(keyOf(change), change);
      wake();
    },
    changes: async function* (signal) {
      while (!signal.aborted) {
        await rung.promise;
        rung = Promise.withResolvers();
        const gathered = [...waiting.values()];
        waiting.clear();
        if (gathered.length > 0) yield gathered;
        // An abort ends the pause as well; the loop's condition sees it.
        await pause(limits.changesEveryMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

const keyOf = (change: Change): string => (change.is === 'event' ? `event ${change.node} ${change.id}` : change.is);
