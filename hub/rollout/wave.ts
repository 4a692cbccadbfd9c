// A release on its way to the nodes of a commune, ring after ring, as a pure machine: what was decided and what is seen go in, what is decided now and whom to tell
// come out. No I/O and no clock.
//
//             settled, quiet for quietMs, each roll-back looked into
//   bench ─────────────────────────────▶ canary ───▶ tenth ───▶ rest ───▶ done
//     │                                     │          │          │
//     └──────── second roll-back, or a technician's word ─────────┴─────▶ stopped
//
// INVARIANTS
//   a node is told only when its ring is open, and nobody is told any more once the wave is stopped
//   a ring opens only after the one before was settled without a break for quietMs

export const rings = ['bench', 'canary', 'tenth', 'rest'] as const;
export type Ring = (typeof rings)[number];

/**
 * `waiting`: for its ring · `due`: its ring is open, it has not been reached · `told`: it has answered that it will · `refused`: it cannot, or could not ·
 * `proven`: it runs the release and keeps it · `rolled-back`: it tried, and runs the old one again.
 */
export const standings = ['waiting', 'due', 'told', 'refused', 'proven', 'rolled-back'] as const;
export type Standing = (typeof standings)[number];

export interface WaveNode {
  readonly node: string;
  readonly ring: Ring;
  readonly standing: Standing;
  /** Since when it stands so. */
  readonly sinceMs: number;
  /** When it was last told. */
  readonly toldMs: number | null;
  /** What the node itself said of it: a refusal, the reasons of a roll-back. */
  readonly text: string;
}

export interface Wave {
  readonly release: string;
  readonly quietMs: number;
  readonly is: 'going' | 'done' | 'stopped';
  /** The last ring that is open. */
  readonly ring: Ring;
  /** Since when that ring is settled; null while it is not. */
  readonly settledMs: number | null;
  /** Nodes whose roll-back a technician has looked into: the wave may go on all the same. */
  readonly lookedInto: readonly string[];
  /** Why it was stopped. */
  readonly why: string;
  readonly nodes: readonly WaveNode[];
}

/** A node as the hub sees it. */
export interface NodeSeen {
  readonly node: string;
  readonly online: boolean;
  /** What it runs; null while it has never said. */
  readonly release: string | null;
  /** Its recorder itself says that it runs this release and will not go back by itself. Not saying so is no proof. */
  readonly isKept: boolean;
  /** The last release that it went back from. */
  readonly back: { readonly release: string; readonly why: string } | null;
  /** The release that it could not install when it last tried, and one word why. */
  readonly refused: { readonly release: string; readonly why: string } | null;
}

/** So many roll-backs stop a wave for good. */
export const rollBacksMax = 2;
/** A node that has not moved is told again: it may have lost its power in between. */
const tellAgainMs = 3_600_000;

export interface Planned {
  readonly bench: readonly string[];
  /** Undefined: the first node that is online. */
  readonly canary: string | undefined;
}

/** Which node is in which ring. The tenth is picked by `order` (lowest first), so that it is not always the same villagers who go first. */
export function beginWave(
  words: Pick<Wave, 'release' | 'quietMs'>,
  { bench, canary }: Planned,
  seen: readonly NodeSeen[],
  order: (node: string) => string,
  nowMs: number,
): Wave {
  const others = seen.filter(({ node }) => !bench.includes(node));
  const first = canary ?? others.find(({ online }) => online)?.node ?? others[0]?.node;
  const left = others
    .map(({ node }) => node)
    .filter((node) => node !== first)
    .sort((one, other) => (order(one) < order(other) ? -1 : 1));
  const tenth = new Set(left.slice(0, Math.ceil(seen.length / 10)));
  const ringOf = (node: string): Ring => {
    if (bench.includes(node)) return 'bench';
    if (node === first) return 'canary';
    return tenth.has(node) ? 'tenth' : 'rest';
  };
  const nodes = seen.map(({ node }) => newcomer(node, ringOf(node), nowMs));
  const ring = nodes.some((one) => one.ring === 'bench') ? 'bench' : 'canary';
  return { ...words, is: 'going', ring, settledMs: null, lookedInto: [], why: '', nodes };
}

/** `tell`: nodes that are to install the release now. */
export function step(before: Wave, seen: readonly NodeSeen[], nowMs: number): { wave: Wave; tell: readonly string[] } {
  if (before.is !== 'going') return { wave: before, tell: [] };
  const by = new Map(seen.map((one) => [one.node, one]));
  const known = new Set(before.nodes.map(({ node }) => node));
  const all = [
    // A node that was withdrawn is waited for no longer; what became of it stays written.
    ...before.nodes.filter(({ node, standing }) => by.has(node) || standing === 'proven' || standing === 'rolled-back'),
    ...seen.filter(({ node }) => !known.has(node)).map(({ node }) => newcomer(node, 'rest', nowMs)),
  ];
  const looked = { ...before, nodes: all.map((node) => look(node, by.get(node.node), before, nowMs)) };
  const backs = rolledBack(looked);
  if (backs.length >= rollBacksMax)
    return { wave: { ...looked, is: 'stopped', why: `rolled back: ${backs.join(', ')}` }, tell: [] };
  const wave = open({ ...looked, settledMs: settled(looked, by) ? (before.settledMs ?? nowMs) : null }, nowMs);
  const due = wave.nodes.filter(
    ({ node, standing, toldMs }) =>
      ['due', 'told', 'refused'].includes(standing) &&
      by.get(node)?.online === true &&
      (toldMs === null || nowMs - toldMs >= tellAgainMs || nowMs < toldMs),
  );
  return { wave, tell: wave.is === 'going' ? due.map(({ node }) => node) : [] };
}

/** What a node answered. One that was not reached stays due, and is told again as soon as it is there. */
export function answered(
  wave: Wave,
  name: string,
  answer: { readonly is: 'told' | 'refused' | 'not-reached'; readonly text: string },
  nowMs: number,
): Wave {
  const nodes = wave.nodes.map((node): WaveNode => {
    const isAsked = node.standing === 'due' || node.standing === 'told' || node.standing === 'refused';
    if (node.node !== name || !isAsked || answer.is === 'not-reached') return node;
    return { ...move(node, answer.is, nowMs), toldMs: nowMs, text: answer.is === 'refused' ? answer.text : '' };
  });
  return { ...wave, nodes };
}

/** A technician knows why nodes went back, and lets the wave go on. */
export const goOn = (wave: Wave): Wave => ({ ...wave, lookedInto: rolledBack(wave) });
export const stop = (wave: Wave, why: string): Wave => (wave.is === 'going' ? { ...wave, is: 'stopped', why } : wave);

export const rolledBack = ({ nodes }: Pick<Wave, 'nodes'>): string[] =>
  nodes.filter(({ standing }) => standing === 'rolled-back').map(({ node }) => node);
/** Roll-backs that nobody has looked into: no other ring opens while there are any. */
export const unexplained = (wave: Wave): string[] => rolledBack(wave).filter((node) => !wave.lookedInto.includes(node));

const newcomer = (node: string, ring: Ring, nowMs: number): WaveNode => ({
  ...{ node, ring, standing: 'waiting', sinceMs: nowMs, toldMs: null, text: '' },
});

const isOpen = (ring: Ring, last: Ring): boolean => rings.indexOf(ring) <= rings.indexOf(last);

function look(node: WaveNode, seen: NodeSeen | undefined, wave: Wave, nowMs: number): WaveNode {
  if (seen?.back?.release === wave.release && seen.release !== wave.release)
    return { ...move(node, 'rolled-back', nowMs), text: seen.back.why };
  if (node.standing === 'rolled-back') return node;
  // Also where a technician brought it by hand, before its ring.
  if (seen?.release === wave.release && seen.isKept) return { ...move(node, 'proven', nowMs), text: '' };
  if (seen?.refused?.release === wave.release && (node.standing === 'told' || node.standing === 'refused'))
    return { ...move(node, 'refused', nowMs), text: seen.refused.why };
  if (node.standing === 'waiting' && isOpen(node.ring, wave.ring)) return move(node, 'due', nowMs);
  return node;
}

const move = (node: WaveNode, standing: Standing, nowMs: number): WaveNode =>
  node.standing === standing ? node : { ...node, standing, sinceMs: nowMs };

/** Half of the open nodes have proven it, and of the others none is there to be waited for. */
function settled({ nodes, ring }: Wave, by: ReadonlyMap<string, NodeSeen>): boolean {
  const open = nodes.filter((node) => node.ring === ring);
  const proven = open.filter(({ standing }) => standing === 'proven').length;
  const away = open.filter(({ node, standing }) => standing !== 'rolled-back' && by.get(node)?.online !== true);
  const back = open.filter(({ standing }) => standing === 'rolled-back').length;
  const missing = away.filter(({ standing }) => standing !== 'proven').length;
  return proven + back + missing === open.length && missing <= proven;
}

function open(wave: Wave, nowMs: number): Wave {
  const last = wave.ring === 'rest';
  if (last && wave.nodes.every(({ standing }) => standing === 'proven' || standing === 'rolled-back'))
    return { ...wave, is: 'done' };
  if (last || wave.settledMs === null || nowMs - wave.settledMs < wave.quietMs || unexplained(wave).length > 0)
    return wave;
  const next = rings[rings.indexOf(wave.ring) + 1] ?? 'rest';
  // A ring without nodes is settled from the start, and needs no quiet of its own.
  const isEmpty = !wave.nodes.some(({ ring }) => ring === next);
  const nodes = wave.nodes.map((node) =>
    node.standing === 'waiting' && isOpen(node.ring, next) ? move(node, 'due', nowMs) : node,
  );
  const opened: Wave = { ...wave, ring: next, nodes, settledMs: isEmpty ? wave.settledMs : null };
  return isEmpty ? open(opened, nowMs) : opened;
}
