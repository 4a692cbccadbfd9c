// What is in the pictures: masks in everything, captions only in what people look at.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawMasks } from '../../hal/camera/mask.ts';
import type { FilmSettings, Polygon } from '../../hal/camera/settings.ts';
import type { Camera } from '../../hal/ports.ts';
import {
  all,
  asMp4,
  brightness,
  camera,
  ffmpeg,
  h264,
  has,
  type Kept,
  makeFilm,
  ownFolder,
  picture,
  watch,
} from './camera-world.ts';

const folder = ownFolder();
/** All white, so that whatever is drawn is seen. */
const white = join(folder, "it's white; a:b,c.mp4");
ffmpeg('-f', 'lavfi', '-i', 'color=white:size=640x360:rate=15', '-t', '6', ...h264, white);
const film = (more: Partial<FilmSettings>): FilmSettings => ({
  ...picture,
  driver: 'film',
  path: white,
  repeat: true,
  ...more,
});

/** Mean brightness of a rectangle, in parts of the picture. */
function mean(pixels: Uint8Array, width: number, [x, y, right, bottom]: readonly [number, number, number, number]) {
  const height = pixels.length / width;
  let [sum, count] = [0, 0];
  for (let row = Math.round(y * height); row < bottom * height; row += 1)
    for (let column = Math.round(x * width); column < right * width; column += 1) {
      sum += pixels[row * width + column] ?? 0;
      count += 1;
    }
  return sum / count;
}
const lastJpeg = (seen: readonly Kept[]) => brightness(all(seen, 'jpeg').at(-1)?.bytes ?? new Uint8Array());
const lastGrey = (seen: readonly Kept[]) => all(seen, 'grey').at(-1)?.frame.pixels ?? new Uint8Array();

test('a privacy mask covers its polygon in grey pictures, stills and video', async () => {
  const masks: Polygon[] = [
    [
      [0.5, 0.5],
      [1, 0.5],
      [1, 1],
      [0.5, 1],
    ],
    [
      [0, 0.6],
      [0.2, 0.6],
      [0, 1],
    ],
  ];
  const seen = await watch(camera(film({ masks })), (so) => has('fragment')(so) && has('jpeg', 2)(so), 15_000);
  const video = join(folder, 'masked.jpg');
  const mp4 = asMp4(seen);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', 'pipe:0', '-frames:v', '1', video], { input: mp4 });
  for (const [pixels, width] of [
    [lastGrey(seen), 160],
    [lastJpeg(seen), 640],
    [brightness(readFileSync(video)), 640],
  ] as const) {
    assert.ok(mean(pixels, width, [0.5, 0.5, 1, 1]) < 60, 'the rectangle is dark');
    assert.ok(mean(pixels, width, [0.01, 0.62, 0.05, 0.7]) < 60, 'the triangle is dark');
    assert.ok(mean(pixels, width, [0.15, 0.9, 0.3, 1]) > 200, 'beside the triangle it is white');
    assert.ok(mean(pixels, width, [0.1, 0.1, 0.9, 0.45]) > 200, 'the rest is white');
  }
});

test('the caption is in the stills and follows its text; grey pictures do not know it', async () => {
  const source: Camera = camera(film({ caption: true }));
  const corner = [0, 0, 0.6, 0.08] as const;
  source.caption('Mắt 07 · 50% {x} %{localtime} · 08:00:00');
  let changedAt = -1;
  const seen = await watch(
    source,
    (so) => {
      const count = all(so, 'jpeg').length;
      if (count === 2 && changedAt < 0) {
        changedAt = count;
        source.caption('M');
      }
      return count >= 4;
    },
    15_000,
  );
  const jpegs = all(seen, 'jpeg').map(({ bytes }) => mean(brightness(bytes), 640, corner));
  assert.ok((jpegs[0] ?? 255) < 220, `a long caption is drawn: ${jpegs}`);
  assert.ok((jpegs[3] ?? 0) > (jpegs[0] ?? 0) + 20, `a short one takes its place: ${jpegs}`);
  assert.ok(mean(lastGrey(seen), 160, corner) > 250, 'no caption in grey');
  const greys = new Set(all(seen, 'grey').map(({ frame }) => Buffer.from(frame.pixels).toString('base64')));
  assert.is(greys.size, 1, 'a still scene stays still');
});

test('without a word the caption takes no room, and control characters do no harm', async () => {
  const source = camera(film({ caption: true }));
  source.caption('\n\r\t\u0000');
  const seen = await watch(source, has('jpeg'), 15_000);
  assert.ok(mean(lastJpeg(seen), 640, [0.1, 0, 1, 0.1]) > 250);
  assert.equal(all(seen, 'fault'), []);
});

test('a film with a still scene is reported as frozen, once, and goes on', async () => {
  const path = makeFilm(join(folder, 'moves.mp4'), '320x180', 2, ...h264);
  const still = join(folder, 'still.mp4');
  ffmpeg('-i', path, '-vf', 'select=eq(n\\,0),loop=-1:1,setpts=N/15/TB', '-t', '14', ...h264, '-r', '15', still);
  const seen = await watch(camera(film({ path: still, repeat: false })), has('end'), 25_000);
  assert.equal(
    all(seen, 'fault').map(({ code }) => code),
    ['camera-frozen'],
  );
  assert.is(all(seen, 'start').length, 1);
});

const corner = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));

test('a drawn mask covers every pixel of its polygon, and little besides', () => {
  fc.assert(
    fc.property(fc.array(corner, { minLength: 3, maxLength: 8 }), (polygon) => {
      const [width, height] = [64, 48];
      const drawn = drawMasks([polygon], width, height);
      for (let y = 0.5; y < height; y += 1)
        for (let x = 0.5; x < width; x += 1) {
          if (isInside(polygon, x / width, y / height)) assert.ok(isCovered(drawn, x, y), `${x},${y} is bare`);
          else if (distance(polygon, x, y, width, height) > 3)
            assert.not.ok(isCovered(drawn, x, y), `${x},${y} is covered`);
        }
      if (drawn !== undefined) assert.is(drawn.bytes.length, drawn.width * drawn.height * 2.5);
    }),
    { numRuns: 150 },
  );
});

test('a polygon of no area at all still hides the pixels it runs through; none hides nothing', () => {
  assert.ok(
    isCovered(
      drawMasks(
        [
          [
            [0.5, 0.5],
            [0.5, 0.5],
            [0.5, 0.5],
          ],
        ],
        64,
        48,
      ),
      32.5,
      24.5,
    ),
  );
  assert.is(drawMasks([], 64, 48), undefined);
  const whole = drawMasks(
    [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    ],
    64,
    48,
  );
  assert.equal([whole?.x, whole?.y, whole?.width, whole?.height], [0, 0, 64, 48]);
});

function isInside(polygon: Polygon, x: number, y: number): boolean {
  let inside = false;
  polygon.forEach(([x1, y1], index) => {
    const [x2, y2] = polygon[(index + 1) % polygon.length] ?? [x1, y1];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}
function isCovered(drawn: ReturnType<typeof drawMasks>, x: number, y: number): boolean {
  if (drawn === undefined) return false;
  const [column, row] = [Math.floor(x) - drawn.x, Math.floor(y) - drawn.y];
  if (column < 0 || row < 0 || column >= drawn.width || row >= drawn.height) return false;
  return drawn.bytes[drawn.width * drawn.height * 1.5 + row * drawn.width + column] === 255;
}
/** From a pixel to the nearest side, in pixels. */
function distance(polygon: Polygon, x: number, y: number, width: number, height: number): number {
  return Math.min(
    ...polygon.map(([ax, ay], index) => {
      const [bx, by] = polygon[(index + 1) % polygon.length] ?? [ax, ay];
      const [dx, dy] = [(bx - ax) * width, (by - ay) * height];
      const along = ((x - ax * width) * dx + (y - ay * height) * dy) / (dx * dx + dy * dy || 1);
      const at = Math.max(0, Math.min(1, along));
      return Math.hypot(x - ax * width - at * dx, y - ay * height - at * dy);
    }),
  );
}

test.run();
