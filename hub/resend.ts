// The hub lost what it had: the nodes still hold what was delivered, while they have room, and are asked to send it again.
import type { Audit } from './audit.ts';
import type { CatalogReader } from './catalog-read.ts';
import type { Answer, Dispatch } from './dispatch.ts';
import type { NodeKeys } from './node-keys.ts';
import type { Receipts } from './receipts.ts';

export interface Resend {
  /** Asks these nodes, or all of the commune. A node that cannot be reached is in the answer, and is to be asked again later. */
  ask(actor: string, nodes: readonly string[] | null): Promise<ResendAnswer[]>;
  /** What is here of each node. */
  holds(): Promise<Held[]>;
}
export type ResendAnswer = Answer & { readonly node: string };
export interface Held {
  readonly node: string;
  /** Records and segments. */
  readonly files: number;
  /** Signed for since the hub's start, repetitions counted. */
  readonly signed: number;
  /** Numbers that must exist and are neither here nor named in a tombstone. */
  readonly missing: number;
}

export interface ResendParts {
  readonly dispatch: Pick<Dispatch, 'send'>;
  readonly keys: Pick<NodeKeys, 'names'>;
  readonly reader: Pick<CatalogReader, 'holds'>;
  readonly receipts: Pick<Receipts, 'storedCount'>;
  readonly audit: Pick<Audit, 'append'>;
}

export function openResend({ dispatch, keys, reader, receipts, audit }: ResendParts): Resend {
  return {
    ask: async (actor, asked) => {
      const nodes = asked ?? (await keys.names());
      await audit.append({
        actor,
        action: 'command',
        subject: 'resend',
        details: { nodes: nodes.join(' ').slice(0, 1000) },
      });
      return await Promise.all(
        nodes.map(async (node) => ({ node, ...(await dispatch.send(node, { name: 'resend', args: {} })) })),
      );
    },
    holds: async () =>
      (await keys.names()).map((node) => ({ node, signed: receipts.storedCount(node), ...reader.holds(node) })),
  };
}
