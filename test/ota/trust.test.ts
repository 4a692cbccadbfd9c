// Which updates a node believes: the cases of the TUF client workflow, torn metadata, wrong clocks, and the way from a maker's folder to a release that runs.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, MetadataKind, Timestamp } from '@tufjs/models';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepTime } from '../../agent/keep-time.ts';
import { openBoardClock } from '../../hal/clock.ts';
import type { ReleaseList } from '../../ota/release-list.ts';
import { shelf } from '../../ota/shelf.ts';
import type { SigningHand } from '../../ota/trust/keys.ts';
import { isVouched, madeMsOf, referenceTime } from '../../ota/trust/reference-time.ts';
import { refresh } from '../../ota/trust/refresh.ts';
import { type Holders, publish, signStaged, stageRelease, writeRoot } from '../../ota/trust/repository.ts';
import { folderSource, webSource } from '../../ota/trust/source.ts';
import { keepTrust, plantTrust, readTrust } from '../../ota/trust/store.ts';
import { look, update } from '../../ota/trust/update.ts';
import {
  dayMs,
  found,
  hand,
  hands,
  holders,
  note,
  nowMs,
  online,
  release as releaseFolder,
  releaseSmall,
} from './makers.ts';
import { receipted, smallRelease } from './small-release.ts';

const test = suite('ota/trust');
const base = mkdtempSync(join(tmpdir(), 'matlang-trust-'));
test.after(() => rmSync(base, { recursive: true }));

let count = 0;

interface World {
  readonly repo: string;
  readonly root: string;
  release(name: string, selfTest?: string, more?: Readonly<Record<string, string>>): Promise<void>;
  looked(referenceMs?: number, from?: string): Promise<string>;
  updated(from?: string): Promise<string>;
}

/** A repository with its first root, and a node that was set up with it. */
function world(): World {
  const dir = join(base, `${count++}`);
  const repo = join(dir, 'repo');
  const root = join(dir, 'node');
  mkdirSync(root, { recursive: true });
  assert.ok(plantTrust(shelf, root, found(repo)).ok);
  const rules = { root, selfTestArgs: [], selfTestMsMax: 10_000 };
  const source = (from: string) => (from.startsWith('http') ? webSource(from) : folderSource(from));
  return {
    repo,
    root,
    release: (name, selfTest, more) => releaseSmall(repo, join(dir, `made-${name}`), name, selfTest, more),
    looked: async (referenceMs = nowMs, from = repo) => {
      const looked = await look({ shelf, rules, source: source(from), referenceMs });
      return looked.ok ? (looked.offer?.release ?? 'nothing') : looked.why;
    },
    updated: async (from = repo) => {
      const done = await update({ shelf, rules, source: source(from), referenceMs: nowMs, told: () => undefined });
      if (done.ok) await receipted(rules);
      return done.ok ? `${'nothingNew' in done ? 'still ' : ''}${done.release}` : done.why;
    },
  };
}

const readMetadata = (path: string) =>
  Metadata.fromJSON(MetadataKind.Timestamp, JSON.parse(readFileSync(path, 'utf8')));
const at = (repo: string, name: string) => join(repo, 'metadata', name);
const copyOf = (repo: string): Map<string, Uint8Array> =>
  new Map(readdirSync(join(repo, 'metadata')).map((name) => [name, readFileSync(at(repo, name))]));
const putBack = (repo: string, files: Map<string, Uint8Array>) => {
  for (const [name, bytes] of files) writeFileSync(at(repo, name), bytes);
};

test('from the makers to the node: two releases, the second of which reuses what is there, and a third that is taken back', async () => {
  const { repo, release, looked, updated, root } = world();
  const runtime = { 'runtime/node': 'x'.repeat(300_000) };
  await release('1.0.0', 'exit 0', runtime);
  assert.is(await looked(), '1.0.0');
  assert.is(await updated(), '1.0.0');
  assert.is(await updated(), 'still 1.0.0');
  await release('1.1.0', 'exit 0', { ...runtime, 'app/recorder.js': '// new' });
  assert.is(await updated(), '1.1.0');
  await release('1.2.0', 'echo broken >&2; exit 1', runtime);
  assert.is(await updated(), 'rolled-back');
  assert.is(await looked(), 'nothing', 'what was taken back is not offered again');
  assert.equal(
    readdirSync(root).filter((name) => name === 'gathered'),
    [],
  );
  await release('1.2.1', 'exit 0', runtime);
  assert.is(await updated(repo), '1.2.1');
});

test('a stick and the hub at once: one is told that the other is at work, and neither sweeps away what the other gathers', async () => {
  const { release, updated } = world();
  await release('1.0.0', 'sleep 0.3', { 'app/recorder.js': 'x'.repeat(300_000) });
  assert.equal((await Promise.all([updated(), updated()])).sort(), ['1.0.0', 'busy']);
  assert.is(await updated(), 'still 1.0.0');
});

test('one signature of two is not enough to publish, and a stranger signs nothing', async () => {
  const { repo, release, looked } = world();
  await release('1.0.0');
  const folder = join(base, 'one-signature');
  await smallRelease(folder, '2.0.0');
  assert.ok(stageRelease(repo, folder, note, nowMs).ok);
  assert.not.ok(signStaged(repo, hand()).ok);
  const once = signStaged(repo, hands.targets[0] as SigningHand);
  assert.equal(once.ok ? once.made : once.text, { signed: 1, needed: 2 });
  assert.not.ok(publish(repo, online, nowMs).ok);
  assert.not.ok(publish(repo, [hands.timestamp], nowMs).ok);
  assert.is(await looked(), '1.0.0');
});

test('an older timestamp, snapshot or list of targets is a replay, also after the metadata on the card were torn', async () => {
  const { repo, root, release, looked } = world();
  await release('1.0.0');
  const old = copyOf(repo);
  await release('1.1.0');
  const now = copyOf(repo);
  assert.is(await looked(), '1.1.0');
  putBack(repo, old);
  assert.is(await looked(), 'replayed');
  for (const generation of readdirSync(join(root, 'trust')).filter((name) => /^\d/.test(name)))
    for (const name of readdirSync(join(root, 'trust', generation)))
      writeFileSync(join(root, 'trust', generation, name), '{');
  assert.is(await looked(), 'replayed', 'the floors are kept elsewhere');
  putBack(repo, now);
  assert.is(await looked(), '1.1.0');
});

test('a timestamp of an older version is a replay even where it names the newest snapshot', async () => {
  const { repo, release, looked } = world();
  await release('1.0.0');
  await release('1.1.0');
  assert.is(await looked(), '1.1.0');
  const newest = readMetadata(at(repo, 'timestamp.json'));
  const old = new Metadata(
    new Timestamp({
      version: 1,
      specVersion: '1.0.31',
      expires: newest.signed.expires,
      snapshotMeta: newest.signed.snapshotMeta,
    }),
  );
  old.sign(hands.timestamp.sign);
  writeFileSync(at(repo, 'timestamp.json'), JSON.stringify(old.toJSON()));
  assert.is(await looked(), 'replayed');
});

test('torn at any byte, metadata on the card neither stop updates nor let a replay in', async () => {
  const { repo, root, release, looked } = world();
  await release('1.0.0');
  const old = copyOf(repo);
  await release('1.1.0');
  const now = copyOf(repo);
  assert.is(await looked(), '1.1.0');
  const whole = readTrust(root);
  assert.ok(whole.ok);
  const newest =
    readdirSync(join(root, 'trust'))
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1) ?? '';
  const files = readdirSync(join(root, 'trust', newest)).map((name) => join(root, 'trust', newest, name));
  for (const path of [...files, join(root, 'trust-floors.json')]) {
    const bytes = readFileSync(path);
    const step = process.env.MATLANG_LONG === undefined ? Math.ceil(bytes.length / 12) : 1;
    for (let cut = 0; cut < bytes.length; cut += step) {
      writeFileSync(path, bytes.subarray(0, cut));
      const held = readTrust(root);
      assert.ok(held.ok);
      const replayed = await refresh(held.now, folderSource(join(repo)), nowMs);
      assert.is(replayed.failure, undefined, `${path} cut at ${cut} stops updates`);
      putBack(repo, old);
      assert.is((await refresh(held.now, folderSource(repo), nowMs)).failure?.why, 'replayed', `${path} cut at ${cut}`);
      putBack(repo, now);
    }
    writeFileSync(path, bytes);
  }
});

test('a card that knows no time yet lives no earlier than its software was made; no release is signed that was made in days to come', async () => {
  const { repo, root, release, updated, looked } = world();
  const dir = join(base, `${count++}`);
  const list = await smallRelease(join(dir, 'made'), '1.0.0');
  const dated = (madeS: number) =>
    writeFileSync(join(dir, 'made/release.json'), JSON.stringify({ ...list, madeS } satisfies ReleaseList));
  dated(nowMs / 1000 + 2 * 86_400);
  assert.is(stageRelease(repo, join(dir, 'made'), note, nowMs).ok, false);
  dated(nowMs / 1000);
  releaseFolder(repo, join(dir, 'made'));
  assert.is(madeMsOf(root), 0, 'nothing is installed yet');
  assert.is(await updated(), '1.0.0');
  assert.is(madeMsOf(root), nowMs);
  const unknown = { synced: false, systemMs: 0, floorMs: 0, madeMs: madeMsOf(root) };
  assert.is(referenceTime(unknown), nowMs);
  assert.is(referenceTime({ ...unknown, synced: true }), nowMs);
  assert.is(referenceTime({ ...unknown, hubMs: nowMs + dayMs }), nowMs + dayMs);
  await release('1.1.0');
  assert.is(await looked(referenceTime(unknown)), '1.1.0');
});

test('a battery clock fourteen years ahead makes nothing out of date: it is not believed forwards, time sync is', async () => {
  const { repo: _repo, release, looked } = world();
  await release('1.0.0');
  const board = mkdtempSync(join(tmpdir(), 'matlang-board-'));
  mkdirSync(join(board, 'sys/class/rtc/rtc0'), { recursive: true });
  const wall = () => nowMs + 14 * 365 * dayMs;
  const reference = () => {
    const now = keepTime(openBoardClock({ trust: 'auto', root: board, wall }), 0).now();
    return referenceTime({ synced: isVouched(now), systemMs: now.wallMs ?? 0, floorMs: nowMs });
  };
  assert.is(await looked(reference()), '1.0.0');
  mkdirSync(join(board, 'run/systemd/timesync'), { recursive: true });
  writeFileSync(join(board, 'run/systemd/timesync/synchronized'), '');
  assert.is(await looked(reference()), 'expired');
  rmSync(board, { recursive: true });
});

test('a factory root that the card has spoilt is not missed while a generation is whole, and may be given again', async () => {
  const { repo, root, release, looked } = world();
  await release('1.0.0');
  const old = copyOf(repo);
  await release('1.1.0');
  assert.is(await looked(), '1.1.0');
  const factory = join(root, 'trust/factory.json');
  const sound = readFileSync(factory);
  writeFileSync(factory, sound.subarray(0, 100));
  assert.is(await looked(), '1.1.0');
  for (const generation of readdirSync(join(root, 'trust')).filter((name) => /^\d/.test(name)))
    writeFileSync(join(root, 'trust', generation, 'root.json'), '{');
  assert.is(await looked(), 'malformed', 'nothing is left to begin from');
  assert.ok(plantTrust(shelf, root, sound).ok);
  assert.equal(readFileSync(factory), sound);
  assert.is(await looked(), '1.1.0');
  putBack(repo, old);
  assert.is(await looked(), 'replayed', 'the floors outlive it');
});

test('what has expired is refused; a clock nobody vouches for stops nothing and lets nothing old in', async () => {
  const { repo, release, looked } = world();
  await release('1.0.0');
  assert.is(await looked(nowMs + 91 * dayMs), 'expired');
  assert.is(await looked(nowMs + 89 * dayMs), '1.0.0');
  const known = { floorMs: nowMs + dayMs };
  for (const systemMs of [0, nowMs - 365 * dayMs, nowMs + 14 * 365 * dayMs]) {
    const referenceMs = referenceTime({ ...known, synced: false, systemMs });
    assert.is(referenceMs, known.floorMs);
    assert.is(await looked(referenceMs), '1.0.0');
  }
  assert.is(referenceTime({ ...known, synced: true, systemMs: 0 }), known.floorMs);
  assert.is(referenceTime({ ...known, synced: true, systemMs: nowMs + 100 * dayMs }), nowMs + 100 * dayMs);
  assert.ok(publish(repo, online, nowMs + 100 * dayMs).ok, 'publishing again renews it');
  assert.is(await looked(nowMs + 100 * dayMs), '1.0.0');
});

test('roots follow one another: each signed by the keys before, one version on; lost timestamp keys are replaced', async () => {
  const { repo, release, looked } = world();
  await release('1.0.0');
  assert.is(await looked(), '1.0.0');
  const fresh = hand();
  const next: Holders = { ...holders, timestamp: { keys: [fresh.key], threshold: 1 } };
  const lacks = (made: ReturnType<typeof writeRoot>) => (made.ok ? made.made.lacks : made.text);
  assert.match(lacks(writeRoot(repo, next, hands.roots.slice(0, 1), nowMs)) ?? '', '1/2', 'one root key of two');
  assert.not.ok(writeRoot(repo, next, [hand(), hand()], nowMs).ok, 'strangers');
  assert.ok(writeRoot(repo, next, hands.roots.slice(1), nowMs).ok);
  assert.is(await looked(), 'unsigned', 'the old timestamp key counts no more');
  assert.not.ok(publish(repo, online, nowMs).ok);
  assert.ok(publish(repo, [hands.snapshot, fresh], nowMs).ok);
  assert.is(await looked(), '1.0.0');
  // A root that skips a version, put where the next one is looked for.
  assert.ok(writeRoot(repo, next, hands.roots.slice(1), nowMs).ok);
  assert.ok(writeRoot(repo, next, hands.roots.slice(1), nowMs).ok);
  writeFileSync(at(repo, '3.root.json'), readFileSync(at(repo, '4.root.json')));
  assert.is(await looked(), 'not-next');
});

test('mixed, swapped, oversized and foreign metadata are refused, and what was trusted stays', async () => {
  const { repo, release, looked } = world();
  await release('1.0.0');
  await release('1.1.0');
  const right = copyOf(repo);
  const newest = (role: string) =>
    [...right.keys()]
      .filter((name) => name.endsWith(`${role}.json`))
      .sort()
      .at(-1) ?? '';
  const [snapshot, targets] = [newest('snapshot'), newest('targets')];
  const cases: readonly [string, string, Uint8Array | string][] = [
    ['mismatch', snapshot, right.get('1.snapshot.json') ?? ''],
    ['mismatch', targets, right.get('1.targets.json') ?? ''],
    ['too-large', 'timestamp.json', ' '.repeat(17 * 1024)],
    ['malformed', 'timestamp.json', 'not json'],
    ['malformed', 'timestamp.json', right.get(snapshot) ?? ''],
    ['mismatch', snapshot, right.get('timestamp.json') ?? ''],
  ];
  for (const [why, name, bytes] of cases) {
    writeFileSync(at(repo, name), bytes);
    assert.is(await looked(), why, `${name}: ${why}`);
    putBack(repo, right);
  }
  rmSync(at(repo, targets));
  assert.is(await looked(), 'absent');
  putBack(repo, right);
  assert.is(await looked(), '1.1.0');
});

test('a file that was changed, or a list that was, installs nothing', async () => {
  const { repo, release, updated, root } = world();
  await release('1.0.0');
  const files = readdirSync(join(repo, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.gz'),
  );
  const path = join(repo, 'files', files[0] ?? '');
  const right = readFileSync(path);
  for (const wrong of [Buffer.from('rubbish'), right.subarray(0, 20), Buffer.concat([right, Buffer.alloc(100_000)])]) {
    writeFileSync(path, wrong);
    assert.match(await updated(), /damaged|too-large/);
  }
  rmSync(path);
  assert.is(await updated(), 'absent');
  assert.equal(
    readdirSync(root).filter((name) => name === 'current'),
    [],
  );
  writeFileSync(path, right);
  assert.is(await updated(), '1.0.0');
});

test('over a server that breaks off every answer, each byte is asked for about once', async () => {
  const { repo, release, root } = world();
  const noise = Array.from({ length: 60_000 }, (_, at) => ((at * 2654435761) >>> 7).toString(36)).join('');
  await release('1.0.0', 'exit 0', { 'app/recorder.js': noise });
  let sent = 0;
  const server = createServer((request, response) => {
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(repo, decodeURIComponent(request.url ?? '')));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0 && from >= bytes.length) {
      response.writeHead(416).end();
      return;
    }
    const left = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': left.length });
    const cut = request.url?.startsWith('/files/') ? Math.min(left.length, 40_000) : left.length;
    sent += cut;
    response.write(left.subarray(0, cut), () => {
      // The end of the connection, not a reset: what was sent has arrived.
      if (cut < left.length) response.socket?.end();
      else response.end();
    });
  });
  const url = await listening(server);
  try {
    const rules = { root, selfTestArgs: [], selfTestMsMax: 10_000 };
    let tries = 0;
    for (let done = false; !done && tries < 40; tries++) {
      const result = await update({ shelf, rules, source: webSource(url), referenceMs: nowMs, told: () => undefined });
      done = result.ok;
    }
    const all = readdirSync(join(repo, 'files'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.gz'))
      .reduce((sum, name) => sum + readFileSync(join(repo, 'files', name)).length, 0);
    assert.ok(tries < 40, `${tries} tries`);
    assert.ok(sent <= 1.05 * all + 256 * 1024, `${sent} bytes for ${all}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a node without a factory root trusts nobody, and one with it is never given another', () => {
  const { root, repo } = world();
  const other = join(base, 'other-repo');
  const strangers = [hand(), hand()];
  assert.ok(
    writeRoot(other, { ...holders, root: { keys: strangers.map(({ key }) => key), threshold: 2 } }, strangers, nowMs)
      .ok,
  );
  plantTrust(shelf, root, readFileSync(at(other, '1.root.json')));
  const held = readTrust(root);
  assert.ok(held.ok);
  assert.equal(Buffer.from(held.now.raw.root ?? ''), readFileSync(at(repo, '1.root.json')));
  assert.not.ok(plantTrust(shelf, join(base, 'nobody'), Buffer.from('{}')).ok);
  keepTrust(shelf, root, held.now);
  assert.ok(readTrust(root).ok);
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}

test.run();
