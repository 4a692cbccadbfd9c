// The lights of a figure: what it throws on the road, and the halo of a lamp one looks into.
import { type Board, type Extent, groundExtent, take } from './board.ts';
import type { Beam, Glow } from './figure.ts';
import { depthOf, groundDepth, groundY, type Point, pixelX, pixelY } from './lens.ts';
import { chromaBlue, chromaRed, luma } from './tone.ts';

/** Light on the road ahead of a lamp: brightest near, as wide again further on. */
export function layBeam(board: Board, beam: Beam, touched: Extent): void {
  const { planes, depth, lens } = board;
  const [fx, fy] = beam.direction;
  const corners: Point[] = [];
  for (const along of [0, beam.lengthM])
    for (const aside of [-1, 1]) {
      const spread = beam.widthM * (along === 0 ? 0.5 : 1.7) * aside;
      corners.push([beam.at[0] + fx * along - fy * spread, beam.at[1] + fy * along + fx * spread, 0]);
    }
  const [left, top, right, bottom] = groundExtent(board, corners);
  for (let row = top; row <= bottom; row++) {
    const far = groundDepth(lens, row + 0.5);
    const y = groundY(lens, far);
    const scale = far / lens.focal;
    for (let column = left; column <= right; column++) {
      const at = row * planes.width + column;
      if ((depth[at] ?? 0) !== Number.POSITIVE_INFINITY) continue;
      const dx = (column + 0.5 - lens.cx) * scale - beam.at[0];
      const dy = y - beam.at[1];
      const along = (dx * fx + dy * fy) / beam.lengthM;
      if (along <= 0 || along >= 1) continue;
      const aside = (dy * fx - dx * fy) / (beam.widthM * (0.35 + 1.2 * along));
      const fall = 1 - aside * aside;
      if (fall <= 0) continue;
      const gain = fall * fall * Math.min(1, along * 7) * (1 - along) ** 1.6 * beam.strength;
      const old = planes.y[at] ?? 0;
      planes.y[at] = Math.min(215, old + (old + 14) * gain + 0.5);
      take(touched, column, row);
    }
  }
}

/** The halo of a lamp that looks at the camera; weaker from the side, nothing from behind. */
export function layGlow(board: Board, glow: Glow, touched: Extent): void {
  const { planes, depth, lens } = board;
  const far = depthOf(lens, glow.at);
  if (far < 2) return;
  const aim =
    glow.toward === undefined
      ? 1
      : -(glow.toward[0] * glow.at[0] + glow.toward[1] * glow.at[1]) / Math.hypot(glow.at[0], glow.at[1]);
  const strength = aim <= -0.25 ? 0 : ((aim + 0.25) / 1.25) ** 1.5;
  if (strength < 0.02) return;
  const cx = pixelX(lens, glow.at);
  const cy = pixelY(lens, glow.at);
  const radius = Math.max(1.5, (glow.radiusM * (0.5 + strength) * lens.focal) / far);
  const [r, g, b] = glow.tint;
  const peak = luma(r, g, b) * strength;
  const blue = (chromaBlue(r, g, b) - 112) * strength;
  const red = (chromaRed(r, g, b) - 112) * strength;
  const y1 = Math.min(lens.height - 1, Math.ceil(cy + radius));
  const x1 = Math.min(lens.width - 1, Math.ceil(cx + radius));
  for (let y = Math.max(0, Math.floor(cy - radius)); y <= y1; y++) {
    for (let x = Math.max(0, Math.floor(cx - radius)); x <= x1; x++) {
      const at = y * planes.width + x;
      if ((depth[at] ?? 0) < far) continue;
      const distance = Math.sqrt((x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2) / radius;
      if (distance >= 1) continue;
      const shine = (1 - distance) ** 2 * 0.55 + Math.max(0, 1 - distance * 4.5) * 0.9;
      planes.y[at] = Math.min(219, (planes.y[at] ?? 0) + peak * shine + 0.5);
      take(touched, x, y);
      if (((x | y) & 1) === 0) {
        const pair = (y >> 1) * (planes.width >> 1) + (x >> 1);
        planes.u[pair] = clamp((planes.u[pair] ?? 0) + blue * shine * 0.8);
        planes.v[pair] = clamp((planes.v[pair] ?? 0) + red * shine * 0.8);
      }
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : Math.min(value, 224);
}
