// Fetching a release over links and from servers as bad as they come: what it costs, what stops it, and that what runs runs on.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shelf } from '../../ota/shelf.ts';
import { openPace } from '../../ota/trust/pace.ts';
import { type Patience, type Source, webSource } from '../../ota/trust/source.ts';
import { plantTrust } from '../../ota/trust/store.ts';
import { update } from '../../ota/trust/update.ts';
import { found, nowMs, releaseSmall } from './makers.ts';
import { receipted } from './small-release.ts';

const test = suite('ota/mirror');
const base = mkdtempSync(join(tmpdir(), 'matlang-mirror-'));
const servers: Server[] = [];
test.after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  if (hasCard) spawnSync('umount', [small]);
  rmSync(base, { recursive: true });
});
const isLong = process.env.MATLANG_LONG !== undefined;
let count = 0;
/** What a server sends is counted in pieces of this: what nobody took is not. */
const pieceBytes = 16 * 1024;

/** What gzip cannot make smaller, above the size from which a repository has sums. */
const large = randomBytes(3_900_000).toString('latin1');

/** How a server answers one request for a file: how many bytes it sends before it ends the connection, and what it makes of them. */
interface Answer {
  readonly cutAfter?: number;
  readonly change?: (bytes: Buffer, from: number) => Buffer;
  /** Never answers, or a byte at a time, for ever. */
  readonly slow?: 'silent' | 'dripping' | undefined;
}

interface Village {
  readonly repo: string;
  readonly sent: { bytes: number };
  release(name: string, more: Readonly<Record<string, string>>): Promise<void>;
  /** Bytes of all packed files. */
  packed(): number;
  /** A node that was set up with this repository's root, and has nothing yet. */
  node(place?: string, patience?: Patience): Node;
}
interface Node {
  readonly root: string;
  /** The release that runs then, or why not. */
  updated(): Promise<string>;
  /** Bytes of files that it has taken from the connections: what a link of the country would have carried. */
  readonly taken: { bytes: number };
  /** Why the last one did not come, in words. */
  readonly told: { text: string };
}

async function village(how: (path: string, from: number) => Answer): Promise<Village> {
  const dir = join(base, `${count++}`);
  const repo = join(dir, 'repo');
  const trust = found(repo);
  const sent = { bytes: 0 };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').slice(1);
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(repo, path));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0 && from >= bytes.length) return void response.writeHead(416).end();
    const { cutAfter = Number.POSITIVE_INFINITY, change, slow } = how(path, from);
    if (slow === 'silent') return;
    if (slow === 'dripping') {
      response.writeHead(200);
      const drops = setInterval(() => response.write('x'), 50);
      return void response.once('close', () => clearInterval(drops));
    }
    const left = change?.(Buffer.from(bytes.subarray(from)), from) ?? bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': left.length });
    const part = left.subarray(0, cutAfter);
    for (let at = 0; at < part.length && !response.destroyed; at += pieceBytes) {
      const piece = part.subarray(at, at + pieceBytes);
      await new Promise<void>((resolve) => response.write(piece, () => resolve()));
      sent.bytes += piece.length;
    }
    if (part.length < left.length) response.socket?.end();
    else response.end();
  };
  const server = createServer((request, response) => void answer(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  const files = () => readdirSync(join(repo, 'files'), { recursive: true, encoding: 'utf8' });
  return {
    ...{ repo, sent },
    release: (name, more) => releaseSmall(repo, join(dir, `made-${name}`), name, 'exit 0', more),
    packed: () =>
      files()
        .filter((name) => name.endsWith('.gz'))
        .reduce((sum, name) => sum + statSync(join(repo, 'files', name)).size, 0),
    node: (place = dir, patience) => {
      const root = join(place, `node-${count++}`);
      mkdirSync(root);
      assert.ok(plantTrust(shelf, root, trust).ok);
      const rules = { root, selfTestArgs: [], selfTestMsMax: 10_000 };
      const taken = { bytes: 0 };
      const told = { text: '' };
      const updated = async () => {
        const done = await update({
          shelf,
          rules,
          source: counted(webSource(url, patience), taken),
          referenceMs: nowMs,
          told: () => undefined,
        });
        told.text = done.ok ? '' : done.text;
        if (done.ok) await receipted(rules);
        return done.ok ? `${done.release}` : done.why;
      };
      return { root, updated, taken, told };
    },
  };
}

function counted(source: Source, taken: { bytes: number }): Source {
  async function* through(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      taken.bytes += chunk.length;
      yield chunk;
    }
  }
  return {
    ...source,
    pull: async (path, from) => {
      const pulled = await source.pull(path, from);
      return pulled.ok ? { ...pulled, chunks: through(pulled.chunks) } : pulled;
    },
  };
}

/** The timer of the service tries again; a test needs not wait for it. */
async function untilDone(one: Node, triesMax = 200): Promise<void> {
  for (let tries = 0; tries < triesMax; tries++) if ((await one.updated()) === '1.0.0') return;
  assert.unreachable(`not done in ${triesMax} tries`);
}

test('a link that ends anywhere, again and again, costs at most 1.05 times the bytes and 256 KiB', async () => {
  const runs = isLong ? 100 : 10;
  const way = { cuts: [] as readonly number[], at: 0 };
  const one = await village((path) => (path.startsWith('files/') ? { cutAfter: way.cuts[way.at++] ?? 1e9 } : {}));
  await one.release('1.0.0', { 'app/recorder.js': large });
  const most = 1.05 * one.packed() + 256 * 1024;
  const worst = { bytes: 0, breaks: 0 };
  for (const cuts of fc.sample(
    fc.array(fc.integer({ min: 1, max: 1_500_000 }), { minLength: 4, maxLength: 40 }),
    runs,
  )) {
    Object.assign(way, { cuts, at: 0 });
    one.sent.bytes = 0;
    const node = one.node();
    await untilDone(node);
    assert.ok(one.sent.bytes <= most, `${one.sent.bytes} bytes for ${one.packed()}, cut after ${cuts}`);
    if (one.sent.bytes > worst.bytes) Object.assign(worst, { bytes: one.sent.bytes, breaks: way.at });
    rmSync(node.root, { recursive: true });
  }
  console.log(
    `${runs} histories: at worst ${worst.bytes} bytes for ${one.packed()} (${((100 * worst.bytes) / one.packed()).toFixed(2)} %, ${worst.breaks} connections); allowed ${Math.round(most)}`,
  );
});

test('bytes that change on their way are noticed within their MiB, and cost no more than it', async () => {
  let bad = 1;
  const flip = (bytes: Buffer, from: number) => {
    const place = 2_500_000 - from;
    if (place >= 0 && bad-- > 0) bytes[place] = (bytes[place] ?? 0) ^ 1;
    return bytes;
  };
  const one = await village((path) => (path.endsWith('.gz') ? { change: flip } : {}));
  await one.release('1.0.0', { 'app/recorder.js': large });
  assert.ok(one.packed() > 4 * 1024 * 1024, 'large enough for sums');
  bad = 1;
  const node = one.node();
  await untilDone(node);
  assert.ok(node.taken.bytes < one.packed() + 1.2 * 1024 * 1024, `${node.taken.bytes} for ${one.packed()}`);
});

test('a server that never stops, one with other bytes, and one that is swapped mid-way: refused, what runs runs on', async () => {
  const mode = { is: 'good' };
  const one = await village((path) => {
    if (!path.endsWith('.gz') || mode.is === 'good') return {};
    if (mode.is === 'endless') return { change: (bytes) => Buffer.concat([bytes, Buffer.alloc(20_000_000)]) };
    if (mode.is === 'other') return { change: (bytes) => randomBytes(bytes.length) };
    return { change: (bytes, from) => (from > 0 ? randomBytes(bytes.length) : bytes), cutAfter: 1_300_000 };
  });
  await one.release('1.0.0', { 'app/recorder.js': '// first' });
  const node = one.node();
  assert.is(await node.updated(), '1.0.0');
  await one.release('1.1.0', { 'app/recorder.js': large });
  for (const [is, why] of [
    ['endless', 'too-large'],
    ['other', 'damaged'],
    ['swapped', 'damaged'],
  ] as const) {
    mode.is = is;
    assert.is(await node.updated(), why, is);
    assert.match(readFileSync(join(node.root, 'current/release.json'), 'utf8'), '1.0.0');
  }
  mode.is = 'good';
  assert.is(await node.updated(), '1.1.0');
});

test('a server that says nothing, and one that drips, are given up within their time, and what runs runs on', async () => {
  const mode: { path: string; slow: Answer['slow'] } = { path: 'none', slow: undefined };
  const one = await village((path) => (path.startsWith(mode.path) ? { slow: mode.slow } : {}));
  await one.release('1.0.0', { 'app/recorder.js': '// first' });
  const node = one.node(undefined, { silenceMsMax: 300, slowest: { bytes: 4096, ms: 600 } });
  assert.is(await node.updated(), '1.0.0');
  await one.release('1.1.0', { 'app/recorder.js': large });
  for (mode.path of ['metadata/timestamp.json', 'files/'])
    for (const [slow, told] of [
      ['silent', 'silent for 0.3 s'],
      ['dripping', 'less than 4096 bytes in 0.6 s'],
    ] as const) {
      mode.slow = slow;
      assert.is(await node.updated(), 'unreachable', `${mode.path} ${slow}`);
      assert.match(node.told.text, told, `${mode.path} ${slow}`);
      assert.match(readFileSync(join(node.root, 'current/release.json'), 'utf8'), '1.0.0');
    }
  mode.slow = undefined;
  assert.is(await node.updated(), '1.1.0');
});

test('a part that a power cut left torn is found out by its sums; no more than a MiB comes again', async () => {
  const way = { cutAfter: 2_500_000 };
  const one = await village((path) => {
    const { cutAfter } = way;
    // Small ones come first, whole.
    if (!path.endsWith('.gz') || cutAfter === 1e9 || statSync(join(one.repo, path)).size < 1_000_000) return {};
    way.cutAfter = 0;
    return { cutAfter };
  });
  await one.release('1.0.0', { 'app/recorder.js': large });
  const node = one.node();
  assert.is(await node.updated(), 'unreachable');
  const folder = join(node.root, 'mirror/files');
  const part = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.part')) ?? '';
  const bytes = readFileSync(join(folder, part));
  assert.ok(bytes.length > 2_000_000, `${bytes.length} bytes came`);
  writeFileSync(
    join(folder, part),
    Buffer.concat([bytes.subarray(0, 2_200_000), Buffer.alloc(bytes.length - 2_200_000)]),
  );
  way.cutAfter = 1e9;
  node.taken.bytes = 0;
  assert.is(await node.updated(), '1.0.0');
  const most = one.packed() - bytes.length + 1.2 * 1024 * 1024;
  assert.ok(node.taken.bytes < most, `${node.taken.bytes} of ${one.packed()} came again`);
});

test('truncated files in the repository are refused, and their rest is fetched when it is there', async () => {
  const one = await village(() => ({}));
  await one.release('1.0.0', { 'app/recorder.js': large });
  const path = join(
    one.repo,
    'files',
    readdirSync(join(one.repo, 'files'), { recursive: true, encoding: 'utf8' }).find(
      (name) => name.endsWith('.gz') && statSync(join(one.repo, 'files', name)).size > 1_000_000,
    ) ?? '',
  );
  const node = one.node();
  const whole = readFileSync(path);
  truncateSync(path, 3_500_000);
  assert.is(await node.updated(), 'damaged');
  writeFileSync(path, whole);
  assert.is(await node.updated(), '1.0.0');
});

const small = join(base, 'small-card');
mkdirSync(small);
const mount = (options: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', small]).status === 0;
const hasCard = process.getuid?.() === 0 && mount('size=100m');
if (!hasCard) console.log('SKIP a card that is full, then read-only: needs root and tmpfs');
(hasCard ? test : test.skip)(
  'a card that is full, then read-only, is a refusal in words; what runs runs on',
  async () => {
    const one = await village(() => ({}));
    await one.release('1.0.0', { 'app/recorder.js': '// first' });
    const node = one.node(small);
    assert.is(await node.updated(), '1.0.0');
    await one.release('1.1.0', { 'app/recorder.js': large });
    const runs = () => JSON.parse(readFileSync(join(node.root, 'current/release.json'), 'utf8')).release;
    writeFileSync(join(small, 'footage'), Buffer.alloc(40 * 1024 * 1024));
    assert.is(await node.updated(), 'no-room');
    assert.is(runs(), '1.0.0');
    assert.is(statSync(join(small, 'footage')).size, 40 * 1024 * 1024);
    assert.ok(mount('remount,ro'));
    assert.is(await node.updated(), 'io');
    assert.is(runs(), '1.0.0');
    assert.ok(mount('remount,rw'));
    rmSync(join(small, 'footage'));
    assert.is(await node.updated(), '1.1.0');
  },
);

test('an ordinary change asks for what changed, and for nothing else', async () => {
  const one = await village(() => ({}));
  await one.release('1.0.0', { 'runtime/node': large, 'app/recorder.js': '// one' });
  const node = one.node();
  assert.is(await node.updated(), '1.0.0');
  await one.release('1.1.0', { 'runtime/node': large, 'app/recorder.js': '// two' });
  one.sent.bytes = 0;
  assert.is(await node.updated(), '1.1.0');
  assert.ok(one.sent.bytes < 20_000, `${one.sent.bytes} bytes, metadata and all`);
  // The runtime is one file with two names: nothing of it was written again.
  const at = (release: string) => statSync(join(node.root, `releases/${release}/runtime/node`));
  assert.is(at('1.0.0').ino, at('1.1.0').ino);
});

test('the rate is kept; while an alarm waits nothing comes, and after ten minutes a little', async () => {
  const clock = { ms: 0, alarm: false };
  const pace = openPace({
    bytesPerS: 100_000,
    alarmWaits: async () => clock.alarm,
    monoMs: () => clock.ms,
    rest: async (ms) => {
      clock.ms += ms;
    },
  });
  const take = async (bytes: number) => {
    const beganMs = clock.ms;
    for (let done = 0; done < bytes; done += 10_000) await pace(10_000);
    return clock.ms - beganMs;
  };
  const steady = await take(1_000_000);
  assert.ok(steady > 8_900 && steady < 10_200, `${steady} ms for 10 s of bytes`);
  clock.alarm = true;
  clock.ms += 3_000;
  const waited = await take(1_000_000);
  assert.ok(waited >= 600_000 && waited < 620_000, `${waited} ms: once ten minutes, then a MiB`);
  clock.alarm = false;
  assert.ok((await take(100_000)) < 5_000);
});

test.run();
