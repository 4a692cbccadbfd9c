// From light to the camera's bytes: film-like curve, gamma, BT.601 in studio range (what ffmpeg assumes of raw video that says nothing).

/** Linear light, red, green, blue; 1 is white paper in full sun, more is possible. */
export type Colour = readonly [r: number, g: number, b: number];

/** `#rrggbb` as a painter would mix it, in linear light. */
export function colour(hex: string): Colour {
  const channel = (at: number) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2;
  return [channel(1), channel(3), channel(5)];
}

export function scaled([r, g, b]: Colour, factor: number): Colour {
  return [r * factor, g * factor, b * factor];
}

export function blended(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

const steps = 4096;
const lightMax = 4;
const curve = Float32Array.from({ length: steps + 1 }, (_, step) => film((step / steps) ** 2 * lightMax));

/** Narkowicz's fit of the ACES film curve, then display gamma. */
function film(light: number): number {
  const x = light * 0.78;
  return Math.min(1, (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)) ** (1 / 2.2);
}

/** Brightness on the display, 0 to 1, of linear light. The table is laid out by square root so that the dark end is finely stepped. */
export function shown(light: number): number {
  const step = light <= 0 ? 0 : light >= lightMax ? steps : Math.sqrt(light / lightMax) * steps;
  return curve[Math.round(step)] ?? 1;
}

/** Luma above black: 0 to 219 (byte value less 16). */
export function luma(r: number, g: number, b: number): number {
  return 65.481 * r + 128.553 * g + 24.966 * b;
}

/** Blue and red difference above 16: 0 to 224, neutral is 112. */
export function chromaBlue(r: number, g: number, b: number): number {
  return 112 - 37.797 * r - 74.203 * g + 112 * b;
}

export function chromaRed(r: number, g: number, b: number): number {
  return 112 + 112 * r - 93.786 * g - 18.214 * b;
}
