import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findMog2, openMog2 } from '../../cli/bench/motion-peer-mog2.ts';
import { runMotion } from '../../cli/bench/motion-peer-motion.ts';
import { isMotionHere } from '../../cli/bench/motion-sets.ts';
import { skipWhen } from '../support/skip.ts';

const python = await findMog2();
skipWhen(python === undefined ? 'OpenCV for Python is not installed' : undefined)(test)(
  'MOG2 tells what travels by its own size, not what stays',
  async () => {
    const [width, height] = [160, 90];
    const mog2 = openMog2(python ?? '', { width, height, areaMin: 29 });
    const picture = (x: number | undefined) => {
      const pixels = Uint8Array.from({ length: width * height }, (_, at) => 100 + (at % 3));
      for (let row = 40; x !== undefined && row < 52; row++) pixels.fill(220, row * width + x, row * width + x + 10);
      return pixels;
    };
    try {
      const still = Array.from({ length: 30 }, () => picture(undefined));
      const stays = await mog2.see([...still, picture(60), picture(60), picture(60)]);
      assert.is(stays.cost.frames, 33);
      assert.ok(stays.boxes.every((boxes) => boxes.length === 0));
      const drives = await mog2.see([...still, ...Array.from({ length: 15 }, (_, n) => picture(20 + 4 * n))]);
      assert.is(drives.boxes[30]?.length, 0);
      assert.is(drives.boxes.at(-1)?.length, 1);
    } finally {
      await mog2.close();
    }
  },
);

skipWhen(isMotionHere() ? undefined : 'motion is not installed')(test)('motion plays a film to its end', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-peer-'));
  try {
    const path = join(dir, 'film.mkv');
    // motion looks on for more than 3 s before it tells anything, and longer on a busy machine, where it also leaves pictures out: a bright block drives to and
    // fro for as long as the film lasts.
    const drive =
      "color=gray:s=320x240:r=10:d=14[s];color=white:s=90x90:r=10:d=14[b];[s][b]overlay=x='if(lt(t,4.5),-200,115+115*sin(3*t))':y=80";
    const made = spawnSync('ffmpeg', ['-v', 'error', '-filter_complex', drive, '-c:v', 'libx264', path]);
    assert.is(made.status, 0);
    const film = { path, width: 320, height: 240, seconds: 14 };
    const { spans, cpuS } = await runMotion(film, join(dir, 'work'), AbortSignal.timeout(60_000));
    assert.ok(spans.length >= 1, `${spans.length} events`);
    assert.ok(cpuS > 0);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test.run();
