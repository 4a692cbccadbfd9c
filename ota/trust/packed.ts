// Files of a release as they travel: gzip, one by one. Nothing in them is believed before it has been unpacked and hashed, within the size that was signed.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ReleaseFile } from '../release-list.ts';
import { openPlain } from './source.ts';

/** gzip makes what cannot be packed a little larger (RFC 1952: 18 bytes; RFC 1951: 5 for each 16 KiB block). */
export const packedMax = (bytes: number): number => bytes + Math.ceil(bytes / 1024) + 1024;

const drained = async (rest: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of rest);
};

/** False for anything that is not exactly the file. What is written to `plain`, where one is named, never has more bytes than the file, and is on the card on return. */
export async function unpack(packed: string, plain: string | undefined, file: ReleaseFile): Promise<boolean> {
  const { bytes, sha256, executable } = file;
  const hash = createHash('sha256');
  let seen = 0;
  const measured = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      seen += chunk.length;
      if (seen > bytes) throw new Error('longer than signed');
      hash.update(chunk);
      if (plain !== undefined) yield chunk;
    }
  };
  try {
    await using from = await openPlain(packed);
    // More than gzip ever makes of it: nobody waits until that has been read.
    if (from === undefined || (await from.stat()).size > packedMax(bytes)) return false;
    const read = from.createReadStream({ autoClose: false });
    const sink =
      plain === undefined ? drained : createWriteStream(plain, { mode: executable ? 0o755 : 0o644, flush: true });
    await pipeline(read, createGunzip(), measured, sink);
  } catch (error) {
    // A card that does not take it is another matter than a file that is not what it should be.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOSPC' || code === 'EROFS' || code === 'EIO') throw error;
    return false;
  }
  return seen === bytes && hash.digest('hex') === sha256;
}
