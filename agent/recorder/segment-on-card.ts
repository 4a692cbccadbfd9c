// Reads back what open-segment.ts wrote: the manifest line of a segment file.
import type { Disk } from '../../hal/ports.ts';
import { type SegmentManifest, type SegmentRef, segmentManifestSchema } from '../../protocol/manifest.ts';
import { manifestBytesMax } from '../../protocol/record-file.ts';
import { readUnverified } from '../../protocol/sign.ts';

/** Undefined where the line is damaged or cannot be read. `paths`: where it was seen, and where it may have gone meanwhile. */
export async function readSegmentManifest(
  disk: Disk,
  ...paths: readonly string[]
): Promise<SegmentManifest | undefined> {
  const parsed = segmentManifestSchema.safeParse(readUnverified(await firstLine(disk, ...paths)));
  return parsed.success ? parsed.data : undefined;
}

export function refOf(manifest: SegmentManifest): SegmentRef {
  const { boot, seg, sealedSha256, plainSha256, bytes, firstMonoMs, durationMs } = manifest;
  return { boot, seg, sealedSha256, plainSha256, bytes, firstMonoMs, durationMs };
}

/** The manifest line of a record or segment; empty where there is none within the bound, or the card does not give it: one bad file must not hide the others. */
export async function firstLine(disk: Disk, ...paths: readonly string[]): Promise<string> {
  for (const path of paths)
    for (const length of [2048, manifestBytesMax]) {
      const bytes = await disk.readRange(path, 0, length).catch(() => new Uint8Array());
      const end = bytes.indexOf(0x0a);
      if (end >= 0) return Buffer.from(bytes.subarray(0, end)).toString('latin1');
    }
  return '';
}
