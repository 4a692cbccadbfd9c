// When the hub was in touch with each node: without it nobody could say of a quiet hour whether the node was well.
import type { DeskStore } from './store.ts';

export interface Contact {
  /** The node is there. */
  here(node: string): void;
  /** It has gone, or the hub cannot know any more (undefined: of all nodes). */
  gone(node?: string): void;
  /** Spans of Unix ms that touch this one; one that goes on ends now. */
  spans(node: string, fromMs: number, toMs: number): Span[];
  close(): void;
}
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a crash costs at most. */
const writeEveryMs = 60_000;
const keptMs = 400 * 86_400_000;

export function openContact(store: DeskStore, wallMs: () => number): Contact {
  const open = new Map<string, number>();
  store.run('DELETE FROM contact WHERE to_ms < ?', wallMs() - keptMs);
  const write = (nodes: Iterable<[string, number]>) => {
    const toMs = wallMs();
    store.together(() => {
      for (const [node, fromMs] of nodes)
        store.run('INSERT OR REPLACE INTO contact VALUES (?, ?, ?)', node, fromMs, Math.max(fromMs, toMs));
    });
  };
  const timer = setInterval(() => write(open), writeEveryMs);
  timer.unref();
  return {
    here: (node) => {
      if (!open.has(node)) open.set(node, wallMs());
    },
    gone: (node) => {
      const ended = [...open].filter(([name]) => node === undefined || name === node);
      if (ended.length > 0) write(ended);
      for (const [name] of ended) open.delete(name);
    },
    spans: (node, fromMs, toMs) => {
      const sql =
        'SELECT from_ms AS fromMs, to_ms AS toMs FROM contact WHERE node = ? AND from_ms < ? AND to_ms > ? ORDER BY from_ms';
      const since = open.get(node);
      const written = store.all<Span>(sql, node, toMs, fromMs).filter((span) => span.fromMs !== since);
      return since === undefined || since >= toMs ? written : [...written, { fromMs: since, toMs: wallMs() }];
    },
    close: () => {
      clearInterval(timer);
      write(open);
    },
  };
}
