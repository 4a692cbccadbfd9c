// Inputs that were sound and no longer are: bytes flipped, cut, doubled, put in, exchanged with those of others; and JSON with other values in it.
// The same seed gives the same inputs; a failure names seed, turn and input.
import * as assert from 'uvu/assert';

/** How many inputs a parser gets: `long` with MATLANG_LONG. */
export const turns = (usual: number, long = 1_000_000): number =>
  process.env.MATLANG_LONG === undefined ? usual : long;

export type Dice = (below: number) => number;

/** xorshift32. */
export function diceOf(seed: number): Dice {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % Math.max(1, below);
  };
}

const odd = [
  '\u0000',
  '\n',
  '.',
  '{',
  '}',
  '"',
  '-1',
  '1e999',
  'null',
  '\ufeff',
  '\ud800',
  '../',
  'NaN',
  '9'.repeat(40),
  '[[[[[[[[',
];

export function mutate(corpus: readonly Uint8Array[], dice: Dice): Uint8Array {
  let bytes = Buffer.from(corpus[dice(corpus.length)] ?? []);
  for (let times = 1 + dice(3); times > 0; times--) bytes = Buffer.from(once(bytes, corpus, dice));
  return bytes;
}

function once(bytes: Buffer, corpus: readonly Uint8Array[], dice: Dice): Buffer {
  const at = dice(bytes.length + 1);
  const length = 1 + dice(dice(4) === 0 ? 2000 : 8);
  switch (dice(8)) {
    case 0:
      if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << dice(8));
      return bytes;
    case 1:
      if (bytes.length > 0) bytes[at % bytes.length] = dice(256);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(odd[dice(odd.length)] ?? ''), bytes.subarray(at)]);
    case 6: {
      const other = corpus[dice(corpus.length)] ?? bytes;
      const from = dice(other.length);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at + length)]);
    }
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length, dice(256)), bytes.subarray(at)]);
  }
}

const values = [
  null,
  true,
  -1,
  0.5,
  1e308,
  -0,
  2 ** 53,
  '',
  'x',
  'x'.repeat(5000),
  [],
  {},
  [[]],
  '000001.00000000',
  'f'.repeat(64),
] as const;
const keys = ['v', 'kind', 'node', '__proto__', 'constructor', 'toString', 'body', 'x'];

/** A copy with another value, a key more or a key less somewhere. */
export function mutateJson(value: unknown, dice: Dice): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  let holder = copy;
  for (;;) {
    if (typeof holder !== 'object' || holder === null) return values[dice(values.length)];
    const names = Object.keys(holder);
    const name = names[dice(names.length)];
    const inner = name === undefined ? undefined : Reflect.get(holder, name);
    if (typeof inner === 'object' && inner !== null && dice(3) > 0) {
      holder = inner;
      continue;
    }
    if (name === undefined || dice(4) === 0)
      Object.defineProperty(holder, keys[dice(keys.length)] ?? 'x', {
        value: values[dice(values.length)],
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else if (dice(2) === 0) Reflect.set(holder, name, values[dice(values.length)]);
    else Reflect.deleteProperty(holder, name);
    return copy;
  }
}

/** CPU time for one input; ours take a few ms at most. */
const cpuMsMax = 1000;
const memoryBytesMax = 200 * 1024 * 1024;

/** Gives `take` `count` inputs of `make`; it throws where the parser does wrong. Time and memory are bounded. */
export async function fuzz<T>(
  name: string,
  count: number,
  make: (dice: Dice) => T,
  take: (input: T) => Promise<void> | void,
): Promise<void> {
  const seed = Number(process.env.MATLANG_SEED ?? Date.now() % 1_000_000_007);
  const dice = diceOf(seed);
  const before = process.memoryUsage();
  for (let turn = 0; turn < count; turn++) {
    const input = make(dice);
    const cpu = process.cpuUsage();
    try {
      await take(input);
    } catch (cause) {
      throw new Error(`${name}: seed ${seed}, turn ${turn}, input ${shown(input)}: ${String(cause)}`, { cause });
    }
    const { user, system } = process.cpuUsage(cpu);
    assert.ok((user + system) / 1000 < cpuMsMax, `${name}: ${(user + system) / 1000} ms for ${shown(input)}`);
  }
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grown < memoryBytesMax, `${name}: ${grown} bytes more after ${count} inputs`);
}

function shown(input: unknown): string {
  if (input instanceof Uint8Array) return Buffer.from(input).toString('base64').slice(0, 4000);
  return JSON.stringify(input)?.slice(0, 4000) ?? String(input);
}
