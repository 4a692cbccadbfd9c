// After the storm: what the nodes have and what the hub has, file by file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StagedNode } from '../../cli/demo/stage.ts';
import { lookIntoCatalog } from '../../hub/catalog.ts';
import { foldBoot, foldNode, type Link } from '../../hub/chain.ts';
import { sha256 } from '../../protocol/sign.ts';
import { type Found, findAll } from './outsider.ts';

export interface Verdict {
  readonly records: number;
  readonly acknowledged: number;
  /** Acknowledged or on a node, and not at the hub with the same bytes. */
  readonly lost: readonly string[];
  /** At the hub under the same identity more than once, or there and nowhere on a node. */
  readonly twice: readonly string[];
  /** Nodes whose chain at the hub is not whole and in order. */
  readonly disordered: readonly string[];
  /** Set aside as damaged by a node, or in the archive and not in the hub's catalogue. */
  readonly astray: readonly string[];
}

export function judge(dir: string, hubDir: string, staged: readonly StagedNode[]): Verdict {
  const each = staged.map((node) => judgeNode(dir, hubDir, node));
  return {
    records: each.reduce((sum, { records }) => sum + records, 0),
    acknowledged: each.reduce((sum, found) => sum + found.acknowledged, 0),
    lost: each.flatMap(({ lost }) => lost),
    twice: each.flatMap(({ twice }) => twice),
    disordered: each.flatMap(({ disordered }) => disordered),
    astray: each.flatMap(({ astray }) => astray),
  };
}

function judgeNode(dir: string, hubDir: string, node: StagedNode): Verdict {
  const atHub = findAll(join(hubDir, 'archive', node.id));
  const mine = new Map(findAll(join(node.dir, 'delivered')).map(({ name, sha256: hash }) => [name, hash]));
  const theirs = new Map(atHub.map(({ name, sha256: hash }) => [name, hash]));
  const acked = acknowledged(dir, node);
  const identities = atHub.map(({ manifest }) => `${manifest.boot} ${manifest.seq}`);
  const known = catalogued(hubDir, node.id);
  return {
    records: mine.size,
    acknowledged: acked.length,
    lost: [
      ...acked.filter((name) => !theirs.has(name)),
      ...[...mine].filter(([name, hash]) => theirs.get(name) !== hash).map(([name]) => name),
    ],
    twice: [
      ...identities.filter((identity, index) => identities.indexOf(identity) !== index),
      ...[...theirs.keys()].filter((name) => !mine.has(name)),
    ],
    disordered: isInOrder(atHub) ? [] : [node.id],
    astray: [...readdirSync(join(node.dir, 'quarantine')), ...[...theirs.keys()].filter((name) => !known.has(name))],
  };
}

function catalogued(hubDir: string, node: string): Set<string> {
  const db = lookIntoCatalog(join(hubDir, 'index.sqlite'));
  const rows = db?.prepare('SELECT name FROM record WHERE node = ?').all(node) ?? [];
  db?.close();
  return new Set(rows.map(({ name }) => String(name)));
}

/** Each boot's numbers without a gap, each naming the one before it, across boots. */
function isInOrder(atHub: readonly Found[]): boolean {
  const boots = Map.groupBy(atHub, ({ manifest }) => String(manifest.boot));
  const chains = [...boots]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(
      ([boot, records]) =>
        foldBoot(
          boot,
          records.map(linkOf).sort((one, other) => one.seq - other.seq),
        ) ?? [],
    );
  const { state, gaps } = foldNode(chains);
  return state === 'linked' && gaps === 0;
}

const linkOf = ({ manifest, jws }: Found): Link => ({
  seq: Number(manifest.seq),
  sha256: sha256(jws),
  prev: manifest.prev as string | null,
});

export const ackedPath = (dir: string, node: StagedNode): string => join(dir, `acked-${node.id}`);

/** What its maker was told is there. */
export function acknowledged(dir: string, node: StagedNode): string[] {
  try {
    return readFileSync(ackedPath(dir, node), 'utf8').split('\n').slice(0, -1);
  } catch {
    // It has not said anything yet.
    return [];
  }
}
