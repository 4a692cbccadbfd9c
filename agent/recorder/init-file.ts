// Init segments (`ftyp` + `moov`), sealed once and kept beside the ring: each clip carries the sealed bytes as its body, also a clip that is
// put together after a power cut, when nobody here could seal it again from the plain bytes.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { Sealer } from '../../protocol/seal.ts';
import { sha256 } from '../../protocol/sign.ts';
import type { SealedBody } from '../spool.ts';
import { writeDurable } from '../write-durable.ts';

const initFolder = (dataDir: string) => join(dataDir, 'init');
const initPath = (dataDir: string, plainSha256: string) => join(initFolder(dataDir), `${plainSha256}.age`);

/** Sealed anew at each start of a camera, since the recipients may have changed. */
export function sealInit(sealer: Sealer, plain: Uint8Array): SealedBody {
  return { sealed: sealer.seal(plain), plainSha256: sha256(plain), type: 'video/mp4' };
}

/** Durable on return. Throws what the disk throws. */
export async function keepInit(disk: Disk, dataDir: string, init: SealedBody): Promise<void> {
  await disk.makeFolder(initFolder(dataDir));
  await writeDurable(disk, initPath(dataDir, init.plainSha256), init.sealed);
}

/** Undefined where the file is gone. */
export async function readInit(disk: Disk, dataDir: string, plainSha256: string): Promise<SealedBody | undefined> {
  const sealed = await disk.read(initPath(dataDir, plainSha256)).catch(() => undefined);
  return sealed === undefined ? undefined : { sealed, plainSha256, type: 'video/mp4' };
}
