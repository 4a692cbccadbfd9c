// `matlang replay --config`: what other rules would change, event by event, on a film of two passers-by, a large one near by and a small one far off.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { eventsSchema, motionSchema } from '../../agent/core/config/schema.ts';
import { playBeside } from '../../cli/replay/beside.ts';
import { type Change, compare, type Run } from '../../cli/replay/compare.ts';
import type { Rules } from '../../cli/replay/rules.ts';
import type { EventDetails } from '../../protocol/details.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const exec = promisify(execFile);
const test = suite<{ folder: string; film: string }>('cli/replay --config');

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'matlang-replay-config-'));
  context.film = join(context.folder, 'film.mp4');
  await makeFilm(context.film);
});
test.after(({ folder }) => rm(folder, { recursive: true }));

/** 12 s of 320x180: a block of 20x40 crosses low from 3 s to 5 s, one of 14x16 high from 8 s to 10 s. */
async function makeFilm(path: string): Promise<void> {
  const street = 'color=0x808080:size=320x180:rate=10:duration=12,noise=alls=6:allf=t:all_seed=1';
  const block = (size: string) => `color=0x202020:size=${size}:rate=10:duration=12`;
  const x = (from: number) => `if(between(t,${from},${from + 1.999}),(t-${from})*150,-100)`;
  await exec('ffmpeg', [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      street,
      '-f',
      'lavfi',
      '-i',
      block('20x40'),
      '-f',
      'lavfi',
      '-i',
      block('14x16'),
    ],
    ...['-filter_complex', `[0][1]overlay=x='${x(3)}':y=120[a];[a][2]overlay=x='${x(8)}':y=40`, '-threads', '1'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', path],
  ]);
}

const rules = (motion: z.input<typeof motionSchema>, startsWallMs: number | null = null): Rules => ({
  motion: motionSchema.parse(motion),
  events: eventsSchema.parse({}),
  startsWallMs,
});
const noProgress = { show: () => undefined, clear: () => undefined };
async function changes(film: string, was: Rules, now: Rules): Promise<readonly Change[]> {
  return (await playBeside(film, { was, now }, 'en', noProgress, new AbortController().signal)).changes;
}
const told = (found: readonly Change[]) =>
  found.map((change) => ('held' in change ? `${change.is} ${change.held.rule}` : change.is));
const zone = (left: number, right: number, more: object = {}) => ({
  name: 'sân',
  polygon: [[left, 0], [right, 0], [right, 1], [left, 1]] as [number, number][], // biome-ignore format: a polygon
  ...more,
});

test('the same rules change nothing, other rules the same on every run', async ({ film }) => {
  assert.equal(told(await changes(film, rules({}), rules({}))), ['kept', 'kept']);
  const once = () => changes(film, rules({}), rules({ minSize: 0.008 }));
  assert.equal(await once(), await once());
});

test('what is gone is told with the rule that holds it back, and the sensitivity at which it would count', async ({
  film,
}) => {
  const found = await changes(film, rules({}), rules({ minSize: 0.008 }));
  assert.equal(told(found), ['kept', 'gone small']);
  const [, gone] = found;
  assert.ok(gone?.is === 'gone');
  const { pictures, of, needs } = gone.held;
  assert.ok(pictures > 4 && pictures <= of && needs > 5 && needs <= 10, JSON.stringify(gone.held));
  // And that is true: at that sensitivity it does count, one step lower it does not.
  const at = async (sensitivity: number) =>
    told(await changes(film, rules({}), rules({ minSize: 0.008, sensitivity })))[1];
  assert.is((await at(needs))?.split(' ')[0] !== 'gone', true);
  assert.is(await at(needs - 1), 'gone small');
});

test('what is new is told with what held it back before', async ({ film }) => {
  assert.equal(told(await changes(film, rules({ minSize: 0.008 }), rules({}))), ['kept', 'new small']);
});

test('what lies in an ignore zone, or far below the smallest size, is told so', async ({ film }) => {
  const ignore = [{ name: 'trên', polygon: [[0, 0], [1, 0], [1, 0.5], [0, 0.5]] as [number, number][] }]; // biome-ignore format: a polygon
  assert.equal(told(await changes(film, rules({}), rules({ ignore }))), ['kept', 'gone outside']);
  assert.equal(told(await changes(film, rules({}), rules({ minSize: 0.5 }))), ['gone small', 'gone small']);
});

test('outside its hours a zone holds back, and the film’s clock decides', async ({ film }) => {
  const night = { watch: [zone(0, 1, { armed: ['22:00-05:00'] })] };
  const watched = rules({ watch: [zone(0, 1)] });
  const from = async (wallMs: number | null) => told(await changes(film, watched, rules(night, wallMs)));
  const local = (hour: number, minute: number, second: number) => Date.UTC(2026, 10, 22, hour - 7, minute, second);
  assert.equal(await from(local(12, 0, 0)), ['gone disarmed', 'gone disarmed']);
  assert.equal(await from(local(23, 0, 0)), ['kept', 'kept']);
  assert.equal(await from(local(21, 59, 54)), ['gone disarmed', 'kept']);
  assert.equal(await from(null), ['kept', 'kept'], 'no clock');
});

test('moved edges, another level and another zone are told as what they are', async ({ film }) => {
  const [first] = await changes(film, rules({}), rules({ watch: [zone(0.5, 1, { level: 'alarm' })] }));
  assert.ok(first?.is === 'changed');
  assert.equal(first.what, ['start', 'level', 'zones']);
  assert.ok(first.now.firstMonoMs - first.was.firstMonoMs >= 800);
});

test('an analysis of another size and rate is compared too', async ({ film }) => {
  const fine = rules({ width: 320, height: 180, fps: 10 });
  assert.equal(told(await changes(film, rules({}), fine)), ['kept', 'kept']);
  assert.equal(told(await changes(film, rules({}), { ...fine, motion: { ...fine.motion, minSize: 0.008 } })), [
    'kept',
    'gone small',
  ]);
});

const toldEvent = z.strictObject({
  startS: z.number(),
  endS: z.number(),
  level: z.enum(['event', 'alarm']),
  zones: z.array(z.string()),
  reason: z.string().min(10),
});
const toldChanges = z.looseObject({
  against: z.string(),
  events: z.array(z.looseObject({ startS: z.number() })),
  changes: z.array(
    z.strictObject({
      change: z.enum(['kept', 'changed', 'gone', 'new', 'joined', 'split']),
      was: toldEvent.nullable(),
      is: toldEvent.nullable(),
      what: z.array(z.enum(['start', 'end', 'level', 'zones'])),
      held: z
        .strictObject({ rule: z.string(), pictures: z.number(), of: z.number(), needs: z.number().nullable() })
        .nullable(),
    }),
  ),
});

async function replay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return {
      code: 0,
      ...(await exec(process.execPath, [main, 'replay', ...args], { env: { ...process.env, LANG: 'C' } })),
    };
  } catch (error) {
    return z.object({ code: z.number(), stdout: z.string(), stderr: z.string() }).parse(error);
  }
}

test('the command prints it: for people in their language, as data for machines; a wrong time ends it with exit 1', async ({
  folder,
  film,
}) => {
  const config = join(folder, 'node.yaml');
  await writeFile(
    config,
    'commune: xa-thu\nnode: mat-01\ntitle: Cổng\ncamera: {driver: film, path: film.mp4}\nmotion: {minSize: 0.008}\n',
  );
  const [vietnamese, english, data, noTime] = await Promise.all([
    replay(film, '--config', config),
    replay(film, '--against', config, '--lang', 'en'),
    replay(film, '--config', config, '--json'),
    replay(film, '--config', config, '--starts', 'tối', '--lang', 'en'),
  ]);
  assert.match(
    vietnamese.stdout,
    /\nSo với giá trị mặc định:\n {2}như cũ +0:03\..*\n {2}không còn +0:08.*nhỏ hơn cỡ tối thiểu \(\d+\/\d+ hình\); độ nhạy \d+ thì tính\ntrước 2 sự kiện, nay 1 sự kiện: 1 như cũ, 1 không còn\n$/,
  );
  assert.match(
    english.stdout,
    /\nAgainst .*node\.yaml:\n {2}kept +0:03.*\n {2}new +0:08.*did not count before: too small .*\n1 event before, 2 now: 1 kept, 1 new\n$/,
  );
  const { against, changes: found, events } = toldChanges.parse(JSON.parse(data.stdout));
  assert.equal([against, events.length, found.map(({ change }) => change)], ['defaults', 1, ['kept', 'gone']]);
  assert.equal(found[1]?.is, null);
  assert.equal([noTime.code, noTime.stdout], [1, '']);
  assert.match(noTime.stderr, /^--starts must be a date and time like 2026-11-22T21:00, not "tối"\n$/);
});

const someEvents = fc
  .uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 12 })
  .map((edges) => edges.sort((a, b) => a - b))
  .map((edges) => edges.slice(0, edges.length & ~1))
  .map((edges) =>
    edges
      .filter((_, i) => i % 2 === 0)
      .map((edge, i): EventDetails => eventOf(edge * 200, (edges[2 * i + 1] ?? edge) * 200)),
  );
const eventOf = (firstMonoMs: number, lastMonoMs: number): EventDetails => ({
  id: `e${firstMonoMs}`,
  trigger: 'motion',
  level: 'event',
  firstMonoMs,
  lastMonoMs,
  peakShare: 0.01,
  boxes: [],
  zones: [],
  reason: 'r',
});
const runOf = (events: readonly EventDetails[]): Run => ({ motion: motionSchema.parse({}), events, sightings: [] });

test('every event before and every event now is told exactly once, in order; the same events are all kept (property)', () => {
  fc.assert(
    fc.property(someEvents, someEvents, (was, now) => {
      const found = compare(runOf(was), runOf(now));
      const before = found.filter(({ is }) => is !== 'new' && is !== 'split').map((change) => change.was);
      const after = found.filter(({ is }) => is !== 'gone' && is !== 'joined').map((change) => change.now);
      const order = (one: EventDetails | undefined, other: EventDetails | undefined) =>
        (one?.firstMonoMs ?? 0) - (other?.firstMonoMs ?? 0);
      assert.equal(before.sort(order), was);
      assert.equal(after.sort(order), now);
      // What has no part of its time in the other run is gone or new, and nothing else is.
      const meets = (event: EventDetails, others: readonly EventDetails[]) =>
        others.some(
          ({ firstMonoMs, lastMonoMs }) => firstMonoMs <= event.lastMonoMs && event.firstMonoMs <= lastMonoMs,
        );
      for (const { is, was: old } of found)
        if (old !== undefined && is !== 'split') assert.is(is === 'gone', !meets(old, now));
      assert.ok(compare(runOf(was), runOf(was)).every(({ is }) => is === 'kept'));
    }),
  );
});

test.run();
