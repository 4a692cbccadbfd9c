// Carries a rollout out while the hub runs: looks at the nodes every few seconds, and tells those whose turn it is.
import type { Log } from '../../agent/log.ts';
import type { Audit } from '../audit.ts';
import type { CatalogReader, NodeRow } from '../catalog-read.ts';
import type { Changes } from '../changes.ts';
import type { DeskStore } from '../desk/store.ts';
import type { Answer, Dispatch } from '../dispatch.ts';
import type { NodeKeys } from '../node-keys.ts';
import { readVitals } from '../node-vitals.ts';
import { regularly } from '../regularly.ts';
import { changeRollout } from './book.ts';
import { answered, type NodeSeen, step } from './wave.ts';

export interface RolloutWorld {
  readonly store: DeskStore;
  readonly reader: Pick<CatalogReader, 'nodes'>;
  readonly keys: Pick<NodeKeys, 'names'>;
  readonly dispatch: Pick<Dispatch, 'send'>;
  readonly audit: Pick<Audit, 'append'>;
  readonly changes: Pick<Changes, 'tell'>;
  readonly wallMs: () => number;
  readonly log: Log;
}

const lookEveryMs = 5_000;
/** Downloads share the commune's line: more nodes are told at the next look. */
const toldAtOnce = 20;

export interface Rollouts {
  /** Resolves when everybody who was told has answered or was given up. */
  look(): Promise<void>;
  /** Does not wait for answers: a node that said yes is seen to do it later. */
  close(): void;
}

export function openRollouts(world: RolloutWorld, everyMs: number = lookEveryMs): Rollouts {
  const closed = new AbortController();
  const turns = regularly(
    () => lookOnce(world, closed.signal),
    everyMs,
    (error) => world.log('error', 'rollout', { error: String(error) }),
  );
  return {
    look: turns.quietly,
    close: () => {
      closed.abort();
      void turns.close();
    },
  };
}

async function lookOnce(world: RolloutWorld, closed: AbortSignal): Promise<void> {
  const { store, changes, wallMs } = world;
  const names = await world.keys.names();
  if (closed.aborted) return;
  const seen = nodesSeen(names, world.reader.nodes());
  let tell: readonly string[] = [];
  let was = '';
  const rollout = changeRollout(store, (wave) => {
    was = JSON.stringify(wave);
    const next = step(wave, seen, wallMs());
    tell = next.tell.slice(0, toldAtOnce);
    return JSON.stringify(next.wave) === was ? wave : next.wave;
  });
  if (rollout === undefined) return;
  if (JSON.stringify(rollout.wave) !== was) changes.tell({ is: 'nodes' });
  await Promise.all(tell.map((node) => tellNode(world, node, rollout.wave.release, closed)));
}

async function tellNode(world: RolloutWorld, node: string, release: string, closed: AbortSignal): Promise<void> {
  const { audit, dispatch, store, changes, wallMs } = world;
  // What cannot be written down is not done.
  await audit.append({
    ...{ actor: 'hub', action: 'command', subject: `node ${node}` },
    details: { command: 'update.apply', release },
  });
  const answer = await dispatch.send(node, { name: 'update.apply', args: { version: release } });
  if (closed.aborted) return;
  changeRollout(store, (wave) => answered(wave, node, { is: meaning(answer), text: answer.text }, wallMs()));
  changes.tell({ is: 'nodes' });
}

function meaning(answer: Answer): Parameters<typeof answered>[2]['is'] {
  if (answer.ok) return 'told';
  return answer.why === 'cannot' || answer.why === 'failed' || answer.why === 'refused' ? 'refused' : 'not-reached';
}

/** Everybody with a key here, as they last spoke. */
export function nodesSeen(names: readonly string[], rows: readonly NodeRow[]): NodeSeen[] {
  const by = new Map(rows.map((row) => [row.node, row]));
  return names.map((node) => {
    const row = by.get(node);
    const { update, release } = readVitals(row?.vitals ?? null);
    return {
      node,
      online: row?.state === 'online',
      release: row?.release ?? null,
      // After a switch the status speaks for the new uplink, and the vitals for the old recorder until the new one has said its own.
      isKept: release !== undefined && release === row?.release && update?.onTrial === false,
      back: update?.back ?? null,
      refused: update?.last?.is === 'refused' ? update.last : null,
    };
  });
}
