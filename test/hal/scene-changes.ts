// What differs between a picture of the scene and the same one without anything that moves, and where.
import type { Scene, SceneObject } from '../../hal/camera/scene/scene.ts';
import type { Rect } from '../../hal/camera/scene/sweep.ts';

export interface Changes {
  readonly objects: readonly SceneObject[];
  /** 1 where luma or colour differs. */
  readonly changed: Uint8Array;
  readonly busy: Uint8Array;
  readonly empty: Uint8Array;
}

export function changesIn(scene: Scene, n: number, width: number, height: number): Changes {
  const [busy, empty] = [new Uint8Array(scene.frameBytes), new Uint8Array(scene.frameBytes)];
  const { objects } = scene.frame(n, busy);
  scene.frame(n, empty, true);
  const changed = new Uint8Array(width * height);
  const plane = width * height;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const pair = plane + (y >> 1) * (width >> 1) + (x >> 1);
      const colour = busy[pair] !== empty[pair] || busy[pair + plane / 4] !== empty[pair + plane / 4];
      changed[at] = busy[at] !== empty[at] || colour ? 1 : 0;
    }
  return { objects, changed, busy, empty };
}

export function within({ x, y, w, h }: Rect, px: number, py: number, margin: number): boolean {
  return px >= x - margin && py >= y - margin && px < x + w + margin && py < y + h + margin;
}

/** Changed pixels in a box, of a picture so wide. */
export function changedIn(changed: Uint8Array, width: number, { x, y, w, h }: Rect): number {
  let sum = 0;
  for (let row = Math.max(0, y); row < Math.min(changed.length / width, y + h); row++)
    for (let column = Math.max(0, x); column < Math.min(width, x + w); column++)
      sum += changed[row * width + column] ?? 0;
  return sum;
}

/** A strip so deep just inside each side of a box. */
export function sidesOf({ x, y, w, h }: Rect, deep: number): Rect[] {
  return [
    { x, y, w, h: deep },
    { x, y: y + h - deep, w, h: deep },
    { x, y, w: deep, h },
    { x: x + w - deep, y, w: deep, h },
  ];
}
