// Puts the drawn masks where the media child can read them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawMasks } from '../mask.ts';
import type { MaskFile } from '../media-args.ts';
import type { Polygon } from '../settings.ts';

/** `runDir` lies on tmpfs. Undefined where nothing is to be covered. */
export function maskFile(
  masks: readonly Polygon[],
  size: { readonly width: number; readonly height: number },
  runDir: string,
): MaskFile | undefined {
  const drawn = drawMasks(masks, size.width, size.height);
  if (drawn === undefined) return undefined;
  const path = join(runDir, 'mask.yuva');
  writeFileSync(path, drawn.bytes, { mode: 0o600 });
  const { x, y, width, height } = drawn;
  return { path, x, y, width, height };
}
