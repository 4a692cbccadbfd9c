// The real command draws over a real film; the pictures it wrote are looked at.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const run = promisify(execFile);
const width = 320;
const height = 180;

const test = suite<{ folder: string; film: string; out: string }>('cli/annotate');

/** 9 s: a dark block of 20x40 goes from left to right at y = 100 from 4 s to 7 s. */
test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'matlang-annotate-'));
  context.film = join(context.folder, 'film.mp4');
  context.out = join(context.folder, 'vẽ lại.mp4');
  const street = 'color=0x808080:size=320x180:rate=10:duration=9,noise=alls=6:allf=t:all_seed=1';
  const block = 'color=0x202020:size=20x40:rate=10:duration=9';
  await run('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', street, '-f', 'lavfi', '-i', block],
    ...['-filter_complex', "[0][1]overlay=x='if(between(t,4,6.999),(t-4)*100,-100)':y=100"],
    ...['-threads', '1', '-c:v', 'libx264', '-preset', 'ultrafast', context.film],
  ]);
});
test.after(({ folder }) => rm(folder, { recursive: true }));

async function replay(...args: string[]) {
  return await run(process.execPath, [main, 'replay', ...args], { env: { ...process.env, LANG: 'C' } }).catch(
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
}

async function pictureAt(film: string, seconds: number): Promise<Buffer> {
  const args = [
    '-v',
    'error',
    '-ss',
    String(seconds),
    '-i',
    film,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    'pipe:1',
  ];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1e7 });
  return stdout;
}

/** Left, top, right, bottom of the pixels for which `isIt` holds, below the panels and the box's label; undefined when there are fewer than 20. */
function extent(picture: Buffer, isIt: (red: number, green: number, blue: number) => boolean) {
  const found: [number, number][] = [];
  for (let y = 104; y < height - 12; y++)
    for (let x = 14; x < width; x++) {
      const at = 3 * (y * width + x);
      if (isIt(picture[at] ?? 0, picture[at + 1] ?? 0, picture[at + 2] ?? 0)) found.push([x, y]);
    }
  if (found.length < 20) return undefined;
  const xs = found.map(([x]) => x);
  const ys = found.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
}
const isGreen = (red: number, green: number, blue: number) => green > 130 && green > red + 50 && green > blue + 40;
const isCyan = (red: number, green: number, blue: number) => blue > 160 && green > 120 && blue > red + 60;

test('the film comes back in its own size and length, with a green box where the subject is', async ({
  film,
  out,
  folder,
}) => {
  const config = join(folder, 'node.yaml');
  await writeFile(
    config,
    'commune: xa-thu\nnode: mat-01\ntitle: Cổng làng\ncamera:\n  driver: film\n  path: film.mp4\nmotion:\n  watch:\n    - name: ngã tư\n      polygon: [[0.2, 0.4], [0.95, 0.4], [0.95, 0.92], [0.2, 0.92]]\n',
  );
  const { stdout, stderr } = await replay(film, '--annotate', out, '--config', config, '--json');
  const told = JSON.parse(stdout);
  assert.is(told.events.length, 1, stderr);
  assert.is(told.changes.length, 1, 'what the configuration changes is told beside the drawing');
  assert.match(stderr, /90 hình/);
  const probed = await run('ffprobe', [
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=width,height,nb_read_frames',
    '-of',
    'csv=p=0',
    out,
  ]);
  assert.is(probed.stdout.trim(), `${width},${height},90`);
  // At 5.5 s the block stands at x = 150, its left side; boxes are of the analysed picture 0 to 0.2 s before.
  const moving = await pictureAt(out, 5.5);
  const box = extent(moving, isGreen);
  assert.ok(box !== undefined, 'no green box');
  const [, , right, bottom] = box;
  assert.ok(Math.abs(right - 170) <= 26 && Math.abs(bottom - 140) <= 8, `box ${box}`);
  const still = await pictureAt(out, 2.5);
  assert.is(extent(still, isGreen), undefined, 'nothing green while nothing moves');
  const zone = extent(still, isCyan);
  assert.ok(zone && Math.abs(zone[0] - 64) <= 3 && Math.abs(zone[2] - 304) <= 3, `zone ${zone}`);
});

test('what cannot be read or written is told, and no half film is left', async ({ film, folder }) => {
  const text = join(folder, 'text.mp4');
  await writeFile(text, 'này không phải là phim\n'.repeat(200));
  const cases: [string, string, RegExp][] = [
    [film, film, /must not be the film to read/],
    [text, join(folder, 'b.mp4'), /cannot read the film/],
    [film, join(folder, 'nowhere', 'b.mp4'), /could not be written/],
  ];
  for (const [from, to, message] of cases) {
    const done = await replay(from, '--annotate', to, '--lang', 'en');
    assert.is('code' in done ? done.code : 0, 1);
    assert.match(done.stderr, message);
  }
  assert.equal(
    (await readdir(folder)).filter((name) => name.includes('part') || name === 'b.mp4'),
    [],
  );
});

test.run();
