// Films in place of a camera: several codecs, sizes and faults, with the real ffmpeg.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CameraConfig } from '../../agent/core/config/schema.ts';
import type { CameraSettings, FilmSettings } from '../../hal/camera/settings.ts';
import {
  all,
  asMp4,
  camera,
  decodedFrames,
  ffmpeg,
  h264,
  has,
  isAlive,
  type Kept,
  makeFilm,
  ownFolder,
  picture,
  sizeOf,
  watch,
} from './camera-world.ts';

const folder = ownFolder();
const film = (path: string, more: Partial<FilmSettings> = {}): FilmSettings => ({
  ...picture,
  driver: 'film',
  path,
  repeat: false,
  ...more,
});
const ended = (seen: readonly Kept[]) => all(seen, 'fault').map(({ code }) => code);

test('the configuration of the house fits the driver as it is', () => {
  const fits = (config: CameraConfig): CameraSettings => config;
  assert.type(fits, 'function');
});

const kinds: readonly (readonly [name: string, size: string, seen: string, ...encoding: string[]])[] = [
  ['h264.mp4', '640x360', '640,360', ...h264],
  ['large.mp4', '1280x720', '640,360', ...h264],
  ['four-to-three.avi', '320x240', '320,240', '-c:v', 'mpeg4', '-q:v', '4'],
  ['odd.mkv', '321x241', '320,240', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj444p'],
  ['tall.webm', '240x426', '202,360', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-r', '25'],
];
/** All at once: they are played in real time. */
const played = new Map<string, readonly Kept[]>();
test.before(async () => {
  await Promise.all(
    kinds.map(async ([name, size, , ...encoding]) => {
      const path = makeFilm(join(folder, name), size, 2, ...encoding);
      played.set(name, await watch(camera(film(path)), () => false, 20_000));
    }),
  );
});
for (const [name, size, expected] of kinds)
  test(`a film ${name} of ${size} is played in its own shape, to its end`, () => {
    const seen = played.get(name) ?? [];
    assert.is(seen[0]?.is, 'start');
    assert.equal(ended(seen), ['film-ended']);
    assert.is(all(seen, 'end').length, 1);
    const greys = all(seen, 'grey');
    assert.ok(greys.length >= 9 && greys.length <= 11, `${greys.length} grey pictures`);
    assert.ok(greys.every(({ frame }) => frame.pixels.length === 160 * 90));
    const [jpeg] = all(seen, 'jpeg');
    assert.is(sizeOf(jpeg?.bytes ?? new Uint8Array()), expected);
    assert.is(sizeOf(asMp4(seen)), expected);
    const fragments = all(seen, 'fragment');
    const lengthMs = fragments.reduce((sum, { durationMs }) => sum + durationMs, 0);
    assert.ok(Math.abs(lengthMs - 2000) < 120, `${lengthMs} ms of video`);
    const frames = decodedFrames(asMp4(seen));
    assert.ok(frames >= 29 && frames <= 31, `${frames} frames decode`);
  });

test('it plays in real time, and each fragment knows when it began', async () => {
  const path = makeFilm(join(folder, 'time.mp4'), '320x180', 4, ...h264);
  const seen = await watch(camera(film(path)), has('fragment', 3), 15_000);
  const [start] = all(seen, 'grey');
  all(seen, 'fragment').forEach((fragment, index) => {
    const awayMs = fragment.monoMs - (start?.frame.monoMs ?? 0) - index * 1000;
    assert.ok(Math.abs(awayMs) < 250, `fragment ${index} begins ${awayMs} ms from its place`);
  });
});

test('two runs of the same film give the same grey bytes and the same init segment', async () => {
  const path = makeFilm(join(folder, 'same.mp4'), '640x360', 2, ...h264);
  const runs = await Promise.all([1, 2].map(() => watch(camera(film(path)), () => false, 15_000)));
  const [one, other] = runs.map((seen) => Buffer.concat(all(seen, 'grey').map(({ frame }) => frame.pixels)));
  assert.ok(one !== undefined && other !== undefined && one.length > 0 && one.equals(other));
  const inits = runs.map((seen) => Buffer.from(all(seen, 'init')[0]?.bytes ?? []).toString('hex'));
  assert.ok(inits[0] !== '' && inits[0] === inits[1]);
});

test('where it repeats it begins again, afresh and without a fault', async () => {
  const path = makeFilm(join(folder, 'round.mp4'), '320x180', 1, ...h264);
  const runs = await Promise.all([
    watch(camera(film(path, { repeat: true })), has('start', 3), 15_000),
    watch(camera(film(path), { beginsAgain: true }), has('start', 3), 15_000),
  ]);
  for (const seen of runs) {
    assert.equal(ended(seen), []);
    assert.ok(all(seen, 'start').every(({ afresh }) => afresh));
    assert.is(all(seen, 'end').length, 2);
  }
});

test('told to stop, it hands over what was recorded, ends, and leaves no process', async () => {
  const path = makeFilm(join(folder, 'long.mp4'), '320x180', 20, ...h264);
  const source = camera(film(path));
  const stop = new AbortController();
  let pids: readonly number[] = [];
  let [fragments, endedAtMs] = [0, 0];
  for await (const sight of source.run(stop.signal)) {
    if (sight.is === 'fragment') fragments += 1;
    if (fragments !== 1 || stop.signal.aborted) continue;
    pids = source.inventory().pids;
    endedAtMs = performance.now();
    stop.abort();
  }
  assert.is(fragments, 2, 'the begun fragment is handed over too');
  assert.ok(performance.now() - endedAtMs < 1500);
  assert.ok(pids.length === 1 && !pids.some(isAlive));
  assert.equal(source.inventory().pids, []);
});

const broken: readonly (readonly [what: string, make: (path: string) => void, text: RegExp])[] = [
  ['is missing', () => undefined, /No such file/],
  [
    'is text',
    (path) => writeFileSync(path, 'Đây là một văn bản, không phải phim.\n'.repeat(50)),
    /cannot play the film .*(Invalid data|no moving picture)/,
  ],
  ['is text and called .txt', (path) => writeFileSync(path, 'a text\n'.repeat(500)), /cannot play the film/],
  ['is a folder', (path) => mkdirSync(path), /cannot play the film/],
  ['is empty', (path) => writeFileSync(path, ''), /cannot play the film/],
  ['has only sound', (path) => ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', '-f', 'wav', path), /no moving picture/],
  [
    'is a playlist',
    (path) => writeFileSync(path, '#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n'),
    /cannot play the film/,
  ],
  [
    'was cut in half before its index',
    (path) => writeFileSync(path, half(makeFilm(join(folder, 'whole.mp4'), '320x180', 2, ...h264))),
    /cannot play the film/,
  ],
  [
    'was cut in half behind its index',
    (path) =>
      writeFileSync(path, half(makeFilm(join(folder, 'fast.mp4'), '320x180', 3, ...h264, '-movflags', '+faststart'))),
    /cut short|cannot play/,
  ],
];
const half = (path: string) => {
  const bytes = readFileSync(path);
  return bytes.subarray(0, bytes.length / 2);
};
for (const [what, make, text] of broken)
  test(`a film that ${what} is a fault in clear words, and is tried again`, async () => {
    const path = join(folder, `broken ${what}${what.endsWith('.txt') ? '' : '.mp4'}`);
    make(path);
    const source = camera(film(path));
    const seen = await watch(source, has('fault'), 10_000);
    const [fault] = all(seen, 'fault');
    assert.is(fault?.code, 'camera-input');
    assert.match(fault?.text ?? '', text);
    assert.match(fault?.text ?? '', path);
  });

test('a film that appears later is played, and the fault is recovered', async () => {
  const path = join(folder, 'later.mp4');
  assert.not.ok(existsSync(path));
  let made = false;
  const enough = (seen: readonly Kept[]) => {
    if (has('fault')(seen) && !made) {
      made = true;
      makeFilm(path, '320x180', 3, ...h264);
    }
    return has('recovered')(seen);
  };
  const seen = await watch(camera(film(path)), enough, 15_000);
  assert.is(all(seen, 'recovered')[0]?.code, 'camera-input');
});

test.run();
