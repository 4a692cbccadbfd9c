// One run of the whole product on a film whose truth is known, and then a look at what it left, as somebody who does not trust it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownRunDir } from '../../agent/run-dir.ts';
import { skipWhen } from '../support/skip.ts';
import { type DemoRun, matlang, onlyJson } from './demo.ts';
import { boxSeen, makeFilm } from './film.ts';
import { allGone } from './marked.ts';
import { ageOpens, findAll, hasAge, hash, joseVerifies, opensslVerifies, unsealedIn } from './outsider.ts';

// Far enough apart that each clip shows one pass only, near enough that they share segments.
const passes = [
  { fromS: 7, toS: 9 },
  { fromS: 18, toS: 20 },
];

interface Setting {
  readonly dir: string;
  readonly kept: string;
  readonly run: DemoRun;
  readonly scratch: string;
}

const dir = mkdtempSync(join(tmpdir(), 'matlang-evidence-'));
const test = suite<Setting>('evidence', { dir, kept: join(dir, 'kept'), scratch: join(dir, 'scratch') } as Setting);

test.before(async (at) => {
  mkdirSync(at.scratch);
  const film = join(dir, 'film.mp4');
  makeFilm(film, { seconds: 27, passes });
  const args = ['demo', '--lang', 'en', '--nodes', '1', '--seconds', '28', '--port', '0', '--json'];
  const run = await matlang([...args, '--film', film, '--keep', at.kept], dir);
  Object.assign(at, { run });
});
test.after(() => rmSync(dir, { recursive: true, force: true }));

const needsAge = skipWhen(hasAge ? undefined : "Debian's age is not installed: apt-get install age")(test);
const archive = (at: Setting) => findAll(join(at.kept, 'hub/archive'));
const publicKey = (at: Setting, node: unknown) => join(at.kept, 'keys', `${node}.pub`);
const sealKey = (at: Setting) => join(at.kept, 'hub/key.txt');

interface SegmentRef {
  readonly boot: string;
  readonly seg: number;
  readonly firstMonoMs: number;
  readonly durationMs: number;
}

test('it ends with exit 0, one JSON object, nothing lost or refused, one event and one playable clip for each pass', ({
  run,
}) => {
  assert.is(run.code, 0, run.stderr);
  const { seconds, nodes, hub } = onlyJson(run.stdout);
  assert.ok(seconds >= 28);
  assert.is(nodes.length, 1);
  const [node] = nodes;
  assert.equal([node.spoolLeft, node.faults], [0, 0], run.stderr);
  assert.equal([hub.rejected, hub.signatureFailures, hub.chainGaps], [0, 0, 0]);
  assert.equal([node.events, hub.events, hub.clips, hub.stills], [2, 2, 2, 2]);
  assert.is(hub.clipsPlayable, hub.clips);
  assert.ok(node.framesAnalysed >= 27 * 5 - 10 && node.fragments >= 26);
});

test('it leaves no process and nothing in shared memory', async (at) => {
  await allGone(dir, 2000);
  const left = readdirSync(at.kept, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.sock$|\.part$|\.new$|\/tmp\/./.test(name),
  );
  assert.equal(left, []);
  assert.not(existsSync(ownRunDir(join(at.kept, 'nodes/mat-01'))));
});

test("the hub's set of files is the node's, byte for byte, and nothing waits or was set aside", (at) => {
  const node = join(at.kept, 'nodes/mat-01');
  const sums = (folder: string) => findAll(folder).map(({ name, sha256 }) => `${sha256} ${name}`);
  assert.equal(sums(join(at.kept, 'hub/archive')), sums(join(node, 'delivered')));
  assert.equal(findAll(join(node, 'spool')), []);
  assert.equal(readdirSync(join(node, 'quarantine')), []);
  const kinds = new Set(archive(at).map(({ manifest }) => manifest.kind));
  for (const kind of ['boot', 'event', 'still', 'clip', 'segment', 'coverage', 'vitals'])
    assert.ok(kinds.has(kind), kind);
});

test('every manifest verifies with openssl and with jose, and not once a letter of it is changed', async (at) => {
  const all = archive(at);
  assert.ok(all.length > 15);
  for (const { name, jws, manifest } of all) {
    const key = publicKey(at, manifest.node);
    assert.ok(opensslVerifies(jws, key, at.scratch), name);
    assert.ok(await joseVerifies(jws, key), name);
  }
  const { jws = '', manifest } = all[0] ?? {};
  const at40 = jws[40] === 'A' ? 'B' : 'A';
  const touched = `${jws.slice(0, 40)}${at40}${jws.slice(41)}`;
  assert.not(opensslVerifies(touched, publicKey(at, manifest?.node), at.scratch));
});

test('the chain of manifests has every number and every link', (at) => {
  const records = archive(at)
    .filter(({ manifest }) => manifest.kind !== 'segment')
    .sort((one, other) => Number(one.manifest.seq) - Number(other.manifest.seq));
  assert.equal(
    records.map(({ manifest }) => manifest.seq),
    records.map((_, n) => n),
  );
  const hashes = records.map(({ jws }) => hash(Buffer.from(jws)));
  assert.equal(
    records.map(({ manifest }) => manifest.prev),
    [null, ...hashes.slice(0, -1)],
  );
});

needsAge("every body has the hash its manifest names and opens with Debian's age to the bytes it names", (at) => {
  for (const { name, manifest, body } of archive(at)) {
    const told = manifest as {
      body?: Record<string, unknown>;
      bytes?: number;
      sealedSha256?: string;
      plainSha256?: string;
    };
    const { bytes, sha256, plainSha256 } = told.body ?? { ...told, sha256: told.sealedSha256 };
    assert.is(body.length, bytes ?? 0, name);
    if (body.length === 0) continue;
    assert.is(hash(body), sha256, name);
    assert.is(hash(ageOpens(body, sealKey(at))), plainSha256, name);
  }
});

needsAge(
  'each clip, opened with age and put together with cat, shows its pass with 5 s and more on both sides',
  (at) => {
    const all = archive(at);
    const clips = all.filter(({ manifest }) => manifest.kind === 'clip');
    assert.is(clips.length, passes.length);
    for (const [n, clip] of clips.entries()) {
      const segments = (clip.manifest.segments as SegmentRef[]).map(({ boot, seg }) => {
        const found = all.find(
          ({ manifest: { kind, ...of } }) => kind === 'segment' && of.boot === boot && of.seg === seg,
        );
        assert.ok(found !== undefined, `segment ${seg} of ${clip.name} is not in the archive`);
        return found as (typeof all)[number];
      });
      const path = join(at.scratch, `clip-${n}.mp4`);
      writeFileSync(path, Buffer.concat([clip, ...segments].map(({ body }) => ageOpens(body, sealKey(at)))));
      const { durationS, seenS } = boxSeen(path);
      const [first = 0, last = 0] = [seenS[0], seenS.at(-1)];
      const shown = `${clip.name}: box from ${first} to ${last} of ${durationS} s`;
      assert.is(clip.manifest.complete, true, shown);
      assert.ok(last - first > 1 && last - first < 2.2, shown);
      assert.ok(first >= 5 && durationS - last >= 5, shown);
      const toldMs = (clip.manifest.segments as SegmentRef[]).reduce((sum, { durationMs }) => sum + durationMs, 0);
      assert.ok(Math.abs(toldMs / 1000 - durationS) < 0.5, `${shown}, its manifest says ${toldMs} ms`);
    }
  },
);

test('the two clips share segments, which were sent once', (at) => {
  const all = archive(at);
  const lists = all
    .filter(({ manifest }) => manifest.kind === 'clip')
    .map(({ manifest }) => (manifest.segments as SegmentRef[]).map(({ seg }) => seg));
  assert.ok(lists[0]?.some((seg) => lists[1]?.includes(seg)));
  const numbers = all.filter(({ manifest }) => manifest.kind === 'segment').map(({ manifest }) => manifest.seg);
  assert.is(new Set(numbers).size, numbers.length);
});

test("nothing unsealed lies in the node's folders or in the hub's", (at) => {
  const node = join(at.kept, 'nodes/mat-01');
  for (const folder of ['ring', 'spool', 'delivered', 'init', 'quarantine'])
    assert.equal(unsealedIn(join(node, folder)), [], folder);
  assert.equal(unsealedIn(join(at.kept, 'hub')), []);
  // The search finds what it is for.
  writeFileSync(join(at.scratch, 'still.jpg'), Buffer.from('\xff\xd8\xff\xe0\x00\x10JFIF', 'latin1'));
  assert.ok(unsealedIn(at.scratch).some((found) => found.endsWith('still.jpg: JPEG')));
  if (hasAge) assert.ok(unsealedIn(at.scratch).some((found) => found.endsWith('clip-0.mp4: moof')));
});

test('no key of the hub is on the node, and no secret stands in its configuration', (at) => {
  const identity = join(at.kept, 'nodes/mat-01/identity');
  for (const name of readdirSync(identity)) {
    const text = readFileSync(join(identity, name), 'utf8');
    assert.not.match(text, 'AGE-SECRET-KEY');
    // Its own two: what it signs with, what it connects with.
    if (!['signing.pem', 'tls.pem'].includes(name)) assert.not.match(text, 'PRIVATE KEY');
  }
});

test.run();
