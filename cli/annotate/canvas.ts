// Drawing into a raw RGB picture, three bytes a pixel. Everything is clipped to the picture; `alpha` is 0 to 1.

export type Colour = readonly [red: number, green: number, blue: number];
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}
/** How much of each pixel is covered, 0 to 255. */
export interface Stencil {
  readonly width: number;
  readonly height: number;
  readonly alpha: Uint8Array;
}
/** A grey picture to be shown small. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly at: (pixel: number) => number;
}

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** The picture that is drawn into from now on. */
  on(pixels: Uint8Array): void;
  fill(rect: Rect, colour: Colour, alpha: number): void;
  /** The lines lie inside the rectangle. */
  outline(rect: Rect, colour: Colour, thick: number, alpha?: number): void;
  line(
    from: readonly [number, number],
    to: readonly [number, number],
    colour: Colour,
    thick: number,
    alpha?: number,
  ): void;
  stamp(stencil: Stencil, x: number, y: number, colour: Colour, alpha?: number): void;
  /** Nearest neighbour: what the filter saw, pixel for pixel. */
  inset(grey: Grey, rect: Rect): void;
}

export function createCanvas(width: number, height: number): Canvas {
  const state: { pixels: Uint8Array } = { pixels: new Uint8Array(0) };

  function mix(at: number, [red, green, blue]: Colour, alpha: number): void {
    const { pixels } = state;
    pixels[at] = (pixels[at] ?? 0) + alpha * (red - (pixels[at] ?? 0));
    pixels[at + 1] = (pixels[at + 1] ?? 0) + alpha * (green - (pixels[at + 1] ?? 0));
    pixels[at + 2] = (pixels[at + 2] ?? 0) + alpha * (blue - (pixels[at + 2] ?? 0));
  }

  function fill({ x, y, w, h }: Rect, colour: Colour, alpha: number): void {
    const right = Math.min(width, Math.round(x + w));
    const bottom = Math.min(height, Math.round(y + h));
    const left = Math.max(0, Math.round(x));
    for (let row = Math.max(0, Math.round(y)); row < bottom; row++)
      for (let column = left; column < right; column++) mix(3 * (row * width + column), colour, alpha);
  }

  function outline({ x, y, w, h }: Rect, colour: Colour, thick: number, alpha = 1): void {
    const high = Math.max(0, h - 2 * thick);
    fill({ x, y, w, h: thick }, colour, alpha);
    fill({ x, y: y + h - thick, w, h: thick }, colour, alpha);
    fill({ x, y: y + thick, w: thick, h: high }, colour, alpha);
    fill({ x: x + w - thick, y: y + thick, w: thick, h: high }, colour, alpha);
  }

  function line(
    from: readonly [number, number],
    to: readonly [number, number],
    colour: Colour,
    thick: number,
    alpha = 1,
  ): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])) / thick));
    for (let step = 0; step <= steps; step++) {
      const x = from[0] + ((to[0] - from[0]) * step) / steps;
      const y = from[1] + ((to[1] - from[1]) * step) / steps;
      fill({ x: x - thick / 2, y: y - thick / 2, w: thick, h: thick }, colour, alpha);
    }
  }

  function stamp(stencil: Stencil, x: number, y: number, colour: Colour, alpha = 1): void {
    const [left, top] = [Math.round(x), Math.round(y)];
    for (let row = Math.max(0, -top); row < stencil.height && top + row < height; row++) {
      for (let column = Math.max(0, -left); column < stencil.width && left + column < width; column++) {
        const cover = stencil.alpha[row * stencil.width + column] ?? 0;
        if (cover > 0) mix(3 * ((top + row) * width + left + column), colour, (alpha * cover) / 255);
      }
    }
  }

  function inset(grey: Grey, { x, y, w, h }: Rect): void {
    for (let row = 0; row < h && y + row < height; row++) {
      const from = Math.floor((row * grey.height) / h) * grey.width;
      for (let column = 0; column < w && x + column < width; column++) {
        const level = grey.at(from + Math.floor((column * grey.width) / w));
        mix(3 * ((y + row) * width + x + column), [level, level, level], 1);
      }
    }
  }

  return {
    width,
    height,
    on: (pixels) => {
      state.pixels = pixels;
    },
    fill,
    outline,
    line,
    stamp,
    inset,
  };
}
