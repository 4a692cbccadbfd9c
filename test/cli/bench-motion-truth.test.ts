import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { truthOf } from '../../cli/bench/motion-films.ts';
import { countPixels, pixelFigures, scoreMasks } from '../../cli/bench/motion-masks.ts';
import { parseTruth } from '../../cli/bench/motion-truth.ts';

const faultsOf = (text: string): readonly string[] => {
  const read = parseTruth(text, 'truth.json');
  return read.ok ? [] : read.faults;
};
const film = (told: object) => JSON.stringify([{ file: 'a.mp4', toleranceS: 1, events: [], ...told }]);

test('a truth file names films, tolerances and events; continuous is false when nothing is said', () => {
  const read = parseTruth(film({ events: [{ startS: 4, endS: 9.5 }], note: 'by eye' }), 'truth.json');
  assert.equal(read, {
    ok: true,
    films: [{ file: 'a.mp4', toleranceS: 1, continuous: false, events: [{ startS: 4, endS: 9.5 }] }],
  });
});

test('each fault is told with its place, its rule and the value', () => {
  assert.equal(faultsOf(film({ events: [{ startS: 4, endS: 4 }] })), [
    'truth.json: [0].events[0].endS must be more than startS, not 4',
  ]);
  assert.equal(faultsOf(film({ toleranceS: -1, events: 'none' })), [
    'truth.json: [0].toleranceS must be at least 0, not -1',
    'truth.json: [0].events must be a list of events, [] for none, not "none"',
  ]);
  assert.equal(faultsOf(film({ file: '../../etc/passwd' })), [
    'truth.json: [0].file must lie in the folder itself, not "../../etc/passwd"',
  ]);
  assert.equal(faultsOf('[{}]')[0], 'truth.json: [0].file must be the name of a film, not missing');
  assert.equal(faultsOf('{}'), ['truth.json: must be a list of films, not {}']);
  assert.equal(faultsOf('[]'), ['truth.json: must name at least one film, not []']);
  assert.match(faultsOf('[{]')[0] ?? '', /^truth\.json: is not JSON: /);
});

test('films and folders of masks that are not there are named, all at once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-truth-'));
  try {
    const told = () =>
      truthOf(dir).then(
        () => '',
        (error: unknown) => (error instanceof Error ? error.message : ''),
      );
    assert.match(await told(), /truth\.json cannot be read/);
    await mkdir(join(dir, 'b.mp4'));
    const films = ['a.mp4', 'b.mp4'].map((file) => ({ file, toleranceS: 0, events: [], masks: 'gt' }));
    await writeFile(join(dir, 'truth.json'), JSON.stringify(films.slice(0, 2)));
    const lines = (await told()).split('\n');
    assert.is(lines.length, 4);
    assert.match(lines[0] ?? '', /a\.mp4: truth\.json names it as a film, but it is not there$/);
    assert.match(lines[2] ?? '', /b\.mp4: truth\.json names it as a film, but it is something else$/);
  } finally {
    await rm(dir, { recursive: true });
  }
});

const [width, height] = [160, 90];
/** A subject of 20 x 20 pixels, and a band at the top that is not judged. */
function mask(x: number, y: number): Uint8Array {
  const pixels = new Uint8Array(width * height).fill(85, 0, 10 * width);
  for (let row = y; row < y + 20; row++) pixels.fill(255, row * width + x, row * width + x + 20);
  return pixels;
}
const box = (x: number, y: number, w: number, h: number) => ({
  x: x / width,
  y: y / height,
  w: w / width,
  h: h / height,
});

test('pixels are compared where they are judged, pictures by whether something was seen', () => {
  const half = countPixels(mask(40, 40), [box(40, 40, 10, 20)]);
  assert.equal([half.truePixels, half.falsePixels, half.missedPixels, half.seenFrames], [200, 0, 200, 1]);
  assert.is(pixelFigures(half).boxF1, 400 / 600);
  assert.is(countPixels(mask(40, 40), [box(0, 0, 50, 10)]).falsePixels, 0);
  const empty = countPixels(new Uint8Array(width * height), [box(0, 0, 2, 2)]);
  assert.equal([empty.emptyFrames, empty.falseFrames, empty.falsePixels, empty.busyFrames], [1, 1, 4, 0]);
});

test('masks of a folder are read in the order of their names, at the rate of the film', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-masks-'));
  try {
    for (let n = 0; n < 20; n++) {
      const head = Buffer.from(`P5\n${width} ${height}\n255\n`);
      await writeFile(join(dir, `gt${String(n + 1).padStart(6, '0')}.pgm`), Buffer.concat([head, mask(2 * n, 40)]));
    }
    // At 10 pictures a second 20 masks are 2 s, of which 10 are analysed; the filter saw the subject in all of them where it was.
    const boxes = Array.from({ length: 10 }, (_, at) => [box(4 * at, 40, 20, 20)]);
    const counts = await scoreMasks(dir, 10, boxes);
    assert.equal([counts.busyFrames, counts.seenFrames], [10, 10]);
    assert.ok((pixelFigures(counts).boxF1 ?? 0) > 0.9, `F1 is ${pixelFigures(counts).boxF1}`);
    const none = await scoreMasks(dir, 10, []);
    assert.equal([none.truePixels, none.seenFrames], [0, 0]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test.run();
