// A ZIP made as it is read: each file's bytes are hashed on their way, and nothing of it lies on the hub's disk.
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';

export interface Packed {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}
export interface Pack {
  /** Resolves when the file has been read to its end: the reader of the ZIP sets the pace. */
  add(path: string, bytes: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<Packed>;
  /** What has been added. */
  readonly files: readonly Packed[];
  /** No more files. Resolves to the whole ZIP's size and hash when its last byte has been read. */
  end(): Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** Breaks the ZIP off, so that nobody takes a part for the whole. */
  fail(error: Error): void;
  readonly stream: Readable;
}

/** `at` is every entry's time. */
export function openPack(at: Date): Pack {
  const zip = new ZipFile();
  const stream = new PassThrough();
  const whole = createHash('sha256');
  let wholeBytes = 0;
  zip.outputStream.on('data', (piece: Buffer) => {
    whole.update(piece);
    wholeBytes += piece.length;
  });
  zip.outputStream.pipe(stream);
  const files: Packed[] = [];
  const closed = new Promise<never>((_, reject) => {
    stream.once('close', () => reject(new Error('the ZIP is no longer being read')));
  });
  // Whoever waits for a file hears of it; nobody may be waiting.
  closed.catch(() => undefined);

  const add: Pack['add'] = async (path, bytes) => {
    const hash = createHash('sha256');
    let count = 0;
    async function* counted(): AsyncIterable<Uint8Array> {
      for await (const piece of pieces(bytes)) {
        hash.update(piece);
        count += piece.length;
        yield piece;
      }
    }
    const source = Readable.from(counted(), { objectMode: false });
    const read = new Promise<void>((resolve, reject) => {
      source.once('end', resolve).once('error', reject);
    });
    // Pictures and sealed bytes do not become smaller.
    zip.addReadStream(source, path, { mtime: at, mode: 0o100644, compress: isText(path) });
    await Promise.race([read, closed]);
    const packed = { path, bytes: count, sha256: hash.digest('hex') };
    files.push(packed);
    return packed;
  };
  return {
    add,
    files,
    stream,
    end: async () => {
      const ended = new Promise<void>((resolve) => zip.outputStream.once('end', resolve));
      zip.end();
      await Promise.race([ended, closed]);
      return { bytes: wholeBytes, sha256: whole.digest('hex') };
    },
    fail: (error) => stream.destroy(error),
  };
}

async function* pieces(bytes: Uint8Array | string | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (typeof bytes === 'string') yield Buffer.from(bytes);
  else if (bytes instanceof Uint8Array) yield bytes;
  else yield* bytes;
}

const isText = (path: string): boolean => /\.(txt|html|json|jws|pub|pem)$|SHA256SUMS$/.test(path);
