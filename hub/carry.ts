// What comes by stick goes through the same checks as what comes by radio (intake.ts); the receipts for it go back on the stick.
import type { Receipt } from '../protocol/receipt.ts';
import { audience, receiptSchema } from '../protocol/receipt.ts';
import { type SigningKey, sign } from '../protocol/sign.ts';
import type { Audit } from './audit.ts';
import type { Catalog } from './catalog.ts';
import type { Carried, Intake } from './intake.ts';

export interface Carry {
  take(node: string, bytes: Uint8Array): Promise<Carried>;
  /** A signed receipt for those of these that are stored here; whatever else is asked for is left out. At most a thousand at a time. */
  receipt(node: string, asked: Receipt['stored']): Promise<string>;
  /** Writes down who brought what. */
  told(actor: string, node: string, stored: number, known: number): Promise<void>;
}

export interface CarryParts {
  readonly commune: string;
  readonly key: SigningKey;
  readonly intake: Pick<Intake, 'carry'>;
  readonly catalog: Pick<Catalog, 'find'>;
  readonly audit: Pick<Audit, 'append'>;
  readonly wallMs: () => number;
}

export const receiptStoredMax = 1000;
export const askedSchema = receiptSchema.shape.stored;

export function openCarry({ commune, key, intake, catalog, audit, wallMs }: CarryParts): Carry {
  const isStored = (node: string, { boot, seq, seg, sha256 }: Receipt['stored'][number]): boolean => {
    const number = seq ?? seg;
    if (number === undefined) return false;
    return catalog.find({ is: seq === undefined ? 'segment' : 'record', node, boot, number }) === sha256;
  };
  return {
    take: (node, bytes) => intake.carry(node, bytes),
    receipt: async (node, asked) => {
      const stored = asked.slice(0, receiptStoredMax).filter((each) => isStored(node, each));
      const receipt: Receipt = {
        ...{ v: 1, aud: audience(commune, node), hubMs: wallMs() },
        ...{ stored, missing: [], refused: [] },
      };
      return await sign(JSON.stringify(receipt), 'matlang-receipt', `hub:${commune}`, key);
    },
    told: async (actor, node, stored, known) =>
      void (await audit.append({ actor, action: 'import', subject: `node ${node}`, details: { stored, known } })),
  };
}
