// ISO base media boxes (ISO/IEC 14496-12): size (4 bytes), type (4 letters), then content or more boxes.

export interface Box {
  readonly type: string;
  /** Where the box begins, where its content begins, where it ends. */
  readonly at: number;
  readonly content: number;
  readonly end: number;
}

/** Boxes side by side in [from, to). Ends at the first that is not whole. */
export function* boxes(bytes: Uint8Array, from = 0, to = bytes.length): Iterable<Box> {
  const view = viewOf(bytes);
  for (let at = from; at + 8 <= to; ) {
    const short = view.getUint32(at);
    const isLong = short === 1 && at + 16 <= to;
    const size = isLong ? Number(view.getBigUint64(at + 8)) : short === 0 ? to - at : short;
    const end = at + size;
    if (size < 8 || end > to) return;
    yield { type: String.fromCharCode(...bytes.subarray(at + 4, at + 8)), at, content: at + (isLong ? 16 : 8), end };
    at = end;
  }
}

/** Every box that lies at this path of types, as in `['moof', 'traf', 'tfdt']`. */
export function find(bytes: Uint8Array, path: readonly string[], from = 0, to = bytes.length): Box[] {
  const [type, ...rest] = path;
  const here = [...boxes(bytes, from, to)].filter((box) => box.type === type);
  return rest.length === 0 ? here : here.flatMap((box) => find(bytes, rest, box.content, box.end));
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The version byte of a full box. */
export const versionOf = (bytes: Uint8Array, box: Box): number => bytes[box.content] ?? 0;

/** A box of this type around the content. */
export function wrap(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.reduce((sum, part) => sum + part.length, 8));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...content]);
}
