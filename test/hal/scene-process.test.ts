import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseOptions } from '../../hal/camera/scene/options.ts';
import type { FrameTruth } from '../../hal/camera/scene/scene.ts';

const main = new URL('../../hal/camera/scene/main.ts', import.meta.url).pathname;
const frameBytes = (320 * 180 * 3) / 2;
const usual = { seed: '5', time: 'day', width: '320', height: '180', fps: '15' };

function argvOf(options: Readonly<Record<string, string>>, flags: readonly string[] = []): string[] {
  return [main, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]), ...flags];
}

function start(options: Readonly<Record<string, string>>, flags: readonly string[] = [], truth = false) {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...(truth ? (['pipe'] as const) : [])];
  const child = spawn(process.execPath, argvOf({ ...usual, ...options }, flags), { stdio });
  const said = text(pipe(child, 2));
  return {
    child,
    pictures: pipe(child, 1),
    truth: truth ? text(pipe(child, 3)) : Promise.resolve(''),
    said,
    ended: once(child, 'exit'),
  };
}

function pipe(child: ChildProcess, descriptor: number): Readable {
  const stream = child.stdio[descriptor];
  if (stream === null || stream === undefined || !('read' in stream)) throw new Error(`no pipe at ${descriptor}`);
  return stream;
}

const framesIn = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line): FrameTruth => JSON.parse(line));

test('keeps real time: two seconds of pictures take two seconds, each on its beat', async () => {
  const { pictures, ended, truth } = start({ frames: '31', truth: '3' }, [], true);
  const atMs: number[] = [];
  let bytes = 0;
  for await (const chunk of pictures) {
    bytes += chunk.length;
    while (atMs.length < Math.floor(bytes / frameBytes)) atMs.push(performance.now());
  }
  assert.equal(await ended, [0, null]);
  assert.is(bytes, 31 * frameBytes);
  const frames = framesIn(await truth);
  assert.is(frames.length, 31);
  const tookMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
  const worldMs = (frames.at(-1)?.tMs ?? 0) - (frames[0]?.tMs ?? 0);
  assert.ok(Math.abs(tookMs - worldMs) < 250, `took ${tookMs} ms for ${worldMs} ms`);
  assert.ok(worldMs >= 2000);
});

test('leaves pictures out when the reader is slow, and is on time again afterwards', async () => {
  const { pictures, ended, truth } = start({ frames: '30', truth: '3' }, [], true);
  let bytes = 0;
  const beganMs = performance.now();
  for await (const chunk of pictures) {
    const before = bytes;
    bytes += chunk.length;
    // The slow reader is the case under test: it looks away for a second after the first picture.
    if (before < frameBytes && bytes >= frameBytes) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.equal(await ended, [0, null]);
  const frames = framesIn(await truth).map((one) => one.frame);
  assert.is(frames.length, 30);
  const gaps = frames.map((frame, index) => frame - (frames[index - 1] ?? frame - 1));
  assert.ok(
    gaps.every((gap) => gap >= 1),
    'never goes back',
  );
  assert.ok(Math.max(...gaps) > 4, `gaps ${gaps}`);
  const worldMs = ((frames.at(-1) ?? 0) * 1000) / 15;
  assert.ok(worldMs <= performance.now() - beganMs, 'not ahead of time');
});

test('as fast as it goes, every picture comes, with a line of truth each', async () => {
  const { pictures, ended, truth } = start({ frames: '300', truth: '3', start: '9' }, ['--as-fast'], true);
  let bytes = 0;
  for await (const chunk of pictures) bytes += chunk.length;
  assert.equal(await ended, [0, null]);
  const frames = framesIn(await truth);
  assert.is(bytes, 300 * frameBytes);
  assert.equal(
    frames.map((one) => one.frame),
    Array.from({ length: 300 }, (_, index) => 135 + index),
  );
  assert.is(frames[0]?.tMs, 9000);
  const object = frames.flatMap((one) => one.objects).find((one) => one.visible > 0.9);
  assert.ok(object !== undefined && object.w > 3 && object.h > 3);
});

test('casts whom it is asked for', async () => {
  const { pictures, ended, truth } = start(
    { frames: '150', truth: '3', start: '9', cast: 'bicycle:near:every=1-2' },
    ['--as-fast'],
    true,
  );
  pictures.resume();
  assert.equal(await ended, [0, null]);
  const met = new Set(framesIn(await truth).flatMap((frame) => frame.objects.map((one) => one.class)));
  assert.equal([...met], ['bicycle']);
});

test('ends quietly when nobody reads any more', async () => {
  const { child, pictures, ended, said } = start({}, ['--as-fast']);
  await once(pictures, 'readable');
  pictures.destroy();
  assert.equal(await ended, [0, null]);
  assert.is(await said, '');
  assert.is(child.exitCode, 0);
});

test('ends quietly on SIGTERM, also while the reader blocks it', async () => {
  const { child, pictures, ended, said } = start({}, ['--as-fast']);
  await once(pictures, 'readable');
  child.kill('SIGTERM');
  assert.equal(await ended, [null, 'SIGTERM']);
  pictures.destroy();
  assert.is(await said, '');
});

const wrong: readonly [change: Record<string, string | undefined>, said: RegExp][] = [
  [{ seed: undefined }, /^--seed is missing$/],
  [{ seed: '-1' }, /--seed/],
  [{ seed: '1.5' }, /^--seed must be 0 to 2147483647, not 1\.5$/],
  [{ time: 'dusk' }, /^--time must be day or night, not dusk$/],
  [{ width: '321' }, /^--width must be a multiple of 8, not 321$/],
  [{ width: '99999' }, /^--width must be 64 to 1920, not 99999$/],
  [{ height: '181' }, /^--height must be even, not 181$/],
  [{ fps: '0' }, /^--fps must be 1 to 60, not 0$/],
  [{ fps: 'x' }, /^--fps must be 1 to 60, not x$/],
  [{ frames: '0' }, /^--frames must be 1 to 1000000000, not 0$/],
  [{ start: '-3' }, /--start/],
  [{ truth: '1' }, /^--truth must not be 1/],
  [{ cast: 'person,horse' }, /^--cast knows none, traffic, mixed, person, .*, not horse$/],
  [{ colour: 'red' }, /--colour/],
];

const given = (change: Record<string, string | undefined>) =>
  Object.fromEntries(
    Object.entries({ ...usual, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

test('says of each argument what is wrong with it', () => {
  for (const [change, said] of wrong) {
    const parsed = parseOptions(argvOf(given(change)).slice(1));
    assert.not.ok(parsed.ok, JSON.stringify(change));
    if (!parsed.ok) assert.match(parsed.faults[0] ?? '', said);
  }
});

test('exits with 2 and a clear error instead of a stack when it is asked for nonsense', () => {
  const nonsense = [{ fps: '0' }, { colour: 'red' }, { truth: '900' }, { truth: '3' }];
  for (const change of nonsense) {
    const { status, stderr, stdout } = spawnSync(process.execPath, argvOf(given(change)), { encoding: 'utf8' });
    assert.is(status, 2, JSON.stringify(change));
    assert.match(stderr, /^scene: .*--(fps|colour|truth)/);
    assert.not.match(stderr, /\n {4}at /);
    assert.is(stdout, '');
  }
});

test('names all faults of its arguments at once', () => {
  const parsed = parseOptions(argvOf(given({ fps: '0', height: '7' })).slice(1));
  assert.equal(parsed.ok || parsed.faults, [
    '--height must be 36 to 1088, not 7',
    '--fps must be 1 to 60, not 0',
    '--height must be even, not 7',
  ]);
});

test.run();
