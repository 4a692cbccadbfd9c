// The real command on films that ffmpeg makes here: a street with a block that crosses it twice.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { traceRules } from '../../agent/core/trace/sight.ts';
import { eventTraceSchema } from '../../protocol/details.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const run = promisify(execFile);

const told = z.strictObject({
  frames: z.number(),
  seconds: z.number(),
  cpuMsPerFrame: z.number().positive(),
  sensitivity: z.number(),
  events: z.array(
    z.strictObject({
      startS: z.number(),
      endS: z.number(),
      peakShare: z.number(),
      boxes: z.array(z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() })).min(1),
      reason: z.string().min(10),
      trace: eventTraceSchema,
    }),
  ),
  nearMisses: z.array(
    z.strictObject({
      rule: z.enum(traceRules),
      rules: z.partialRecord(z.enum(traceRules), z.number()),
      times: z.number().positive(),
      pictures: z.number().positive(),
      cells: z.string().nullable(),
      fromS: z.number(),
      toS: z.number(),
      needs: z.number().min(1).max(11),
    }),
  ),
  // Films of a street: nobody touches the camera.
  tampers: z.array(z.unknown()).length(0),
  // With a configuration; their form is tested in replay-config.test.ts.
  against: z.string().optional(),
  changes: z.array(z.looseObject({ change: z.string() })).optional(),
});

const test = suite<{ folder: string; film: string }>('cli/replay');

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'matlang-replay-'));
  context.film = join(context.folder, 'film.mp4');
  await makeFilm(context.film, ['-c:v', 'libx264', '-preset', 'ultrafast', '-movflags', 'faststart']);
});
test.after(({ folder }) => rm(folder, { recursive: true }));

/** 14 s of 320x180: a dark block of 20x40 goes from left to right from 4 s to 7 s, and again from 9 s to 12 s. */
async function makeFilm(path: string, codec: readonly string[]): Promise<void> {
  const street = 'color=0x808080:size=320x180:rate=15:duration=14,noise=alls=6:allf=t:all_seed=1';
  const block = 'color=0x202020:size=20x40:rate=15:duration=14';
  const x = 'if(between(t,4,6.999),(t-4)*100,if(between(t,9,11.999),(t-9)*100,-100))';
  await run('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', street, '-f', 'lavfi', '-i', block],
    ...['-filter_complex', `[0][1]overlay=x='${x}':y=100`, '-threads', '1', ...codec, path],
  ]);
}

async function replay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return {
      code: 0,
      ...(await run(process.execPath, [main, 'replay', ...args], { env: { ...process.env, LANG: 'C' } })),
    };
  } catch (error) {
    const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() }).parse(error);
    return failed;
  }
}
const json = (stdout: string) => told.parse(JSON.parse(stdout));
const times = (stdout: string) => json(stdout).events.map(({ startS, endS }) => [startS, endS]);

test('two passes two seconds apart are two events, from the first to the last moment', async ({ film }) => {
  const { code, stdout, stderr } = await replay(film, '--json');
  assert.is(code, 0, stderr);
  const { frames, seconds, events } = json(stdout);
  assert.equal([frames, seconds], [70, 14]);
  assert.is(events.length, 2);
  for (const [i, startS] of [4, 9].entries()) {
    const event = events[i];
    assert.ok(event);
    assert.ok(Math.abs(event.startS - startS) <= 0.4, `began at ${event.startS}`);
    assert.ok(Math.abs(event.endS - startS - 3) <= 0.4, `ended at ${event.endS}`);
    const share = (20 * 40) / (320 * 180);
    assert.ok(Math.abs(event.peakShare - share) < 0.3 * share, `share ${event.peakShare}`);
    assert.ok(event.boxes.every(({ y, h }) => y > 0.5 && y + h < 0.85));
  }
});

test('the same events on every run', async ({ film }) => {
  const one = json((await replay(film, '--json')).stdout);
  const other = json((await replay(film, '--json')).stdout);
  assert.equal(one.events, other.events);
});

test('people get a table, Vietnamese first, English when asked', async ({ film }) => {
  const vietnamese = await replay(film);
  assert.is(vietnamese.code, 0);
  assert.match(vietnamese.stdout, /từ +đến .*vì sao\n/);
  assert.match(vietnamese.stdout, /2 sự kiện trong 14\.0 giây phim/);
  assert.is(vietnamese.stderr, '', 'no progress where nobody looks');
  const english = await replay(film, '--lang', 'en');
  assert.match(english.stdout, /something travelled .*\n.*something travelled .*\n2 events in 14\.0 s of film/);
});

test('rules come from the configuration', async ({ folder, film }) => {
  const config = join(folder, 'node.yaml');
  const text = (rest: string) =>
    `commune: xa-thu\nnode: mat-01\ntitle: Cổng làng\ncamera:\n  driver: film\n  path: film.mp4\n${rest}`;
  await writeFile(
    config,
    text('motion:\n  fps: 10\n  ignore:\n    - name: đường\n      polygon: [[0, 0.5], [1, 0.5], [1, 0.9], [0, 0.9]]\n'),
  );
  const ignored = json((await replay(film, '--config', config, '--json')).stdout);
  assert.equal([ignored.frames, ignored.events], [140, []]);
  await writeFile(config, text('events:\n  quietMs: 3000\n'));
  assert.is(times((await replay(film, '--config', config, '--json')).stdout).length, 1);
  await writeFile(config, text('motion:\n  fps: 0\n'));
  const refused = await replay(film, '--config', config, '--lang', 'en');
  assert.is(refused.code, 1);
  assert.match(refused.stderr, /node\.yaml:8:8 motion\.fps: must be 2 to 10, not 0/);
});

test('what is no film gets a clear message and exit 1', async ({ folder }) => {
  const text = join(folder, 'text.mp4');
  await writeFile(text, 'này không phải là phim\n'.repeat(200));
  const empty = join(folder, 'empty.mp4');
  await writeFile(empty, '');
  const cases: [string, RegExp][] = [
    [join(folder, 'none.mp4'), /no such file: .*none\.mp4/],
    [text, /cannot read the film .*text\.mp4: /],
    [empty, /cannot read the film .*empty\.mp4: /],
    [folder, /cannot read the film .*: .*directory/i],
  ];
  for (const [path, message] of cases) {
    const { code, stdout, stderr } = await replay(path, '--lang', 'en', '--json');
    assert.is(code, 1, path);
    assert.is(stdout, '');
    assert.match(stderr, message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
});

async function halve(from: string, to: string): Promise<void> {
  await writeFile(to, await readFile(from));
  await truncate(to, Math.floor((await stat(from)).size / 2));
}

test('a film cut in half is analysed as far as it goes, and said to be cut', async ({ folder, film }) => {
  const cases: [string, readonly string[]][] = [
    ['mkv', ['-c:v', 'libx264', '-preset', 'ultrafast']],
    ['avi', ['-c:v', 'mpeg4']],
  ];
  const films = [film];
  for (const [kind, codec] of cases) {
    const path = join(folder, `whole.${kind}`);
    await makeFilm(path, codec);
    assert.is((await replay(path)).code, 0, `${kind}, whole`);
    films.push(path);
  }
  for (const path of films) {
    const cut = path.replace(/(\w+)$/, 'cut.$1');
    await halve(path, cut);
    const { code, stdout, stderr } = await replay(cut, '--json', '--lang', 'en');
    assert.is(code, 1, cut);
    const { seconds, events } = json(stdout);
    assert.ok(seconds > 5 && seconds < 9.5, `${cut}: ${seconds} s`);
    assert.is(events.length, 1, cut);
    assert.match(stderr, /is cut short or damaged: only \d\.\d s/);
  }
});

test('an MP4 that lost the index at its end is told as what it is', async ({ folder }) => {
  const whole = join(folder, 'late.mp4');
  await makeFilm(whole, ['-c:v', 'libx264', '-preset', 'ultrafast']);
  await halve(whole, join(folder, 'late-cut.mp4'));
  const { code, stderr } = await replay(join(folder, 'late-cut.mp4'), '--lang', 'en');
  assert.is(code, 1);
  assert.match(stderr, /cut short \(the index at its end is missing\), or is no film/);
});

test.run();
