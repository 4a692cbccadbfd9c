// What a check names, edit by edit, on an archive, on an export and on a folder of records.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edits } from '../../cli/bench/tamper/edits.ts';
import { type MadeCase, makeCase } from '../../cli/bench/tamper/make.ts';
import { openZip } from '../../cli/verify/zip.ts';
import { judge, type Verdict } from '../../hub/custody/custody.ts';
import { keyRing, readKey } from '../../hub/custody/keys.ts';
import { momentsOf } from '../../hub/custody/times.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { recordFileName } from '../../protocol/record-file.ts';
import { readSigningKey, readUnverified, sha256, sign } from '../../protocol/sign.ts';

type Files = Map<string, Uint8Array>;
interface Setting {
  readonly dir: string;
  readonly made: MadeCase;
  readonly archive: Files;
  readonly exported: Files;
}
const dir = mkdtempSync(join(tmpdir(), 'matlang-custody-'));
const test = suite<Setting>('custody', { dir } as Setting);
test.before(async (at) => {
  const made = await makeCase(dir, 2, 4);
  const names = readdirSync(made.dataDir, { recursive: true, encoding: 'utf8' });
  const kept = names.filter((name) => statSync(join(made.dataDir, name)).isFile());
  const archive: Files = new Map(kept.map((name) => [name, readFileSync(join(made.dataDir, name))]));
  const zip = await openZip(made.path);
  const exported: Files = new Map();
  for (const name of zip.names) exported.set(name, await zip.read(name));
  zip.close();
  Object.assign(at, { made, archive, exported });
});
test.after(() => rmSync(dir, { recursive: true, force: true }));

const look = (files: Files, { made }: Setting, without: readonly string[] = []): Promise<Verdict> =>
  judge(
    { names: [...files.keys()], read: async (name) => files.get(name) ?? Promise.reject(new Error('no such file')) },
    keyRing(made.keys.filter(({ name }) => !without.includes(name))),
  );
const nameOf = (files: Files, part: string | RegExp): string =>
  [...files.keys()].find((name) => (typeof part === 'string' ? name.includes(part) : part.test(name))) ?? `no ${part}`;
const bytesOf = (files: Files, name: string): Buffer => Buffer.from(files.get(name) ?? []);
const codes = ({ wrong }: Verdict): string[] => wrong.map(({ code }) => code);
/** A copy in which one file is another, or none. */
const but = (files: Files, name: string, bytes?: Uint8Array): Files => {
  const copy = new Map(files);
  if (bytes === undefined) copy.delete(name);
  else copy.set(name, bytes);
  return copy;
};
const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 4;
  return copy;
};

test('an untouched archive and an untouched export are right, and say what nobody can tell', async (at) => {
  for (const [files, kind] of [
    [at.archive, 'archive'],
    [at.exported, 'export'],
  ] as const) {
    const verdict = await look(files, at);
    assert.equal([verdict.kind, verdict.ok, verdict.wrong], [kind, true, []]);
    assert.equal([verdict.records, verdict.segments, verdict.clips], kind === 'archive' ? [10, 4, 2] : [8, 4, 2]);
    assert.ok(verdict.unknown.includes('lens') && verdict.unknown.includes('log-tail'));
    assert.not(verdict.unknown.includes('no-hub-key'));
  }
});

interface Case {
  readonly name: string;
  readonly edit: (files: Files) => Files;
  readonly codes: readonly string[];
}
const inArchive: readonly Case[] = [
  {
    name: 'a flipped bit in a sealed body',
    edit: (files) => but(files, nameOf(files, '-still-'), flipped(bytesOf(files, nameOf(files, '-still-')), 9000)),
    codes: ['altered-body'],
  },
  {
    name: 'a flipped bit in a manifest',
    edit: (files) => but(files, nameOf(files, '-still-'), flipped(bytesOf(files, nameOf(files, '-still-')), 200)),
    codes: ['altered-manifest', 'missing-held'],
  },
  {
    name: 'the last letter of a signature written another way',
    edit: (files) => {
      const name = nameOf(files, '-still-');
      const bytes = bytesOf(files, name);
      const last = bytes.indexOf(0x0a) - 1;
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      bytes[last] = letters.charCodeAt(letters.indexOf(String.fromCharCode(bytes[last] ?? 0)) ^ 1);
      return but(files, name, bytes);
    },
    codes: ['altered-manifest', 'missing-held'],
  },
  {
    name: 'a record that is gone',
    edit: (files) => but(files, nameOf(files, '-vitals-')),
    codes: ['missing-held'],
  },
  {
    name: 'a segment that is gone',
    edit: (files) => but(files, nameOf(files, '.seg')),
    codes: ['missing-held'],
  },
  {
    name: 'two segments under each other’s names',
    edit: (files) => {
      const [one = '', other = ''] = [...files.keys()].filter((name) => name.endsWith('.seg'));
      return but(but(files, one, bytesOf(files, other)), other, bytesOf(files, one));
    },
    codes: ['swapped', 'swapped'],
  },
  {
    name: 'the bodies of two segments exchanged',
    edit: (files) => {
      const [one = '', other = ''] = [...files.keys()].filter((name) => name.endsWith('.seg'));
      const [first, second] = [bytesOf(files, one), bytesOf(files, other)];
      const join2 = (head: Buffer, body: Buffer) =>
        Buffer.concat([head.subarray(0, head.indexOf(0x0a) + 1), body.subarray(body.indexOf(0x0a) + 1)]);
      return but(but(files, one, join2(first, second)), other, join2(second, first));
    },
    codes: ['swapped-body', 'swapped-body'],
  },
  {
    name: 'a segment under a name of another time',
    edit: (files) => {
      const name = nameOf(files, '.seg');
      const bytes = bytesOf(files, name);
      return but(but(files, name), name.replace(/-\d{12}-/, '-000000999000-'), bytes);
    },
    codes: ['re-timed'],
  },
  {
    name: 'a body cut short',
    edit: (files) => but(files, nameOf(files, '.seg'), bytesOf(files, nameOf(files, '.seg')).subarray(0, -100)),
    codes: ['cut-body'],
  },
  {
    name: 'something behind a body',
    edit: (files) =>
      but(files, nameOf(files, '.seg'), Buffer.concat([bytesOf(files, nameOf(files, '.seg')), Buffer.from('x')])),
    codes: ['longer-body'],
  },
  {
    name: 'a line taken out of the log',
    edit: (files) => {
      const name = nameOf(files, /^audit\/000001\.log$/);
      return but(files, name, Buffer.from(bytesOf(files, name).toString().split('\n').slice(1).join('\n')));
    },
    codes: ['log-gap'],
  },
  {
    name: 'a signature of the hub’s that is not',
    edit: (files) => {
      const name = nameOf(files, 'hub.jws');
      return but(files, name, flipped(bytesOf(files, name), 300));
    },
    codes: ['counter-signature'],
  },
];
for (const { name, edit, codes: expected } of inArchive)
  test(`in an archive, ${name}: named as ${expected[0]}`, async (at) => {
    const verdict = await look(edit(at.archive), at);
    assert.equal(codes(verdict).sort(), [...expected].sort(), JSON.stringify(verdict.wrong));
  });

test('a record signed again by another key is named, with whose key it is where that is known', async (at) => {
  const pair = generateKeyPairSync('ed25519');
  const stranger = await readSigningKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const name = nameOf(at.archive, '-clip-');
  const bytes = bytesOf(at.archive, name);
  const end = bytes.indexOf(0x0a);
  const payload = JSON.stringify(readUnverified(bytes.subarray(0, end).toString()));
  const again = async (key: typeof stranger) => {
    const jws = await sign(payload, 'matlang-record', 'node:xa-thu/mat-01', key);
    const made = Buffer.concat([Buffer.from(jws), bytes.subarray(end)]);
    return but(but(at.archive, name), name.replace(/[0-9a-f]{16}(?=\.rec)/, sha256(jws).slice(0, 16)), made);
  };
  assert.ok(codes(await look(await again(stranger), at)).includes('altered-manifest'));
  const hubKey = await readSigningKey(readFileSync(join(dir, 'hub/hub.key.pem'), 'utf8'));
  const { wrong } = await look(await again(hubKey), at);
  assert.equal(wrong.find(({ code }) => code === 'other-key')?.detail, 'mat-01 hub');
});

test('two different records under one number are a conflict, and one that does not follow the one before breaks the chain', async () => {
  const pair = generateKeyPairSync('ed25519');
  const key = await readSigningKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const known = await readKey(
    'mat-02',
    pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'papers',
    false,
  );
  const boot = '000001.0badf00d';
  const made = async (seq: number, prev: string | null, release: string): Promise<[string, Uint8Array]> => {
    const manifest: Manifest = {
      ...{ v: 1, commune: 'xa-thu', node: 'mat-02', boot, seq, prev, kind: 'vitals', class: 5 },
      time: { monoMs: seq, wallMs: null, clock: 'none', errorMs: 0 },
      ...{ config: '0'.repeat(64), release },
    };
    const jws = await sign(JSON.stringify(manifest), 'matlang-record', 'node:xa-thu/mat-02', key);
    return [recordFileName({ boot, seq, kind: 'vitals', sha256: sha256(jws) }), Buffer.from(`${jws}\n`)];
  };
  const check = (files: Files) =>
    judge(
      { names: [...files.keys()], read: async (name) => files.get(name) ?? new Uint8Array() },
      keyRing(known === undefined ? [] : [known]),
    );
  const first = await made(0, null, '1');
  const hash = sha256(Buffer.from(first[1]).subarray(0, -1));
  assert.equal((await check(new Map([first, await made(1, hash, '1')]))).wrong, []);
  assert.equal(codes(await check(new Map([first, await made(1, 'f'.repeat(64), '1')]))), ['broken-link']);
  assert.equal(codes(await check(new Map([first, await made(0, null, '2')]))), ['conflict']);
});

test('a plain folder of records misses the segments its clips name, and the numbers between', async (at) => {
  const flat: Files = new Map();
  for (const [name, bytes] of at.archive) if (/\.rec$/.test(name)) flat.set(name.split('/').at(-1) ?? '', bytes);
  flat.delete(nameOf(flat, '-vitals-'));
  const verdict = await look(flat, at, ['hub']);
  assert.is(verdict.kind, 'records');
  assert.equal(codes(verdict).sort(), ['missing-record', 'missing-segment', 'missing-segment']);
  assert.ok(verdict.unknown.includes('no-hub-key') && verdict.unknown.includes('no-counter-signatures'));
});

test('on a copy of a card what was delivered may be gone: gaps are told, and are not wrong', async (at) => {
  const card: Files = new Map();
  for (const [name, bytes] of at.archive)
    if (/\.(rec|seg)$/.test(name))
      card.set(`${name.endsWith('.seg') ? 'ring' : 'spool/1'}/${name.split('/').at(-1)}`, bytes);
  card.delete(nameOf(card, '-vitals-'));
  const verdict = await look(card, at, ['hub']);
  assert.equal([verdict.kind, verdict.ok], ['spool', true]);
  assert.ok(verdict.notes.some(({ code }) => code === 'gap'));
});

let seed = 1;
const dice = (below: number): number => {
  seed = (seed * 48271) % 2147483647;
  return seed % below;
};
test('in an export every kind of edit is found, and the file that was touched is named', async (at) => {
  const pair = generateKeyPairSync('ed25519');
  const stranger = await readSigningKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  for (const [kind, edit] of Object.entries(edits)) {
    for (let turn = 0; turn < 6; turn++) {
      const edited = await edit(at.exported, dice, stranger);
      if (edited === undefined) continue;
      const { ok, wrong } = await look(new Map(edited.files), at);
      assert.not(ok, `${kind} ${edited.touched}`);
      assert.ok(
        wrong.some(({ place }) => edited.touched.some((name) => place.startsWith(name))),
        `${kind} ${edited.touched} ${JSON.stringify(wrong)}`,
      );
    }
  }
});

test('keys that were put into an export beside a re-made one are told from those of the papers', async (at) => {
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const verdict = await look(but(at.exported, 'keys/mat-01.pub', Buffer.from(other)), at);
  assert.ok(codes(verdict).includes('other-key'));
});

test('an event from before the clock was set is timed by another record of the same start, with a bound that grows', () => {
  const entry = (seq: number, monoMs: number, wallMs: number | null, id?: string) => ({
    file: String(seq),
    whole: true,
    entry: {
      is: 'record',
      node: 'mat-01',
      boot: '000001.00000001',
      number: seq,
      id: `h${seq}`,
      manifest: {
        time: { monoMs, wallMs, clock: wallMs === null ? 'none' : 'ntp', errorMs: wallMs === null ? 0 : 20 },
        ...(id === undefined ? {} : { event: { id, phase: 'new', trigger: 'motion', level: 'event' } }),
      },
    },
  });
  const items = [entry(0, 10_000, null, 'early'), entry(1, 110_000, 1_000_000), entry(2, 120_000, 1_010_000, 'late')];
  const moments = momentsOf(items as unknown as Parameters<typeof momentsOf>[0], new Map([['h0', 5]]));
  assert.equal(
    moments.map(({ event, wallMs, errorMs, by, heldMs }) => [event, wallMs, errorMs, by, heldMs]),
    [
      ['early', 900_000, 30, 're-timed', 5],
      ['late', 1_010_000, 20, 'own', null],
    ],
  );
});

test.run();
