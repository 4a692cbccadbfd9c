import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localTime } from '../../agent/core/local-time.ts';
import { folders, isDraft } from '../../agent/outbox.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { until } from '../support/until.ts';
import { recordsOf, segmentsIn } from './records.ts';
import { bootWallMs, startScripted, testConfig } from './scripted-camera.ts';

const test = suite<{ node: TestNode }>('recorder');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

const start = { is: 'start', recipe: 'scripted', afresh: false } as const;
const init = { is: 'init', bytes: Buffer.from('ftyp moov') } as const;

/** Footage is written behind the camera's back. */
function ringHolds(node: TestNode, segments: number): Promise<void> {
  return until(`${segments} segments`, async () => {
    const names = await readdir(folders(node.dataDir).ring);
    return names.filter((name) => !isDraft(name)).length >= segments;
  });
}

/** What a power cut at this moment would leave: the same card, and nobody running on it. */
async function cardAtThisMoment(node: TestNode): Promise<TestNode> {
  const dataDir = join(node.dir, 'cut', 'data');
  const identityDir = join(node.dir, 'cut', 'identity');
  // A draft may get its name while we copy, and counts for nothing.
  await cp(node.dataDir, dataDir, { recursive: true, filter: (path) => !isDraft(path) });
  await cp(node.identityDir, identityDir, { recursive: true });
  return { ...node, dataDir, identityDir };
}

async function begin(node: TestNode, more = '') {
  const run = await startScripted(node, testConfig(more));
  await run.see(start);
  await run.see(init);
  return run;
}

test('a visit becomes an event, a still and a clip whose plain text is the film around it', async ({ node }) => {
  const run = await begin(node);
  await run.film(20);
  await run.film(5, 'somebody');
  await run.film(12);
  await run.stop();
  const records = await recordsOf(node);
  assert.equal(
    records.filter(({ manifest }) => manifest.kind === 'event').map(({ manifest }) => manifest.event?.phase),
    ['new', 'end'],
  );
  const end = JSON.parse(String(records.find(({ manifest }) => manifest.event?.phase === 'end')?.plain));
  assert.ok(end.firstMonoMs >= 20_000 && end.lastMonoMs < 25_400 && end.peakShare > 0, JSON.stringify(end));
  const still = records.find(({ manifest }) => manifest.kind === 'still');
  assert.match(String(still?.plain), /^jpeg at 2[01]000$/);
  const clip = records.find(({ manifest }) => manifest.kind === 'clip');
  assert.is(String(clip?.plain), 'ftyp moov');
  assert.is(clip?.manifest.complete, true);
  const pinned = await segmentsIn(node, folders(node.dataDir).waiting(4));
  const film = clip?.manifest.segments?.map(({ seg }) => String(pinned.get(seg)?.plain)).join('') ?? '';
  const seconds = [...film.matchAll(/fragment from (\d+);/g)].map(([, ms]) => Number(ms));
  assert.ok((seconds[0] ?? Infinity) <= end.firstMonoMs - 5000, `begins at ${seconds[0]}`);
  assert.ok((seconds.at(-1) ?? 0) + 1000 >= end.lastMonoMs + 5000, `ends at ${seconds.at(-1)}`);
  for (const [at, ms] of seconds.entries()) assert.is(ms, (seconds[0] ?? 0) + at * 1000);
});

test('outside the hours of its zone nobody is an event; within them he is', async ({ node }) => {
  const { hour } = localTime(bootWallMs);
  const clockFace = (at: number) => `${String(at % 24).padStart(2, '0')}:00`;
  const phases = async (from: number, to: number) => {
    const hours = `${clockFace(from)}-${clockFace(to)}`;
    const zone = `{name: sân, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], armed: ['${hours}']}`;
    const run = await begin(node, `motion: {watch: [${zone}]}\n`);
    await run.film(6);
    await run.film(5, 'somebody');
    await run.film(4);
    await run.stop();
    return (await recordsOf(node)).flatMap(({ manifest }) => manifest.event?.phase ?? []);
  };
  assert.equal(await phases(hour + 2, hour + 5), []);
  assert.equal(await phases(hour, hour + 2), ['new', 'end']);
});

test('the event is told at once, the doorbell rings for each class', async ({ node }) => {
  const run = await begin(node);
  await run.film(15);
  await run.film(3, 'somebody');
  await run.stop();
  const rung = run.told.flatMap((message) => (message.is === 'doorbell' ? [message.class] : []));
  for (const drainClass of [1, 2, 4]) assert.ok(rung.includes(drainClass as 1), `class ${drainClass} in ${rung}`);
});

test('profile events keeps nothing on the card until something happens, and then has the pre-roll', async ({
  node,
}) => {
  const run = await begin(node, 'storage: { profile: events }');
  await run.film(30);
  assert.equal(await readdir(folders(node.dataDir).ring), []);
  await run.film(4, 'somebody');
  await run.film(12);
  await run.stop();
  // Not even then is there a ring: footage lies once, where it waits.
  assert.equal(await readdir(folders(node.dataDir).ring), []);
  const records = await recordsOf(node);
  const [clip] = records.filter(({ manifest }) => manifest.kind === 'clip');
  const waiting = await segmentsIn(node, folders(node.dataDir).waiting(4));
  assert.equal(
    clip?.manifest.segments?.map(({ seg }) => seg),
    [...waiting.keys()],
  );
  const first = clip?.manifest.segments?.[0]?.firstMonoMs ?? Infinity;
  assert.ok(first <= 25_000, `begins at ${first}`);
  const last = clip?.manifest.segments?.at(-1);
  assert.ok((last?.firstMonoMs ?? 0) + (last?.durationMs ?? 0) >= 39_000);
});

test('a camera lost in mid-event ends it, and its clip says that it is not complete', async ({ node }) => {
  const run = await begin(node);
  await run.film(15);
  await run.film(3, 'somebody');
  await run.see({ is: 'fault', code: 'camera-exit', text: 'gone' });
  await run.stop();
  const records = await recordsOf(node);
  const end = records.find(({ manifest }) => manifest.event?.phase === 'end');
  assert.is(JSON.parse(String(end?.plain)).endedBy, 'camera-lost');
  assert.is(records.find(({ manifest }) => manifest.kind === 'clip')?.manifest.complete, false);
  const fault = records.find(({ manifest }) => manifest.kind === 'fault');
  assert.is(JSON.parse(String(fault?.plain)).code, 'camera-exit');
});

test('a film that begins again has no event from its first pictures, and its segments are another run', async ({
  node,
}) => {
  const run = await begin(node);
  await run.film(15);
  await run.film(3, 'somebody');
  await run.see({ is: 'end' });
  await run.see({ ...start, afresh: true });
  await run.see(init);
  await run.film(10);
  await run.stop();
  const records = await recordsOf(node);
  const ends = records
    .filter(({ manifest }) => manifest.event?.phase === 'end')
    .map(({ plain }) => JSON.parse(String(plain)).endedBy);
  assert.equal(ends, ['film-end']);
  assert.equal(
    records.filter(({ manifest }) => manifest.kind === 'clip').map(({ manifest }) => manifest.complete),
    [true],
  );
  assert.is(records.filter(({ manifest }) => manifest.kind === 'fault').length, 0);
});

test('what a cut left open is mended at the next start: an end, and a clip of what was finished', async ({ node }) => {
  const run = await begin(node);
  await run.film(15);
  await run.film(6, 'somebody');
  await ringHolds(node, 4);
  const cut = await cardAtThisMoment(node);
  await run.stop();
  const after = await startScripted(cut, testConfig());
  await after.stop();
  const records = await recordsOf(cut);
  const [clip] = records.filter(({ manifest }) => manifest.kind === 'clip');
  assert.is(clip?.manifest.complete, false);
  assert.is(clip?.manifest.boot, after.spool.boot);
  assert.is(clip?.manifest.segments?.[0]?.boot, run.spool.boot);
  assert.is(String(clip?.plain), 'ftyp moov');
  const end = records.find(({ manifest }) => manifest.event?.phase === 'end');
  assert.is(JSON.parse(String(end?.plain)).endedBy, 'power-cut');
  const kinds = records
    .filter(({ manifest }) => manifest.boot === after.spool.boot)
    .map(({ manifest }) => manifest.kind);
  assert.equal(kinds.slice(0, 4), ['clip', 'event', 'coverage', 'boot']);
  const covered = records.find(({ manifest }) => manifest.kind === 'coverage' && manifest.boot === after.spool.boot);
  const { boot, recorded } = JSON.parse(String(covered?.plain));
  assert.is(boot, run.spool.boot);
  assert.is(recorded.length, 1);
  assert.ok(recorded[0].toMonoMs >= 15_000, JSON.stringify(recorded));
  const again = await startScripted(cut, testConfig());
  await again.stop();
  assert.is((await recordsOf(cut)).filter(({ manifest }) => manifest.kind === 'clip').length, 1);
});

test('minutes that the ring holds can be asked for', async ({ node }) => {
  const run = await begin(node);
  await run.film(60);
  await ringHolds(node, 6);
  const command = { v: 1, aud: 'xa-thu/mat-01', id: 'look-0001', name: 'lookback', expiresAtMs: 0 } as const;
  const asked = { ...command, args: { fromMs: bootWallMs + 20_000, toMs: bootWallMs + 35_000 } };
  const reply = await run.recorder.commands.obey(asked);
  assert.ok(reply.ok, reply.text);
  const never = await run.recorder.commands.obey({ ...command, args: { fromMs: 0, toMs: 1000 } });
  assert.not(never.ok);
  const nonsense = await run.recorder.commands.obey({ ...command, args: { fromMs: 5000, toMs: 1000 } });
  assert.match(nonsense.text, /must be a range/);
  await run.stop();
  const clip = (await recordsOf(node)).find(({ manifest }) => manifest.kind === 'clip');
  assert.equal(clip?.manifest.of, { part: 0, why: 'lookback' });
  assert.ok((clip?.manifest.segments?.[0]?.firstMonoMs ?? Infinity) <= 20_000);
});

test('the chain has no gap over everything that was written', async ({ node }) => {
  for (let boot = 0; boot < 3; boot++) {
    const run = await begin(node);
    await run.film(14);
    await run.film(2, 'somebody');
    await run.stop();
  }
  const seen = new Map<string, number>();
  for (const { manifest } of await recordsOf(node)) {
    assert.is(manifest.seq, seen.get(manifest.boot) ?? 0);
    seen.set(manifest.boot, manifest.seq + 1);
  }
  assert.is(seen.size, 3);
});

test('a ring whose folder is swept in mid-run costs the swept footage, not the rest', async ({ node }) => {
  const run = await begin(node);
  await run.film(25);
  await ringHolds(node, 2);
  for (const name of await readdir(folders(node.dataDir).ring))
    await rm(join(folders(node.dataDir).ring, name), { force: true });
  await run.film(3, 'somebody');
  await run.film(10);
  await run.stop();
  const records = await recordsOf(node);
  assert.ok(records.some(({ manifest }) => manifest.kind === 'clip'));
  assert.ok(
    records.some(({ plain, manifest }) => manifest.kind === 'fault' && String(plain).includes('could not be pinned')),
  );
});

test.run();
