// Cuts a fragmented MP4 byte stream (ISO 14496-12) into its init segment and its fragments. Every byte is copied once, into the piece it belongs to.
import { boxBytesMax, initBytesMax } from './bounds.ts';
import { readFragment, readInit, type Track } from './mp4-boxes.ts';

export type Mp4Piece =
  /** `fault`: why no player could decode what follows; undefined when parameter sets are there. */
  | { readonly is: 'init'; readonly bytes: Uint8Array; readonly fault: string | undefined }
  | {
      readonly is: 'fragment';
      readonly bytes: Uint8Array;
      readonly durationMs: number;
      readonly samples: number;
      readonly startsWithKey: boolean;
    }
  /** The stream cannot be read on; all that follows is ignored. */
  | { readonly is: 'broken'; readonly why: string };

export interface Mp4Splitter {
  push(chunk: Uint8Array): readonly Mp4Piece[];
}

const headerBytes = 8;
/** Boxes that make up a piece: the first one is held until the second, which completes it, has come. */
const opens = new Set(['ftyp', 'moof']);
const closes: Readonly<Record<string, string>> = { moov: 'ftyp', mdat: 'moof' };

export function mp4Splitter(): Mp4Splitter {
  const header = Buffer.alloc(headerBytes);
  let headerFilled = 0;
  let type = '';
  /** Where the current box's bytes go; undefined while a box of no interest is skipped. */
  let into: Buffer | undefined;
  let filled = 0;
  let missing = 0;
  let held: { readonly type: string; readonly bytes: Buffer } | undefined;
  let track: Track | undefined;
  let broken = false;

  const begin = (): string | undefined => {
    const size = header.readUInt32BE(0);
    type = header.toString('latin1', 4, 8);
    if (track === undefined && held === undefined && type !== 'ftyp') return `stream begins with ${printable(type)}`;
    const max = type === 'ftyp' || type === 'moov' ? initBytesMax : boxBytesMax;
    if (size < headerBytes || size > max) return `box ${printable(type)} of ${size} bytes`;
    missing = size - headerBytes;
    headerFilled = 0;
    into = undefined;
    const opener = closes[type];
    if (opener === undefined && !opens.has(type)) return undefined;
    if (opener !== undefined && held?.type !== opener) return `${type} without ${opener}`;
    const before = opener === undefined ? undefined : held?.bytes;
    into = Buffer.allocUnsafeSlow((before?.length ?? 0) + size);
    filled = before?.copy(into) ?? 0;
    filled += header.copy(into, filled);
    return undefined;
  };

  const finish = (): Mp4Piece | undefined => {
    const bytes = into;
    into = undefined;
    if (bytes === undefined) return undefined;
    if (opens.has(type)) {
      held = { type, bytes };
      return undefined;
    }
    const firstBytes = held?.bytes.length ?? 0;
    held = undefined;
    if (type === 'moov') {
      const init = readInit(bytes);
      if (!init.ok) return { is: 'init', bytes, fault: init.why };
      track = init.track;
      return { is: 'init', bytes, fault: undefined };
    }
    if (track === undefined) return { is: 'broken', why: 'a fragment before parameter sets' };
    const read = readFragment(bytes, firstBytes, track);
    return read === undefined
      ? { is: 'broken', why: 'a fragment without samples' }
      : { is: 'fragment', bytes, ...read };
  };

  return {
    push: (chunk) => {
      const pieces: Mp4Piece[] = [];
      const stop = (why: string) => {
        broken = true;
        pieces.push({ is: 'broken', why });
      };
      for (let at = 0; at < chunk.length && !broken; ) {
        if (missing === 0) {
          const take = Math.min(headerBytes - headerFilled, chunk.length - at);
          header.set(chunk.subarray(at, at + take), headerFilled);
          headerFilled += take;
          at += take;
          if (headerFilled < headerBytes) break;
          const fault = begin();
          if (fault !== undefined) {
            stop(fault);
            break;
          }
        }
        const take = Math.min(missing, chunk.length - at);
        into?.set(chunk.subarray(at, at + take), filled);
        filled += take;
        missing -= take;
        at += take;
        if (missing > 0) break;
        const piece = finish();
        if (piece?.is === 'broken') stop(piece.why);
        else if (piece !== undefined) pieces.push(piece);
      }
      return pieces;
    },
  };
}

const printable = (type: string) => `'${type.replaceAll(/[^ -~]/g, '?')}'`;
