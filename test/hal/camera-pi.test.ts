// The Pi camera's recipes against stand-ins. No Pi has run them: what is proven here is which recipe is chosen, and that each can carry a picture.
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { piRecipes } from '../../hal/camera/drivers/pi.ts';
import type { PiSettings } from '../../hal/camera/settings.ts';
import { until } from '../support/until.ts';
import { enough, onBoard, pi, raw, recipesOf } from './camera-board.ts';
import { all, analysis, asMp4, camera, decodedFrames, has, isAlive, ownFolder, watch } from './camera-world.ts';

test('where the hardware encoder works, the first recipe is the one', async () => {
  onBoard({});
  const source = camera(pi);
  const seen = await watch(source, enough(raw('h264_v4l2m2m')), 20_000);
  assert.equal(recipesOf(seen), [raw('h264_v4l2m2m')]);
  assert.equal(source.inventory().left, []);
  assert.ok(decodedFrames(asMp4(seen)) >= 45);
});

test("where nothing is to be drawn, the camera program's own encoder is the second recipe", async () => {
  onBoard({ faults: '640x360=exit' });
  const name = 'rpicam-vid h264 → copy (no caption)';
  const seen = await watch(camera(pi), enough(name), 20_000);
  assert.ok(decodedFrames(asMp4(seen)) >= 45);
  assert.ok(has('grey', 10)(seen) && has('jpeg', 2)(seen));
});

test('GStreamer gives grey and stills itself, and only its H.264 passes through ffmpeg', async () => {
  onBoard({ programs: ['ffmpeg', 'gst-launch-1.0'] });
  const seen = await watch(camera(pi), enough('libcamerasrc → v4l2h264enc (no caption)'), 20_000);
  assert.ok(decodedFrames(asMp4(seen)) >= 45);
  assert.ok(has('grey', 10)(seen) && has('jpeg', 2)(seen));
});

test('masks are never given up: only recipes that draw them are tried', () => {
  const masks = [
    [
      [0, 0],
      [1, 0],
      [0, 1],
    ] as const,
  ];
  const place = { runDir: ownFolder(), captionPath: '/run/caption.txt', analysis };
  const names = (settings: PiSettings) => {
    const prepared = piRecipes(settings, place, () => true);
    return prepared.ok ? prepared.recipes.map(({ name }) => name) : [];
  };
  assert.equal(names({ ...pi, masks }), [raw('h264_v4l2m2m'), raw('libx264')]);
  const own = ['rpicam-vid h264 → copy (no caption)', 'libcamerasrc → v4l2h264enc (no caption)'];
  assert.equal(names(pi), [raw('h264_v4l2m2m'), ...own, raw('libx264')]);
  assert.equal(names({ ...pi, caption: true }), [raw('h264_v4l2m2m'), raw('libx264'), ...own]);
});

test('where the program or the camera is absent, that is the fault', async () => {
  onBoard({ programs: ['ffmpeg'] });
  const none = all(await watch(camera(pi), has('fault'), 10_000), 'fault')[0];
  assert.is(none?.code, 'camera-absent');
  assert.match(none?.text ?? '', /rpicam-vid .*is missing/);
  onBoard({ camera: 'absent' });
  const unplugged = all(await watch(camera(pi), has('fault'), 10_000), 'fault')[0];
  assert.is(unplugged?.code, 'camera-absent');
  assert.match(unplugged?.text ?? '', /no cameras available/);
});

test('ended while running, it gives the sensor free and leaves nothing behind', async () => {
  onBoard({});
  const source = camera(pi);
  let pids: readonly number[] = [];
  await watch(
    source,
    (seen) => {
      pids = source.inventory().pids;
      return has('fragment')(seen);
    },
    15_000,
  );
  assert.is(pids.length, 2);
  assert.not.ok(pids.some(isAlive));
  await until('the lock to go', () => !existsSync(`${process.env.SENSOR_LOCK}.640x360`), 1000);
});

test.run();
