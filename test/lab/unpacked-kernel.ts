// Debian's kernel as QEMU can lay it into memory itself. Unpacking it is the translated processor's work otherwise: 4 s of a start, and half a minute of one after a reset, when each of its writes
// meets what was translated of the kernel before.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

/** Header of a bzImage: sectors of the boot code, then where in the rest the packed kernel begins and how long it is (Documentation/arch/x86/boot.rst of Linux). */
const [sectorsAt, offsetAt, lengthAt] = [0x1f1, 0x248, 0x24c];
const sectorBytes = 512;
const elf = '\x7fELF';
/** As Debian 13 packs it; Debian 12 by xz. */
const zstd = 0x28b52ffd;

/** What the Debian root at `base` boots by; its kernel is unpacked into `dir`, where it is packed as those for PCs are. Throws where what is in it is no kernel. */
export function kernelOf(base: string, dir: string): { readonly kernel: string; readonly initramfs: string } {
  const [version = ''] = readdirSync(join(base, 'lib/modules'));
  const packed = join(base, `boot/vmlinuz-${version}`);
  const initramfs = join(base, `boot/initrd.img-${version}`);
  const image = readFileSync(packed);
  if (image.toString('latin1', 0x202, 0x206) !== 'HdrS') return { kernel: packed, initramfs };
  const from = ((image[sectorsAt] ?? 0) + 1) * sectorBytes + image.readUInt32LE(offsetAt);
  const input = image.subarray(from, from + image.readUInt32LE(lengthAt));
  const unpacked = input.readUInt32BE(0) === zstd ? zstdDecompressSync(input) : unxz(input);
  if (unpacked.toString('latin1', 0, 4) !== elf) throw new Error(`${packed}: no kernel in it`);
  const kernel = join(dir, 'vmlinux');
  writeFileSync(kernel, unpacked);
  return { kernel, initramfs };
}

/** The length of the unpacked stands behind the stream: not xz's matter, which may be gone before it is written. */
const unxz = (input: Buffer): Buffer =>
  spawnSync('xz', ['-dc', '--single-stream'], { input, maxBuffer: 2 ** 28 }).stdout ?? Buffer.alloc(0);
