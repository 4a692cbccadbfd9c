// What the page says and reckons: every text in both languages, and the figures of the aim.
import { test } from 'uvu';
import * as assert from 'uvu/assert';

// The page is plain JavaScript and stands outside the type check.
const load = (name: string) => import(new URL(`../../hub/page/${name}`, import.meta.url).href);

/** `care.tabs.how: string`; functions by the number of things they need to be told. */
function shape(words: unknown, path = ''): string[] {
  if (typeof words === 'function') return [`${path}: function of ${words.length}`];
  if (Array.isArray(words))
    return [`${path}: ${words.length} entries`, ...words.flatMap((each, n) => shape(each, `${path}[${n}]`))];
  if (typeof words === 'object' && words !== null)
    return Object.entries(words).flatMap(([key, value]) => shape(value, `${path}.${key}`));
  return [`${path}: ${typeof words === 'string' && words.trim() !== '' ? 'text' : 'nothing'}`];
}

test('every text is there in Vietnamese and in English', async () => {
  const { words } = await load('words.js');
  const [vi, en] = [shape(words.vi), shape(words.en)];
  assert.ok(vi.length > 250, `${vi.length} texts`);
  assert.equal(
    vi.filter((line) => !en.includes(line)),
    [],
  );
  assert.equal(
    en.filter((line) => !vi.includes(line)),
    [],
  );
  assert.equal(
    vi.filter((line) => line.endsWith('nothing')),
    [],
  );
});

test('a line that lies level has no tilt, one that stands is measured against plumb, and clockwise is positive', async () => {
  const { tilt } = await load('aim-math.js');
  const picture = { width: 1600, height: 900 };
  const near = (one: number, other: number) => assert.ok(Math.abs(one - other) < 0.01, `${one} and ${other}`);
  near(tilt([0.2, 0.5], [0.8, 0.5], picture), 0);
  near(tilt([0.8, 0.5], [0.2, 0.5], picture), 0);
  near(tilt([0.5, 0.1], [0.5, 0.9], picture), 0);
  // A hundred pixels down over a thousand along.
  near(tilt([0, 0.5], [1000 / 1600, 0.5 + 100 / 900], picture), 5.71);
  near(tilt([0.5, 0.1], [0.5 + 100 / 1600, 0.1 + 500 / 900], picture), -11.31);
});

test('how far each task reaches follows from one thing of known length at a known distance', async () => {
  const { lineLength, reach } = await load('aim-math.js');
  // Somebody of 1.7 m, 170 pixels tall, 10 m away: 100 pixels a metre.
  const pixels = lineLength([0.5, 0.2], [0.5, 0.2 + 170 / 720], { width: 1280, height: 720 });
  const { perMetre, tasks } = reach(pixels, 1.7, 10);
  assert.ok(Math.abs(perMetre - 100) < 0.001, String(perMetre));
  assert.equal(
    tasks.map(({ task, metres }: { task: string; metres: number }) => [task, Math.round(metres * 10) / 10]),
    [
      ['detect', 40],
      ['observe', 16],
      ['recognise', 8],
      ['identify', 4],
    ],
  );
  assert.is(reach(pixels, 0, 10), undefined);
});

test('a blurred picture is less sharp than the same in focus', async () => {
  const { sharpness } = await load('aim-math.js');
  const [width, height] = [32, 16];
  const stripes = Float32Array.from({ length: width * height }, (_, at) => ((at >> 2) & 1) * 200);
  const blurred = stripes.map((grey, at) => (grey + (stripes[at + 1] ?? grey) + (stripes[at - 1] ?? grey)) / 3);
  assert.ok(sharpness(blurred, width, height) < sharpness(stripes, width, height) / 2);
  assert.is(sharpness(new Float32Array(width * height), width, height), 0);
});

test.run();
