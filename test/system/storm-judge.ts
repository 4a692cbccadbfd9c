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
  /** Events that do not have one beginning and one end, clips that name a segment which is not there. */
  readonly broken: readonly string[];
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
    broken: each.flatMap(({ broken }) => broken),
    astray: each.flatMap(({ astray }) => astray),
  };
}

function judgeNode(dir: string, hubDir: string, node: StagedNode): Verdict {
  const atHub = findAll(join(hubDir, 'archive', node.id));
  const mine = new Map(findAll(join(node.dir, 'delivered')).map(({ name, sha256: hash }) => [name, hash]));
  const theirs = new Map(atHub.map(({ name, sha256: hash }) => [name, hash]));
  const acked = acknowledged(dir, node);
  const identities = atHub.map(
    ({ manifest }) =>
      `${manifest.kind === 'segment' ? 'segment' : 'record'} ${manifest.boot} ${manifest.seq ?? manifest.seg}`,
  );
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
    disordered: isInOrder(atHub.filter(({ manifest }) => manifest.kind !== 'segment')) ? [] : [node.id],
    broken: [...oddEvents(atHub), ...brokenClips(atHub)],
    astray: [...readdirSync(join(node.dir, 'quarantine')), ...[...theirs.keys()].filter((name) => !known.has(name))],
  };
}

function catalogued(hubDir: string, node: string): Set<string> {
  const db = lookIntoCatalog(join(hubDir, 'index.sqlite'));
  const rows =
    db
      ?.prepare('SELECT name FROM record WHERE node = ?1 UNION ALL SELECT name FROM segment WHERE node = ?1')
      .all(node) ?? [];
  db?.close();
  return new Set(rows.map(({ name }) => String(name)));
}

function oddEvents(atHub: readonly Found[]): string[] {
  const phases = atHub.flatMap(({ manifest }) => (manifest.kind === 'event' ? [eventOf(manifest)] : []));
  const ids = Map.groupBy(phases, ({ id }) => id);
  const count = (all: readonly { phase: string }[], phase: string) => all.filter((each) => each.phase === phase).length;
  return [...ids].flatMap(([id, all]) => {
    const [begun, over] = [count(all, 'new'), count(all, 'end')];
    return begun === 1 && over === 1 ? [] : [`${id}: ${begun} beginnings, ${over} ends`];
  });
}

const eventOf = (manifest: Found['manifest']) => manifest.event as { readonly id: string; readonly phase: string };

function brokenClips(atHub: readonly Found[]): string[] {
  const here = new Set(
    atHub.flatMap(({ manifest }) => (manifest.kind === 'segment' ? [`${manifest.boot} ${manifest.seg}`] : [])),
  );
  return atHub.flatMap(({ name, manifest }) => {
    const segments = (manifest.segments ?? []) as readonly { readonly boot: string; readonly seg: number }[];
    return segments.every(({ boot, seg }) => here.has(`${boot} ${seg}`)) ? [] : [`${name}: a segment is missing`];
  });
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

/** What its maker was told is there; footage that moves up a class is told a second time. */
export function acknowledged(dir: string, node: StagedNode): string[] {
  try {
    return [...new Set(readFileSync(ackedPath(dir, node), 'utf8').split('\n').slice(0, -1))];
  } catch {
    // It has not said anything yet.
    return [];
  }
}
