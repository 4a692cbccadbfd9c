// A picture moved by parts of a pixel: Catmull and Rom's cubic, first along the rows, then down the columns, so that edges stay as sharp between pixels as on
// them. Beyond the border the border's own pixels stand in.

/** Pixels. */
export interface Shift {
  dx: number;
  dy: number;
}

export interface Mover {
  /** Pixel (x, y) of what is returned is the picture at (x + dx, y + dy). It is used again for the next picture. */
  move(pixels: Uint8Array, dx: number, dy: number): Uint8Array;
}

export function createMover(width: number, height: number): Mover {
  const lines = new Float32Array(width * height);
  const moved = new Uint8ClampedArray(width * height);
  const bytes = new Uint8Array(moved.buffer);
  const weights = new Float64Array(4);

  function along(pixels: Uint8Array, dx: number): void {
    const left = Math.floor(dx) - 1;
    cubic(weights, dx - left - 1);
    const [a = 0, b = 0, c = 0, d = 0] = weights;
    const column = (x: number) => Math.min(width - 1, Math.max(0, x));
    const inner = Math.max(0, -left);
    const innerEnd = Math.min(width, width - left - 3);
    for (let y = 0; y < height; y++) {
      const row = y * width;
      for (let x = 0; x < width; x++) {
        let at = row + x + left;
        if (x < inner || x >= innerEnd) {
          at = row;
          lines[row + x] =
            a * (pixels[at + column(x + left)] ?? 0) +
            b * (pixels[at + column(x + left + 1)] ?? 0) +
            c * (pixels[at + column(x + left + 2)] ?? 0) +
            d * (pixels[at + column(x + left + 3)] ?? 0);
        } else
          lines[row + x] =
            a * (pixels[at] ?? 0) + b * (pixels[at + 1] ?? 0) + c * (pixels[at + 2] ?? 0) + d * (pixels[at + 3] ?? 0);
      }
    }
  }

  function down(dy: number): void {
    const top = Math.floor(dy) - 1;
    cubic(weights, dy - top - 1);
    const [a = 0, b = 0, c = 0, d = 0] = weights;
    const line = (y: number) => Math.min(height - 1, Math.max(0, y)) * width;
    for (let y = 0; y < height; y++) {
      const r0 = line(y + top);
      const r1 = line(y + top + 1);
      const r2 = line(y + top + 2);
      const r3 = line(y + top + 3);
      const to = y * width;
      for (let x = 0; x < width; x++)
        moved[to + x] =
          a * (lines[r0 + x] ?? 0) + b * (lines[r1 + x] ?? 0) + c * (lines[r2 + x] ?? 0) + d * (lines[r3 + x] ?? 0);
    }
  }

  return {
    move: (pixels, dx, dy) => {
      along(pixels, dx);
      down(dy);
      return bytes;
    },
  };
}

function cubic(weights: Float64Array, t: number): void {
  const t2 = t * t;
  const t3 = t2 * t;
  weights[0] = -0.5 * t3 + t2 - 0.5 * t;
  weights[1] = 1.5 * t3 - 2.5 * t2 + 1;
  weights[2] = -1.5 * t3 + 2 * t2 + 0.5 * t;
  weights[3] = 0.5 * t3 - 0.5 * t2;
}
