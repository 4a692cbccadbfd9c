// Says to a node that asks: this is the hub itself, it takes records now, and it has this one. Signed, for one question.
import { type HereAnswer, hereRequestSchema } from '../../protocol/here.ts';
import { audience } from '../../protocol/receipt.ts';
import { type SigningKey, sign } from '../../protocol/sign.ts';
import type { Catalog } from '../catalog.ts';

export interface HereWorld {
  readonly commune: string;
  readonly key: SigningKey;
  readonly catalog: Pick<Catalog, 'find'>;
  /** The broker is heard, and there is room. */
  readonly taking: () => Promise<boolean>;
  readonly wallMs: () => number;
}

/** The signed answer; undefined for what is no question. */
export async function answerHere(
  { commune, key, catalog, taking, wallMs }: HereWorld,
  node: string,
  body: unknown,
): Promise<string | undefined> {
  const request = hereRequestSchema.safeParse(body).data;
  if (request === undefined) return undefined;
  const { nonce, record } = request;
  const held = record && catalog.find({ is: 'record', node, boot: record.boot, number: record.seq });
  const answer: HereAnswer = {
    ...{ v: 1, aud: audience(commune, node), nonce, hubMs: wallMs(), taking: await taking() },
    stored: record !== undefined && held === record.sha256,
  };
  return await sign(JSON.stringify(answer), 'matlang-here', `hub:${commune}`, key);
}
