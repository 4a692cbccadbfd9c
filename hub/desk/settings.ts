// What a node is set to: told by itself, signed and sealed, in the record of its newest start.
import * as z from 'zod';
import { type Settings, settingsSchema } from '../../agent/core/config/settings.ts';
import { sha256 } from '../../protocol/sign.ts';
import type { FilmSource } from '../clip/film.ts';
import type { Open } from '../open-details.ts';

export interface InForce {
  /** The start that told it. */
  readonly boot: string;
  readonly atMs: number;
  readonly settings: Settings;
}

const bodySchema = z.looseObject({ settings: settingsSchema });

/** Undefined while no record of a start is here, or it is one of a release that did not tell. */
export async function settingsInForce(
  { reader, archive, open }: Pick<FilmSource, 'reader' | 'archive'> & { readonly open: Open },
  node: string,
): Promise<InForce | undefined> {
  const start = reader.lastOfKind(node, 'boot');
  if (start === undefined) return undefined;
  const plain = await archive
    .body({ node, boot: start.boot, name: start.name })
    .then(open)
    .catch(() => undefined);
  if (plain === undefined || sha256(plain) !== start.plain_sha256) return undefined;
  const read = bodySchema.safeParse(JSON.parse(Buffer.from(plain).toString('utf8')));
  return read.success ? { boot: start.boot, atMs: start.atMs, settings: read.data.settings } : undefined;
}
