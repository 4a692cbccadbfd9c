import { execFile } from 'node:child_process';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { firstDecodeTime, rebase } from '../../hub/clip/rebase.ts';
import { plainSize } from '../../hub/clip/sealed-size.ts';
import { rangeOf } from '../../hub/web/range.ts';
import { parseFileName, segmentFileName } from '../../protocol/record-file.ts';
import { sealer } from '../../protocol/seal.ts';
import { type MadeClip, makeClip, makeFilm, type TestFilm } from './films.ts';
import { makeVillage, type Running, type TestSender, type Village } from './village.ts';

const run = promisify(execFile);

const test = suite<{ village: Village; running: Running; node: TestSender; film: TestFilm }>('clip');
test.before(async (context) => {
  context.film = await makeFilm(20);
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.node = await context.village.node('mat-01');
  await context.node.join(context.running.hub.broker, 4);
});
test.after(({ village }) => village.remove());

const clipPath = ({ clip }: MadeClip) => `api/clip/${clip.name}/${clip.boot}/${clip.number}.mp4`;

async function deliverAll(node: TestSender, { clip, segments }: MadeClip): Promise<void> {
  await node.deliver(clip);
  for (const segment of segments) await node.deliver(segment);
}

/** What ffmpeg finds in it, decoding every picture; throws where it complains. */
async function decode(
  village: Village,
  bytes: Uint8Array,
): Promise<{ frames: number; firstS: number; lastS: number; durationS: number }> {
  const path = join(village.dir, 'decode.mp4');
  await writeFile(path, bytes);
  const entries = ['-show_entries', 'frame=pts_time:format=duration'];
  const { stdout, stderr } = await run(
    'ffprobe',
    ['-v', 'warning', '-select_streams', 'v', ...entries, '-of', 'json', path],
    { maxBuffer: 1e8 },
  );
  assert.is(stderr, '');
  await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-']).then((done) =>
    assert.is(done.stderr, ''),
  );
  const found: { frames: { pts_time: string }[]; format: { duration: string } } = JSON.parse(stdout);
  const times = found.frames.map(({ pts_time }) => Number(pts_time));
  return {
    frames: times.length,
    firstS: times[0] ?? -1,
    lastS: times.at(-1) ?? -1,
    durationS: Number(found.format.duration),
  };
}

const fetchBytes = async (running: Running, made: MadeClip, headers: Record<string, string> = {}) => {
  const answer = await running.get(clipPath(made), { headers });
  return { answer, bytes: new Uint8Array(await answer.arrayBuffer()) };
};

test('a clip out of the middle of a run decodes in full, begins at 0 and knows its length', async ({
  village,
  running,
  node,
  film,
}) => {
  const made = await makeClip(node, film, 'e1', 6, 14);
  await deliverAll(node, made);
  const { answer, bytes } = await fetchBytes(running, made);
  assert.is(answer.headers.get('content-type'), 'video/mp4');
  assert.is(Number(answer.headers.get('content-length')), bytes.length);
  const found = await decode(village, bytes);
  assert.is(found.frames, 8 * 15);
  assert.is(found.firstS, 0);
  assert.ok(Math.abs(found.lastS - (8 - 1 / 15)) < 0.01 && Math.abs(found.durationS - 8) < 0.1, JSON.stringify(found));
});

test('any range is the same bytes as in the whole', async ({ running, node, film }) => {
  const made = await makeClip(node, film, 'e2', 4, 9);
  await deliverAll(node, made);
  const whole = (await fetchBytes(running, made)).bytes;
  const property = fc.asyncProperty(
    fc.nat({ max: whole.length - 1 }),
    fc.nat({ max: 400_000 }),
    async (start, length) => {
      const end = Math.min(start + length, whole.length - 1);
      const { answer, bytes } = await fetchBytes(running, made, { range: `bytes=${start}-${end}` });
      assert.is(answer.status, 206);
      assert.is(answer.headers.get('content-range'), `bytes ${start}-${end}/${whole.length}`);
      assert.ok(Buffer.from(bytes).equals(whole.subarray(start, end + 1)));
    },
  );
  await fc.assert(property, { numRuns: 25 });
  assert.is((await fetchBytes(running, made, { range: `bytes=${whole.length}-` })).answer.status, 416);
  const head = await running.get(clipPath(made), { method: 'HEAD' });
  assert.equal([head.status, head.headers.get('content-length')], [200, String(whole.length)]);
});

test('while segments are missing, those that are here play in their places', async ({
  village,
  running,
  node,
  film,
}) => {
  const made = await makeClip(node, film, 'e3', 2, 12);
  await node.deliver(made.clip);
  assert.is((await fetchBytes(running, made)).answer.status, 409);
  const [first, second, , fourth] = made.segments;
  for (const segment of [fourth, first, second]) if (segment !== undefined) await node.deliver(segment);
  const found = await decode(village, (await fetchBytes(running, made)).bytes);
  assert.is(found.frames, 6 * 15);
  assert.is(found.firstS, 0);
  assert.ok(Math.abs(found.lastS - (8 - 1 / 15)) < 0.01, JSON.stringify(found));
});

test('after a restart of the camera within a clip, time goes on', async ({ village, running, node, film }) => {
  // Fragments 8 to 11 at their time, then the camera's clock begins at 0 again, 3 s later.
  const again: TestFilm = {
    init: film.init,
    fragments: [...film.fragments.slice(8, 12), ...film.fragments.slice(0, 4)],
  };
  const made = await makeClip(
    node,
    again,
    'e4',
    0,
    8,
    (fragment) => 8000 + fragment * 1000 + (fragment >= 4 ? 3000 : 0),
  );
  await deliverAll(node, made);
  const found = await decode(village, (await fetchBytes(running, made)).bytes);
  assert.is(found.frames, 8 * 15);
  assert.ok(Math.abs(found.lastS - (11 - 1 / 15)) < 0.05, JSON.stringify(found));
});

test('a segment spoilt in the archive ends the answer; the others still play', async ({
  village,
  running,
  node,
  film,
}) => {
  const made = await makeClip(node, film, 'e5', 0, 6);
  await deliverAll(node, made);
  const [, segment] = made.segments;
  if (segment === undefined) throw new Error('no segment');
  const path = await pathOf(village, segment.boot, segment.number);
  const bytes = await readFile(path);
  bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const cut = await fetchBytes(running, made).catch((error: unknown) => error);
  assert.instance(cut, Error);
  await unlink(path);
  const found = await decode(village, (await fetchBytes(running, made)).bytes);
  assert.is(found.frames, 4 * 15);
});

test("a clip's numbers that name nothing, or something else, answer 404", async ({ running, node }) => {
  const log = await node.record({}, 'x');
  await node.deliver(log);
  for (const path of [
    `clip/mat-01/${log.boot}/${log.number}.mp4`,
    `clip/mat-01/${log.boot}/9999.mp4`,
    'clip/../../etc/1.mp4',
    `still/mat-01/${log.boot}/${log.number}.jpg`,
  ]) {
    assert.is((await running.get(`api/${path}`)).status, 404, path);
  }
});

test('the size of what is sealed is known from its header', async () => {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const seal = sealer(await Promise.all([1, 2].map(async () => identityToRecipient(await generateX25519Identity()))));
  const sizes = fc.oneof(fc.nat({ max: 300_000 }), fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 131_072, 131_073));
  await fc.assert(
    fc.asyncProperty(sizes, async (size) => {
      const sealed = seal.seal(new Uint8Array(size));
      assert.is(plainSize(sealed.subarray(0, 4096), sealed.length), size);
    }),
    { numRuns: 30 },
  );
  assert.is(plainSize(new Uint8Array(100), 100), undefined);
});

test('moving decode times there and back changes nothing', ({ film }) => {
  const fragment = film.fragments[5] ?? new Uint8Array();
  const time = firstDecodeTime(fragment) ?? 0n;
  assert.ok(time > 0n);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: time }), (base) => {
      assert.is(firstDecodeTime(rebase(fragment, base)), time - base);
      assert.ok(Buffer.from(rebase(rebase(fragment, base), -base)).equals(fragment));
    }),
  );
});

test('ranges are read as RFC 9110 has them', () => {
  assert.is(rangeOf(undefined, 10), undefined);
  assert.equal(rangeOf('bytes=0-', 10), { start: 0, end: 10 });
  assert.equal(rangeOf('bytes=9-', 10), { start: 9, end: 10 });
  assert.is(rangeOf('bytes=10-', 10), 'outside');
  assert.equal(rangeOf('bytes=2-4', 10), { start: 2, end: 5 });
  assert.equal(rangeOf('bytes=2-99', 10), { start: 2, end: 10 });
  assert.equal(rangeOf('bytes=-3', 10), { start: 7, end: 10 });
  assert.is(rangeOf('bytes=-0', 10), 'outside');
  for (const odd of ['bytes=4-2', 'bytes=-', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=a-b'])
    assert.is(rangeOf(odd, 10), undefined);
});

async function pathOf(village: Village, boot: string, seg: number): Promise<string> {
  const { readdir } = await import('node:fs/promises');
  const folder = join(village.config.dataDir, 'archive', 'mat-01', boot);
  const name = (await readdir(folder)).find((each) => {
    const file = parseFileName(each);
    return file?.is === 'segment' && file.seg === seg;
  });
  return join(folder, name ?? segmentFileName({ boot, seg, firstMonoMs: 0, durationMs: 0, sha256: '' }));
}

test.run();
