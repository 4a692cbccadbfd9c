// Where things lie on the simulated card, and what a step on it is called: the place in the program that makes it.
import { isDraft } from '../../../agent/outbox.ts';
import type { Step } from '../../../hal/sim-disk/mutant.ts';

export const at = { data: '/node/data', identity: '/node/identity', hub: '/hub', configs: '/etc' } as const;

/** `act` is what the program is about at that moment (acts.ts, node.ts). Appended records go to classes 0, 1, 2 and 5, pinned segments to 3 and 4. */
export function siteOf(act: string, { op, path, to }: Step): string {
  if (op === 'above') return 'make folder: flush the one above';
  if (path.startsWith(at.hub)) return `hub: ${verb(op)} ${path.startsWith(`${at.hub}/tmp`) ? 'draft' : 'folder'}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path.startsWith(at.identity))
    return `${identityPlace(act, name)}: ${verb(op)} ${op === 'syncFolder' ? 'folder' : 'draft'}`;
  if (act === 'born') return `segment without a ring: ${op === 'syncFolder' ? 'flush folder' : `${verb(op)} draft`}`;
  if (isDraft(name)) return `${path.startsWith(`${at.data}/ring`) ? 'segment' : 'append'}: ${verb(op)} draft`;
  if (op === 'syncFolder' && path === `${at.data}/ring`) return 'segment: flush folder';
  if (op === 'link') return 'pin: link';
  const isMove = act === 'deliver' || act === 'quarantine';
  if (op === 'rename') return `move: rename to ${to?.includes('/quarantine/') ? 'quarantine' : 'delivered'}`;
  if (op !== 'syncFolder') return `${act}: ${verb(op)}`;
  if (isMove) return 'move: flush folder';
  if (act === 'look' || act === 'open') return `${act}: flush what is listed`;
  return `${name === '3' || name === '4' ? 'pin' : 'append'}: flush folder`;
}

function identityPlace(act: string, name: string): string {
  if (act === 'config') return 'last good configuration';
  if (act !== 'key') return act === 'makeRoom' ? 'head before a removal' : 'head at the start';
  return name.includes('pub') ? 'public key' : 'key';
}

const verb = (op: Step['op']): string => (op === 'sync' || op === 'syncFolder' ? 'flush' : op);
