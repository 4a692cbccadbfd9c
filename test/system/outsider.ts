// What somebody with the archive, the public keys and ordinary programs can check, without a line of the product's code.
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compactVerify } from 'jose';

export interface Found {
  readonly name: string;
  readonly sha256: string;
  readonly jws: string;
  readonly body: Uint8Array;
  /** What the manifest says. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

export const hasAge = spawnSync('age', ['--version']).status === 0;

/** Every record and segment below a folder: a manifest line, a newline, the body. */
export function findAll(folder: string): Found[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rec') || name.endsWith('.seg'))
    .sort()
    .map((name) => read(join(folder, name)));
}

/** What was read stays read while its file is the same: many a test asks again and again until something is there. */
const known = new Map<string, { readonly stamp: string; readonly found: Found }>();

function read(path: string): Found {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  const stamp = `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.found;
  const found = readAnew(path);
  known.set(path, { stamp, found });
  return found;
}

function readAnew(path: string): Found {
  const bytes = readFileSync(path);
  const end = bytes.indexOf(0x0a);
  const jws = bytes.subarray(0, end).toString('latin1');
  const manifest = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return { name: basename(path), sha256: hash(bytes), jws, body: bytes.subarray(end + 1), manifest };
}

export const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** RFC 7515: what is signed is the text `header.payload`; RFC 8037: by Ed25519, 64 bytes. `scratch` is a folder for its files. */
export function opensslVerifies(jws: string, publicKeyPath: string, scratch: string): boolean {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const [text, sig] = [join(scratch, 'signed.txt'), join(scratch, 'signature.bin')];
  writeFileSync(text, `${header}.${payload}`);
  writeFileSync(sig, Buffer.from(signature, 'base64url'));
  const args = ['pkeyutl', '-verify', '-pubin', '-inkey', publicKeyPath, '-rawin', '-in', text, '-sigfile', sig];
  return spawnSync('openssl', args).status === 0;
}

export async function joseVerifies(jws: string, publicKeyPath: string): Promise<boolean> {
  return await compactVerify(jws, createPublicKey(readFileSync(publicKeyPath))).then(
    () => true,
    () => false,
  );
}

/** Debian's age; throws with its words. */
export function ageOpens(sealed: Uint8Array, keyPath: string): Buffer {
  const run = spawnSync('age', ['-d', '-i', keyPath], { input: sealed, maxBuffer: 256 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`age: ${run.stderr}`);
  return run.stdout;
}

/** Boxes of a film as they follow one another, four letters at these distances: bytes that are sealed do not show them by chance. */
const filmMarks = [
  ['ftyp', 'iso', 4],
  ['moov', 'mvhd', 8],
  ['moof', 'mfhd', 8],
  ['mdia', 'mdhd', 8],
  // The version of its contents.
  ['avcC', '\u0001', 4],
] as const;
/** A sequence parameter set as it begins in a byte stream (H.264 Annex B); a profile follows. */
const nalStart = Buffer.from([0, 0, 0, 1, 0x67]);
const jpegStart = Buffer.from([0xff, 0xd8, 0xff]);

/** Marks of pictures and film in bytes that should be sealed: boxes, JPEG, an H.264 stream's parameter sets, and the encoders' own words. */
export function unsealedMarks(bytes: Buffer): string[] {
  const marks = filmMarks.filter(([box, next, after]) =>
    places(bytes, box).some((at) => bytes.toString('latin1', at + after, at + after + next.length) === next),
  );
  const isJpeg = places(bytes, jpegStart).some((at) => /JFIF|Exif|Lavc/.test(bytes.toString('latin1', at, at + 20)));
  const words = ['x264 - core'].filter((word) => bytes.includes(word));
  const isStream = places(bytes, nalStart).some((at) =>
    [0x42, 0x4d, 0x58, 0x64].includes(bytes[at + nalStart.length] ?? 0),
  );
  return [...marks.map(([box]) => box), ...words, ...(isJpeg ? ['JPEG'] : []), ...(isStream ? ['NAL'] : [])];
}

/** The same in every file below a folder. */
export function unsealedIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return unsealedMarks(readFileSync(path)).map((mark) => `${path}: ${mark}`);
  });
}

function places(bytes: Buffer, mark: string | Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) found.push(at);
  return found;
}
