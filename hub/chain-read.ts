// A node's chain of records, folded from the catalogue's rows and kept.
import type { DatabaseSync } from 'node:sqlite';
import { type BootChain, foldBoot, foldNode, type Link, type NodeChain } from './chain.ts';

export interface ChainReader {
  chain(node: string): NodeChain;
  /** A record came: what lies after the known end is folded on, one that fills a gap has its boot folded again. */
  chainGrew(node: string, boot: string, seq: number): void;
  /** These boots' chains are folded again when next asked for. */
  forgetChain(node: string, boots: readonly string[]): void;
}

/** A node's boots, each found by one look into an index: a node has few, with many records each. */
const bootsOf = (table: 'record' | 'gone') => `SELECT boot FROM (WITH RECURSIVE each (boot) AS (
  SELECT min(boot) FROM ${table} WHERE node = ?1
  UNION ALL SELECT (SELECT min(boot) FROM ${table} WHERE node = ?1 AND boot > each.boot) FROM each WHERE each.boot IS NOT NULL
) SELECT boot FROM each WHERE boot IS NOT NULL)`;

/** Records that come at once are stored in any order: so many of a boot's last ones are folded anew each time. */
const unsettled = 64;

interface Folded {
  /** All but the last few. */
  settled: BootChain | undefined;
  chain: BootChain | undefined;
  grew: boolean;
}

/** Folded boots are kept: asking again costs only what came since. */
export function chainReader(db: DatabaseSync): ChainReader {
  const folded = new Map<string, Folded>();
  const boots = db.prepare(`${bootsOf('record')} UNION ${bootsOf('gone')} ORDER BY boot`);
  const links =
    db.prepare(`SELECT seq, sha256, prev, 1 AS here FROM record WHERE node = ?1 AND boot = ?2 AND seq > ?3 UNION ALL
    SELECT seq, sha256, NULL, 0 FROM gone g WHERE node = ?1 AND boot = ?2 AND seq > ?3
      AND NOT EXISTS (SELECT 1 FROM record r WHERE r.node = g.node AND r.boot = g.boot AND r.seq = g.seq) ORDER BY seq`);
  const settle = (boot: string, known: BootChain | undefined, rows: Iterable<Link>) => {
    const tail: Link[] = [];
    let settled = known;
    for (const link of rows) {
      tail.push(link);
      if (tail.length >= 2 * unsettled) settled = foldBoot(boot, tail.splice(0, unsettled), settled);
    }
    return { settled, chain: foldBoot(boot, tail, settled), grew: false };
  };
  const foldOf = (node: string, boot: string) => {
    const key = `${node}/${boot}`;
    const known = folded.get(key);
    if (known !== undefined && !known.grew) return known.chain;
    const rows = linksOf(links.iterate(node, boot, known?.settled?.lastSeq ?? -1));
    const made = settle(boot, known?.settled, rows);
    folded.set(key, made);
    return made.chain;
  };
  return {
    chain: (node) => {
      const names = boots.all(node).map((row) => String(row.boot));
      return foldNode(names.map((boot) => foldOf(node, boot)).filter((boot) => boot !== undefined));
    },
    chainGrew: (node, boot, seq) => {
      const known = folded.get(`${node}/${boot}`);
      if (known === undefined) return;
      known.grew = true;
      if (seq <= (known.settled?.lastSeq ?? -1)) folded.delete(`${node}/${boot}`);
    },
    forgetChain: (node, boots) => {
      for (const boot of boots) folded.delete(`${node}/${boot}`);
    },
  };
}

function* linksOf(rows: Iterable<Record<string, unknown>>): Iterable<Link> {
  for (const row of rows) {
    const prev = row.prev === null ? null : String(row.prev);
    yield { seq: Number(row.seq), sha256: String(row.sha256), prev: row.here === 1 ? prev : undefined };
  }
}
