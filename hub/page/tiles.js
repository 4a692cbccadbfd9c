// Pictures of the wall that go on by themselves, one every few seconds, where a node's link is not counted.
import { ask, change, nowMs, state } from './state.js';

const everyMs = 5_000;
const last = { nodes: '', ms: 0 };

/** Told at each drawing which nodes are on the screen; what is not on a screen is asked for no more. */
export function wantTiles(nodes) {
  const named = nodes.map(({ node }) => node);
  const key = named.join(' ');
  const isDue = key !== last.nodes || Date.now() - last.ms >= everyMs;
  if (document.hidden || named.length === 0 || !isDue) return;
  Object.assign(last, { nodes: key, ms: Date.now() });
  void load(named);
}

const freshMsMax = 30_000;
/** Undefined where none came of late, or a still has come since. */
export function tileOf({ node, still }) {
  const { [node]: tile } = state.tiles;
  const isNewest = tile !== undefined && tile.atMs >= (still?.atMs ?? 0);
  return isNewest && nowMs() - tile.atMs < freshMsMax ? tile : undefined;
}

async function load(named) {
  const query = new URLSearchParams(named.map((node) => ['node', node]));
  const { tiles } = await ask(`/api/tiles?${query}`).catch(() => ({ tiles: {} }));
  change({ tiles });
}
