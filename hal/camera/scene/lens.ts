// Where a point of the village falls in the picture. Metres: x to the right, y away from the camera, z up; the camera hangs over the origin.

export type Point = readonly [x: number, y: number, z: number];

/** Half the view's width in metres at one metre's distance; the horizontal view is the same at every size. */
const halfWidth = 0.75;
const cameraHeightM = 4.8;
const pitchRad = 0.17;

export interface Lens {
  readonly width: number;
  readonly height: number;
  /** Pixels a metre at one metre's distance. */
  readonly focal: number;
  readonly cx: number;
  readonly cy: number;
  readonly cameraM: number;
  readonly sin: number;
  readonly cos: number;
}

export function createLens(width: number, height: number): Lens {
  return {
    width,
    height,
    focal: width / 2 / halfWidth,
    cx: width / 2,
    cy: height / 2,
    cameraM: cameraHeightM,
    sin: Math.sin(pitchRad),
    cos: Math.cos(pitchRad),
  };
}

/** Half the width in metres of what is seen at `y` on the ground. */
export function halfViewM(y: number): number {
  return halfWidth * (y * Math.cos(pitchRad) + cameraHeightM * Math.sin(pitchRad));
}

/** Distance along the optical axis, the one that scales things. */
export function depthOf(lens: Lens, [, y, z]: Point): number {
  return y * lens.cos - (z - lens.cameraM) * lens.sin;
}

export function pixelX(lens: Lens, point: Point): number {
  return lens.cx + (lens.focal * point[0]) / depthOf(lens, point);
}

export function pixelY(lens: Lens, point: Point): number {
  const up = point[1] * lens.sin + (point[2] - lens.cameraM) * lens.cos;
  return lens.cy - (lens.focal * up) / depthOf(lens, point);
}

/** Flat list x, y, x, y … of the points' pixels; what lies closer than 0.3 m is pushed there. */
export function outline(lens: Lens, points: readonly Point[]): number[] {
  const flat: number[] = [];
  for (const point of points) {
    const depth = Math.max(0.3, depthOf(lens, point));
    const up = point[1] * lens.sin + (point[2] - lens.cameraM) * lens.cos;
    flat.push(lens.cx + (lens.focal * point[0]) / depth, lens.cy - (lens.focal * up) / depth);
  }
  return flat;
}

/** Depth at which the ground is met in a picture row, `Infinity` above the horizon. */
export function groundDepth(lens: Lens, pixelRow: number): number {
  const up = -(pixelRow - lens.cy) / lens.focal;
  const fall = lens.sin - up * lens.cos;
  return fall > 1e-4 ? lens.cameraM / fall : Number.POSITIVE_INFINITY;
}

/** The y of the ground at that depth. */
export function groundY(lens: Lens, depth: number): number {
  return (depth - lens.cameraM * lens.sin) / lens.cos;
}
