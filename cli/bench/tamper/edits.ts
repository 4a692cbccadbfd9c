// What somebody might do to an export, at random: each edit changes the set, and says which of its files it touched.
import { readUnverified, type SigningKey, sha256, sign } from '../../../protocol/sign.ts';

export type FileSet = ReadonlyMap<string, Uint8Array>;
export interface Edited {
  readonly files: FileSet;
  /** A finding must name one of these. */
  readonly touched: readonly string[];
}
/** 0 up to, not including, `below`. */
export type Dice = (below: number) => number;
/** Undefined where this edit finds nothing to do here. */
type Edit = (files: FileSet, dice: Dice, stranger: SigningKey) => Edited | undefined | Promise<Edited | undefined>;

export const edits: Readonly<Record<string, Edit>> = {
  bit: (files, dice) =>
    change(files, pick([...files.keys()], dice), (bytes) => xor(bytes, dice(bytes.length), 1 << dice(8))),
  byte: (files, dice) =>
    change(files, pick([...files.keys()], dice), (bytes) => xor(bytes, dice(bytes.length), 1 + dice(255))),
  cut: (files, dice) => change(files, pick([...files.keys()], dice), (bytes) => bytes.slice(0, dice(bytes.length))),
  drop: (files, dice) => {
    const name = pick([...files.keys()], dice);
    return { files: without(files, name), touched: [name] };
  },
  swap: (files, dice) => {
    // Of one sort, as somebody would swap clips or segments.
    const one = pick([...files.keys()], dice);
    const others = [...files.keys()].filter((name) => name !== one && sortOf(name) === sortOf(one));
    const other = pick(others.length > 0 ? others : [...files.keys()], dice);
    return swapped(files, one, other);
  },
  splice: (files, dice) => {
    const from = files.get(pick([...files.keys()], dice)) ?? new Uint8Array();
    const at = dice(from.length);
    const piece = from.subarray(at, at + 1 + dice(2000));
    return change(files, pick([...files.keys()], dice), (bytes) => {
      const place = dice(bytes.length + 1);
      const replaced = dice(2) === 0 ? 0 : piece.length;
      return Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place + replaced)]);
    });
  },
  'time-name': (files, dice) => {
    const name = pick(
      [...files.keys()].filter((each) => each.endsWith('.seg')),
      dice,
    );
    const renamed = name.replace(
      /-(\d{12})-/,
      (_, ms: string) => `-${String(Number(ms) + 1000 * (1 + dice(3600))).padStart(12, '0')}-`,
    );
    const bytes = files.get(name);
    if (bytes === undefined) return undefined;
    return { files: new Map([...without(files, name), [renamed, bytes]]), touched: [renamed] };
  },
  'time-manifest': (files, dice) => {
    const name = pick(
      [...files.keys()].filter((each) => /\.(?:rec|seg|jws)$/.test(each)),
      dice,
    );
    return change(files, name, (bytes) => retimed(bytes, dice));
  },
  'time-film': (files, dice) => {
    const name = pick(
      [...files.keys()].filter((each) => /\.(?:m4s|mp4)$/.test(each)),
      dice,
    );
    return change(files, name, (bytes) => {
      const at = Buffer.from(bytes).indexOf('tfdt');
      return at < 0 ? bytes : xor(bytes, at + 12 + dice(4), 1 + dice(255));
    });
  },
  order: (files, dice) => {
    const name = pick(
      [...files.keys()].filter((each) => each.endsWith('.jws')),
      dice,
    );
    return change(files, name, (bytes) => {
      const lines = textOf(bytes).split('\n').slice(0, -1);
      const [from, to] = [dice(lines.length), dice(lines.length)];
      const moved = lines.toSpliced(from, 1).toSpliced(to, 0, lines[from] ?? '');
      return Buffer.from(`${moved.join('\n')}\n`, 'latin1');
    });
  },
  'line-drop': (files, dice) => {
    const name = pick(
      [...files.keys()].filter((each) => /\.jws$|SUMS$/.test(each)),
      dice,
    );
    return change(files, name, (bytes) => {
      const lines = textOf(bytes).split('\n');
      return Buffer.from(lines.toSpliced(dice(lines.length - 1), 1).join('\n'), 'latin1');
    });
  },
  're-sign': async (files, dice, stranger) => {
    const name = pick(
      [...files.keys()].filter((each) => /\.(?:rec|seg)$/.test(each)),
      dice,
    );
    const bytes = Buffer.from(files.get(name) ?? []);
    const end = bytes.indexOf(0x0a);
    const payload = readUnverified(bytes.subarray(0, end).toString('latin1'));
    const typ = name.endsWith('.seg') ? 'matlang-segment' : 'matlang-record';
    const jws = await sign(JSON.stringify(payload), typ, 'node:xa-thu/mat-01', stranger);
    // Under the name that fits what is in it now.
    const renamed = name.replace(/[0-9a-f]{16}(?=\.\w+$)/, sha256(jws).slice(0, 16));
    const made = Buffer.concat([Buffer.from(`${jws}\n`), bytes.subarray(end + 1)]);
    return { files: new Map([...without(files, name), [renamed, made]]), touched: [renamed] };
  },
  'contents-re-sign': async (files, dice, stranger) => {
    const payload = readUnverified(textOf(files.get('contents.jws') ?? new Uint8Array()).trim());
    const still = pick(
      [...files.keys()].filter((each) => each.startsWith('stills/')),
      dice,
    );
    const touched = xor(files.get(still) ?? new Uint8Array(), 100, 1);
    const listed = JSON.stringify(payload).replace(sha256(files.get(still) ?? ''), sha256(touched));
    const jws = await sign(listed, 'matlang-export', 'hub:xa-thu', stranger);
    return {
      files: new Map([...files, [still, touched], ['contents.jws', Buffer.from(`${jws}\n`)]]),
      touched: ['contents.jws'],
    };
  },
};

function pick<T>(from: readonly T[], dice: Dice): T {
  const one = from[dice(from.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
}

const sortOf = (name: string): string => `${name.split('/')[0]} ${name.slice(name.lastIndexOf('.'))}`;
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const without = (files: FileSet, name: string): FileSet => new Map([...files].filter(([each]) => each !== name));

/** Undefined where the bytes stay as they are. */
function change(files: FileSet, name: string, how: (bytes: Uint8Array) => Uint8Array): Edited | undefined {
  const before = files.get(name);
  if (before === undefined || before.length === 0) return undefined;
  const after = how(before);
  if (Buffer.from(after).equals(before)) return undefined;
  return { files: new Map([...files, [name, Uint8Array.from(after)]]), touched: [name] };
}

function swapped(files: FileSet, one: string, other: string): Edited | undefined {
  const [first, second] = [files.get(one), files.get(other)];
  if (first === undefined || second === undefined || one === other || Buffer.from(first).equals(second))
    return undefined;
  return { files: new Map([...files, [one, second], [other, first]]), touched: [one, other] };
}

function xor(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ mask;
  return changed;
}

/** Another time in a signed text, its signature left as it was. */
function retimed(bytes: Uint8Array, dice: Dice): Uint8Array {
  const text = textOf(bytes);
  const end = text.indexOf('\n');
  const [header = '', payload = '', signature = ''] = text.slice(0, end).split('.');
  const json = Buffer.from(payload, 'base64url').toString('utf8');
  const moved = json.replace(
    /"(wallMs|hubMs|atMs|firstMonoMs|monoMs)":(\d+)/,
    (_, key: string, ms: string) => `"${key}":${Number(ms) + 1 + dice(86_400_000)}`,
  );
  const line = `${header}.${Buffer.from(moved).toString('base64url')}.${signature}`;
  return Buffer.concat([Buffer.from(line, 'latin1'), Buffer.from(bytes.subarray(end))]);
}
