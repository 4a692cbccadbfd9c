// Reads a JPEG from stdin, writes it smaller to stdout, ends. Started by decode-still.ts; argument: width in pixels.
import { buffer } from 'node:stream/consumers';

/** 20 megapixels: four times the largest camera's picture; beyond it lies a decompression bomb. */
const pixelsMax = 20_000_000;
/** As in decode-still.ts, which is not imported so that this child loads only what it needs. */
const exitNoModule = 3;
const exitNotAPicture = 4;

const width = Number(process.argv[2]);
if (!Number.isInteger(width) || width < 1 || width > 4096)
  throw new RangeError(`width must be 1 to 4096, not ${process.argv[2]}`);
const jpeg = await buffer(process.stdin);
const loaded = await import('sharp').catch((error: unknown) => stop(exitNoModule, error));
const sharp = loaded.default;
sharp.cache(false);
sharp.concurrency(1);
const small = await shrink(jpeg).catch((error: unknown) => stop(exitNotAPicture, error));
process.stdout.write(small);

async function shrink(bytes: Uint8Array): Promise<Uint8Array> {
  return await sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'error' })
    .resize({ width, withoutEnlargement: true })
    .jpeg({ quality: 75 })
    .toBuffer();
}

function stop(code: number, error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(code);
}
