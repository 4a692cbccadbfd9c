// How long the plaintext of an age v1 file is, from the file's size and its header alone (age-encryption.org/v1):
//   header, ending in the line `--- <mac>` · nonce of 16 bytes · chunks of 64 KiB, each 16 bytes longer when sealed
const nonceBytes = 16;
const tagBytes = 16;
const chunkBytes = 64 * 1024;

/** Enough of the beginning to hold the header of a few recipients. */
export const headerBytesMax = 16 * 1024;

/** `start` is the beginning of the file, `size` its whole size. Undefined when this is not the beginning of an age file. */
export function plainSize(start: Uint8Array, size: number): number | undefined {
  const text = Buffer.from(start.buffer, start.byteOffset, start.length);
  if (!text.subarray(0, 22).equals(Buffer.from('age-encryption.org/v1\n'))) return undefined;
  const mac = text.indexOf('\n--- ');
  const headerEnd = mac === -1 ? -1 : text.indexOf(0x0a, mac + 1);
  if (headerEnd === -1) return undefined;
  const payload = size - (headerEnd + 1) - nonceBytes;
  const chunks = Math.max(1, Math.ceil(payload / (chunkBytes + tagBytes)));
  const plain = payload - chunks * tagBytes;
  return plain >= 0 ? plain : undefined;
}
