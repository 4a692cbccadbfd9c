// Rubbish for every parser that reads what others wrote: nothing crashes, nothing is taken that was not signed as it stands, time and memory are bounded.
// MATLANG_LONG: a million inputs each. A signature costs more than a topic, so the standard run gives the signed ones fewer.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { readNodeConfig } from '../../agent/core/config/read.ts';
import { serveLocal } from '../../agent/local.ts';
import { recorderMessageSchema, uplinkMessageSchema } from '../../agent/local-messages.ts';
import { openCommandDesk } from '../../agent/uplink/commands.ts';
import { readHubConfig } from '../../hub/config.ts';
import { type Entry, examine } from '../../hub/examine.ts';
import { holes, openIncoming } from '../../hub/incoming.ts';
import { openAdmit } from '../../hub/trust/admit.ts';
import { makeCaCertificate, makeKeys, openCa, readRequest } from '../../hub/trust/ca.ts';
import { trustPaths } from '../../hub/trust/files.ts';
import { openRoll } from '../../hub/trust/roll.ts';
import type { Command } from '../../protocol/command.ts';
import { certificateRequest } from '../../protocol/csr.ts';
import { type Manifest, manifestSchema, type SegmentManifest, segmentManifestSchema } from '../../protocol/manifest.ts';
import { blockBytes, type Receipt, receiptSchema } from '../../protocol/receipt.ts';
import { joinRecordFile, parseFileName, recordFileName, segmentFileName } from '../../protocol/record-file.ts';
import { type JwsType, readSigningKey, readVerifyingKey, sha256, sign, verify } from '../../protocol/sign.ts';
import { readTicket, type Ticket, ticketSchema, writeTicket } from '../../protocol/ticket.ts';
import { parseOutTopic } from '../../protocol/topics.ts';
import { type Dice, fuzz, mutate, mutateJson, turns } from '../support/fuzz.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-fuzz-'));
const pair = generateKeyPairSync('ed25519');
const key = await readSigningKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const publicKey = await readVerifyingKey(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
const sender = { commune: 'xa-thu', node: 'mat-01', key: publicKey };
const signed = (value: unknown, typ: JwsType) => sign(JSON.stringify(value), typ, 'test', key);
const test = suite('fuzz');
test.after(() => rmSync(dir, { recursive: true, force: true }));

const body = randomBytes(300);
const boot = '000001.0badf00d';
const hashes = { sealedSha256: sha256(body), plainSha256: 'a'.repeat(64), bytes: body.length };
const event: Manifest = {
  ...{ v: 1, commune: 'xa-thu', node: 'mat-01', boot, seq: 3, prev: 'b'.repeat(64), kind: 'event', class: 0 },
  time: { monoMs: 5000, wallMs: 1_790_000_000_000, clock: 'ntp', errorMs: 8 },
  event: { id: 'e1', phase: 'new', trigger: 'panic', level: 'alarm' },
  body: { bytes: body.length, sha256: sha256(body), plainSha256: 'a'.repeat(64), type: 'application/json' },
  ...{ config: 'c'.repeat(64), release: '0.1.0' },
};
const { event: _, ...bare } = event;
const clip: Manifest = {
  ...{ ...bare, seq: 4, kind: 'clip', class: 4, of: { event: 'e1', part: 0, why: 'event' } },
  segments: [0, 1, 2].map((seg) => ({ boot, seg, ...hashes, firstMonoMs: seg * 2000, durationMs: 2000 })),
  ...{ init: 'd'.repeat(64), complete: true, last: true },
};
const segment: SegmentManifest = {
  ...{ v: 1, kind: 'segment', commune: 'xa-thu', node: 'mat-01', boot, seg: 7, init: 'd'.repeat(64), ...hashes },
  ...{ firstMonoMs: 12_000, durationMs: 2000, fragments: 2, wallMs: 1_790_000_000_000 },
};
const receipt: Receipt = {
  ...{ v: 1, aud: 'xa-thu/mat-01', hubMs: 1_790_000_000_000 },
  stored: [{ boot, seq: 3, sha256: 'e'.repeat(64) }],
  missing: [
    {
      id: 'e'.repeat(64),
      ranges: [
        [0, 4],
        [7, 9],
      ],
    },
  ],
  refused: [{ id: 'f'.repeat(64), why: 'conflict' }],
};
const nowMs = 1_790_000_000_000;
const command: Command = {
  v: 1,
  aud: 'xa-thu/mat-01',
  id: 'abcdefgh-1',
  name: 'lamp',
  args: { on: true },
  expiresAtMs: nowMs + 60_000,
};

/** What a file must be to be stored: signed as it stands, and its body the one that is named. */
async function taken(bytes: Uint8Array): Promise<Entry | undefined> {
  const examined = await examine(bytes, sender);
  if (!examined.ok) return undefined;
  const { entry, body: found } = examined;
  const wanted = entry.body ?? { bytes: 0, sha256: sha256('') };
  return found.length === wanted.bytes && sha256(found) === wanted.sha256 ? entry : undefined;
}

const isAmong = (corpus: readonly Uint8Array[], bytes: Uint8Array) =>
  corpus.some((each) => Buffer.from(each).equals(bytes));
/** The same text for the same content, whatever the order of its keys. */
const flatJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
const signedTurns = turns(4_000);
const plainTurns = turns(20_000);

for (const [name, made] of [
  ['manifests', [event, clip]],
  ['segments', [segment]],
] as const) {
  test(`${name}: bytes that were touched are refused`, async () => {
    const typ = name === 'segments' ? 'matlang-segment' : 'matlang-record';
    const corpus = await Promise.all(made.map(async (each) => joinRecordFile(await signed(each, typ), body)));
    for (const each of corpus) assert.ok((await taken(each)) !== undefined);
    await fuzz(
      name,
      signedTurns,
      (dice) => mutate(corpus, dice),
      async (bytes) => {
        assert.is((await taken(bytes)) !== undefined, isAmong(corpus, bytes));
      },
    );
  });
  test(`${name}: signed rubbish is refused, and what is taken is of the agreed shape to the last key`, async () => {
    const schema = name === 'segments' ? segmentManifestSchema : manifestSchema;
    await fuzz(
      name,
      plainTurns,
      (dice) => mutateJson(made[dice(made.length)], dice),
      (value) => {
        const read = schema.safeParse(value);
        if (!read.success) return;
        assert.is(flatJson(read.data), flatJson(value));
        const { commune, node, boot: itsBoot } = read.data;
        for (const text of [commune, node]) assert.match(text, /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);
        assert.match(itsBoot, /^\d{6}\.[0-9a-f]{8}$/);
        const number = 'seq' in read.data ? read.data.seq : read.data.seg;
        assert.ok(Number.isSafeInteger(number) && number >= 0 && number < 1e10);
        const name =
          'seq' in read.data
            ? recordFileName({ ...read.data, sha256: 'a'.repeat(64) })
            : segmentFileName({ ...read.data, sha256: 'a'.repeat(64) });
        assert.ok(parseFileName(name) !== undefined, `its name cannot be read: ${name}`);
      },
    );
  });
}

test('receipts: what the hub did not sign as it stands counts for nothing', async () => {
  const corpus = [
    Buffer.from(await signed(receipt, 'matlang-receipt')),
    Buffer.from(await signed(command, 'matlang-command')),
  ];
  await fuzz(
    'receipt',
    signedTurns,
    (dice) => mutate(corpus, dice),
    async (bytes) => {
      const checked = await verify(Buffer.from(bytes).toString('latin1'), 'matlang-receipt', publicKey);
      assert.is(checked.ok, corpus[0]?.equals(bytes) === true);
    },
  );
  await fuzz(
    'receipt',
    plainTurns,
    (dice) => mutateJson(receipt, dice),
    (value) => {
      const read = receiptSchema.safeParse(value);
      if (read.success) assert.is(flatJson(read.data), flatJson(value));
    },
  );
});

test('requests to join and certificate requests: nobody joins by what was not signed as it stands', async () => {
  const caKey = makeKeys().privatePem;
  const ca = openCa(await makeCaCertificate('xa-thu', caKey, Date.now()), caKey);
  const roll = openRoll(join(dir, 'roll.sqlite'));
  const server = { cert: '', key: '' };
  const admit = openAdmit(
    { paths: trustPaths(dir), ca, roll, server, client: server, close: roll.close },
    {
      ...{
        commune: 'xa-thu',
        keysDir: dir,
        hubKey: '',
        recipients: ['age1'],
        broker: 'mqtts://x',
        mqtt: 5,
        hubs: ['x:1'],
      },
      ...{ lastRecord: () => undefined, withdrawal: () => Promise.resolve(''), wallMs: Date.now },
    },
  );
  const token = 'T'.repeat(22);
  roll.addTicket(sha256(token), { node: 'mat-01', place: 'x', expiresMs: Date.now() + 3_600_000 });
  const csr = certificateRequest('mat-01', generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const signingKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const request = { v: 1, token, csr, signingKey };
  const corpus = [
    Buffer.from(await signed(request, 'matlang-enrol')),
    Buffer.from(await signed(request, 'matlang-record')),
  ];
  assert.ok((await admit.enrol(String(corpus[0]))).ok);
  await fuzz(
    'enrol',
    turns(1_000),
    (dice) => mutate(corpus, dice),
    async (bytes) => {
      const admitted = await admit.enrol(Buffer.from(bytes).toString('utf8'));
      assert.is(admitted.ok, corpus[0]?.equals(bytes) === true);
    },
  );
  const requests = [Buffer.from(csr)];
  await fuzz(
    'csr',
    signedTurns,
    (dice) => mutate(requests, dice),
    async (bytes) => {
      const read = await readRequest(Buffer.from(bytes).toString('latin1'));
      // Line ends and what stands around it do not count; a key that is taken is the key that was signed with.
      if (read !== undefined) assert.is(read, await readRequest(csr));
    },
  );
  roll.close();
});

test('commands: none runs that the hub did not sign as it stands, and none with a key more or a value out of bounds', async () => {
  let run = 0;
  let last: Command | undefined;
  const desk = openCommandDesk({
    hubKey: publicKey,
    audience: 'xa-thu/mat-01',
    time: { wallMs: () => nowMs, isKnown: () => true },
    nonces: { current: () => 'n', ageMs: () => undefined },
    seen: { has: () => false, add: async () => true, remove: async () => undefined, forget: () => undefined },
    pass: (passed) => {
      run += 1;
      last = passed;
      return true;
    },
    answer: () => undefined,
    alarm: () => undefined,
  });
  const corpus = [
    Buffer.from(await signed(command, 'matlang-command')),
    Buffer.from(await signed(receipt, 'matlang-receipt')),
  ];
  await fuzz(
    'command',
    signedTurns,
    (dice) => mutate(corpus, dice),
    async (bytes) => {
      const before = run;
      await desk.take(bytes, false);
      assert.is(run > before, corpus[0]?.equals(bytes) === true);
    },
  );
  await fuzz(
    'command',
    signedTurns / 4,
    (dice) => mutateJson(command, dice),
    async (value) => {
      const before = run;
      await desk.take(Buffer.from(await signed(value, 'matlang-command')), false);
      if (run === before) return;
      assert.is(flatJson(last), flatJson(value));
      assert.ok(last?.aud === 'xa-thu/mat-01' && (last.expiresAtMs ?? 0) <= nowMs + 24 * 3_600_000);
    },
  );
});

test('tickets: what is no whole ticket is refused in words, and what is taken is of the agreed shape to the last key', async () => {
  const ticket: Ticket = {
    ...{ v: 1, commune: 'xa-thu', node: 'mat-01', place: 'Ngã ba chợ', hubs: ['hub.lan:8884'] },
    ...{ caSha256: 'a'.repeat(64), token: 'A'.repeat(22), expiresMs: nowMs },
    lent: { owner: 'Trường tiểu học', consentDate: '2026-01-01' },
  };
  const mark = writeTicket(ticket).split(':')[0] ?? '';
  const isWhole = (text: string): boolean => {
    const read = readTicket(text);
    if (!read.ok) assert.ok(read.text.length > 0);
    else assert.ok(ticketSchema.safeParse(read.ticket).success && text.includes(mark));
    return read.ok;
  };
  assert.ok(isWhole(writeTicket(ticket)));
  const corpus = [Buffer.from(writeTicket(ticket)), Buffer.from(`# ghi chú\r\n${writeTicket(ticket)}\n`)];
  await fuzz(
    'ticket',
    plainTurns / 2,
    (dice) => Buffer.from(mutate(corpus, dice)).toString('utf8'),
    (text) => {
      isWhole(text);
    },
  );
  await fuzz(
    'ticket',
    plainTurns / 2,
    (dice) => mutateJson(ticket, dice),
    (value) => {
      const read = readTicket(`${mark}:${Buffer.from(JSON.stringify(value)).toString('base64url')}`);
      if (read.ok) assert.is(flatJson(read.ticket), flatJson(value));
    },
  );
});

test('topics: only those of the agreed form are understood', async () => {
  const form =
    /^matlang\/1\/xa-thu\/[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\/out\/(?:status|vitals|record|reply|config|live\/[^/]*|chunk\/[0-9a-f]{64}\/\d{1,6})$/;
  const corpus = ['status', 'record', `chunk/${'a'.repeat(64)}/12`, 'live/abc'].map((end) =>
    Buffer.from(`matlang/1/xa-thu/mat-01/out/${end}`),
  );
  await fuzz(
    'topic',
    plainTurns,
    (dice) => Buffer.from(mutate(corpus, dice)).toString('utf8'),
    (topic) => {
      assert.is(parseOutTopic(topic, 'xa-thu') !== undefined, form.test(topic));
    },
  );
});

const nodeYaml = stringify({
  ...{ commune: 'xa-thu', node: 'mat-01', title: 'Mắt 01', dataDir: '.', identityDir: 'identity' },
  camera: { driver: 'scene', seed: 1, time: 'day' },
  motion: { sensitivity: 5 },
  storage: { ringMiB: 512, spoolMiB: 512, keepFreeMiB: 64 },
  uplink: { broker: 'mqtt://127.0.0.1:1883', mqtt: 5 },
  pins: { inputs: [{ pin: 17, trigger: 'panic' }] },
});
const hubYaml = stringify({ commune: 'xa-thu', dataDir: 'data', listen: { port: 8080 }, keepFreeMiB: 256 });

test('configurations: what is not taken has a place and a rule, and what is taken says the same when it is read again', async () => {
  for (const [read, yaml] of [
    [readNodeConfig, nodeYaml],
    [readHubConfig, hubYaml],
  ] as const) {
    assert.ok(read(yaml, 'x.yaml').ok);
    const corpus = [Buffer.from(yaml)];
    await fuzz(
      'configuration',
      turns(600),
      (dice) => mutate(corpus, dice),
      (bytes) => {
        const is = read(bytes, 'x.yaml');
        if (!is.ok) {
          assert.ok(is.faults.length >= 1 && is.faults.length <= 50);
          assert.ok(is.faults.every(({ line }) => line >= 1));
          return;
        }
        assert.equal(read(bytes, 'x.yaml'), is);
        assert.match(is.config.commune, /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);
      },
    );
  }
});

test('chunks: a body is whole only when every block of it has come, and its part never grows beyond it', async () => {
  const incoming = await openIncoming(join(dir, 'incoming'));
  const bytes = 5 * blockBytes + 77;
  const id = 'a'.repeat(64);
  const entry = {
    is: 'record',
    jws: '',
    id,
    node: 'mat-01',
    boot,
    number: 0,
    name: 'x',
    body: { bytes, sha256: id },
    manifest: event,
  } as const;
  const have = new Uint8Array(6);
  await incoming.offer({ entry, bytes });
  const make = (dice: Dice) => ({
    id: dice(20) === 0 ? 'b'.repeat(64) : id,
    index: dice(4) === 0 ? dice(1_000_000) : dice(7),
    length: [0, 1, 77, blockBytes, 2 * blockBytes, 5 * blockBytes + 77, dice(200_000)][dice(7)] ?? 0,
  });
  const block = Buffer.alloc(200_000);
  await fuzz('chunk', turns(5_000), make, async ({ id: its, index, length }) => {
    const is = (await incoming.chunk('mat-01', its, index, block.subarray(0, length))).is;
    const end = index * blockBytes + length;
    const fits = length > 0 && end <= bytes && (length % blockBytes === 0 || end === bytes);
    if (its !== id) assert.is(is, 'stray');
    else if (!fits) assert.is(is, 'bad');
    else {
      have.fill(1, index, index + Math.ceil(length / blockBytes));
      assert.is(is, holes(have).length === 0 ? 'whole' : 'more');
    }
    if (is !== 'whole') return;
    const [file = ''] = readdirSync(join(dir, 'incoming/mat-01'));
    assert.is(statSync(join(dir, 'incoming/mat-01', file)).size, bytes + 6);
    await incoming.drop('mat-01', id);
    have.fill(0);
    await incoming.offer({ entry, bytes });
  });
});

const lines = [
  { is: 'doorbell', class: 0 },
  { is: 'status', boot, release: '0.1.0', configSha256: 'a'.repeat(64) },
  { is: 'reply', reply: { v: 1, id: 'abcdefgh', ok: true, text: 'x' } },
  { is: 'hubTime', hubMs: 1, errorMs: 2 },
  { is: 'link', state: 'online', queued: 1, oldestAgeMs: null, sentBytes: 3 },
  { is: 'command', command },
];

test('lines of the local socket: what is taken is of the agreed shape to the last key', async () => {
  for (const schema of [recorderMessageSchema, uplinkMessageSchema])
    await fuzz(
      'local',
      plainTurns / 2,
      (dice) => mutateJson(lines[dice(lines.length)], dice),
      (value) => {
        const read = schema.safeParse(value);
        if (read.success) assert.is(flatJson(read.data), flatJson(value));
      },
    );
});

test('the local socket itself: whoever talks rubbish is cut off, the listener goes on and hears the next one', async () => {
  const path = join(dir, 'local.sock');
  const stop = new AbortController();
  const heard: unknown[] = [];
  const server = serveLocal(path, { heard: (message) => heard.push(message) }, stop.signal);
  const corpus = lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`));
  const say = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(path, () => socket.end(bytes));
      socket.once('close', () => resolve()).once('error', () => undefined);
      socket.resume();
    });
  await fuzz('socket', turns(300, 20_000), (dice) => mutate(corpus, dice), say);
  const before = heard.length;
  await say(Buffer.from('{"is":"hubTime","hubMs":1,"errorMs":2}\n'));
  for (let wait = 0; heard.length === before && wait < 200; wait++) await new Promise((done) => setTimeout(done, 10));
  assert.equal(heard.at(-1), { is: 'hubTime', hubMs: 1, errorMs: 2 });
  assert.ok(server.counts().garbage > 0);
  for (const message of heard) assert.ok(uplinkMessageSchema.safeParse(message).success);
  stop.abort();
  await server.ended;
});

test.run();
