// Spoils bytes, and JSON by its structure, in ways that have fooled parsers before.
import { below, pick, type Random } from '../../hal/sim-disk/random.ts';

const nasty: readonly unknown[] = [
  null,
  true,
  '',
  '..',
  '../../canary',
  '/etc/passwd',
  'a/../../canary',
  './x',
  'a//b',
  'a\u0000b',
  '\u202egpj.exe',
  '~',
  'con\n',
  '%2e%2e/canary',
  -1,
  0,
  1.5,
  2 ** 53,
  1e308,
  [],
  {},
  [[[[[]]]]],
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  'x'.repeat(5000),
];
const nastyKeys = ['__proto__', 'constructor', 'toString', '', '../../canary', 'signed', 'signatures'];

/** The same, but for one thing. */
export function spoilBytes(bytes: Uint8Array, random: Random): Buffer {
  const out = Buffer.from(bytes);
  const at = below(out.length, random);
  const length = 1 + below(Math.min(64, out.length - at), random);
  const piece = out.subarray(at, at + length);
  switch (below(7, random)) {
    case 0:
      out[at] = (out[at] ?? 0) ^ (1 << below(8, random));
      return out;
    case 1:
      out[at] = below(256, random);
      return out;
    case 2:
      return Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
    case 3:
      return Buffer.concat([out.subarray(0, at), piece, out.subarray(at)]);
    case 4:
      return out.subarray(0, at);
    case 5: {
      const noise = Buffer.from(Array.from({ length }, () => below(256, random)));
      return Buffer.concat([out.subarray(0, at), noise, out.subarray(at)]);
    }
    default:
      return Buffer.concat([out.subarray(at), out.subarray(0, at)]);
  }
}

/** One value in it replaced, taken away, or set beside the others. */
export function spoilJson(text: string, random: Random): string {
  const found: unknown = JSON.parse(text);
  let place: unknown = found;
  let above: { of: Record<string, unknown>; key: string } | undefined;
  while (typeof place === 'object' && place !== null && (above === undefined || random() < 0.75)) {
    const of = place as Record<string, unknown>;
    const key = pick(Object.keys(of), random);
    if (key === undefined) break;
    above = { of, key };
    place = of[key];
  }
  if (above === undefined) return text;
  const { of, key } = above;
  switch (below(5, random)) {
    case 0:
      delete of[key];
      break;
    case 1:
      // As a parser would: an own property, whatever it is called.
      Object.defineProperty(of, pick(nastyKeys, random) ?? '', {
        value: pick(nasty, random),
        enumerable: true,
        configurable: true,
        writable: true,
      });
      break;
    case 2:
      of[key] = Array.isArray(place)
        ? [...place, ...place]
        : typeof place === 'number'
          ? place + 1
          : pick(nasty, random);
      break;
    default:
      of[key] = pick(nasty, random);
  }
  return JSON.stringify(found);
}
