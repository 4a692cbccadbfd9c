// The Pi camera's recipes against stand-ins. No Pi has run them: what is proven here is which recipe is chosen, and that each can carry a picture.
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { piRecipes } from '../../hal/camera/drivers/pi.ts';
import type { PiSettings } from '../../hal/camera/settings.ts';
import { until } from '../support/until.ts';
import { boardCamera, enough, onBoard, pi, raw, recipesOf, withEncoder, withoutEncoder } from './camera-board.ts';
import { all, analysis, asMp4, decodedFrames, has, isAlive, ownFolder, watch } from './camera-world.ts';

function names(settings: PiSettings, sysRoot = withEncoder): readonly string[] {
  const place = { runDir: ownFolder(), captionPath: '/run/caption.txt', analysis, sysRoot };
  const prepared = piRecipes(settings, place, () => true);
  return prepared.ok ? prepared.recipes.map(({ name }) => name) : [];
}

test('where the hardware encoder works, the first recipe is the one', async () => {
  onBoard({});
  const source = boardCamera(pi);
  const seen = await watch(source, enough(raw('h264_v4l2m2m')), 20_000);
  assert.equal(recipesOf(seen), [raw('h264_v4l2m2m')]);
  assert.equal(source.inventory().left, []);
  assert.ok(decodedFrames(asMp4(seen)) >= 45);
});

test("where nothing is to be drawn, the camera program's own encoder is the second recipe", async () => {
  onBoard({ faults: '640x360=exit' });
  const name = 'rpicam-vid h264 → copy (no caption)';
  const seen = await watch(boardCamera(pi), enough(name), 20_000);
  assert.ok(decodedFrames(asMp4(seen)) >= 45);
  assert.ok(has('grey', 10)(seen) && has('jpeg', 2)(seen));
});

test('GStreamer gives grey and stills itself, and only its H.264 passes through ffmpeg', async () => {
  onBoard({ programs: ['ffmpeg', 'gst-launch-1.0'] });
  const seen = await watch(boardCamera(pi), enough('libcamerasrc → v4l2h264enc (no caption)'), 20_000);
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
  assert.equal(names({ ...pi, masks }), [raw('h264_v4l2m2m'), raw('libx264')]);
  const [own, board, software] = [
    'rpicam-vid h264 → copy (no caption)',
    'libcamerasrc → v4l2h264enc (no caption)',
    'libcamerasrc → x264enc (no caption)',
  ];
  assert.equal(names(pi), [raw('h264_v4l2m2m'), own, board, raw('libx264'), software]);
  assert.equal(names({ ...pi, caption: true }), [raw('h264_v4l2m2m'), raw('libx264'), own, board, software]);
});

test('a board without an encoder of its own is not asked to try one', () => {
  const software = [raw('libx264'), 'libcamerasrc → x264enc (no caption)'];
  assert.equal(names(pi, withoutEncoder), ['rpicam-vid h264 → copy (no caption)', ...software]);
  assert.equal(names(pi, '/nowhere'), names(pi, withoutEncoder));
});

test('where the program or the camera is absent, that is the fault', async () => {
  onBoard({ programs: ['ffmpeg'] });
  const none = all(await watch(boardCamera(pi), has('fault'), 10_000), 'fault')[0];
  assert.is(none?.code, 'camera-absent');
  assert.match(none?.text ?? '', /rpicam-vid .*is missing/);
  onBoard({ camera: 'absent' });
  const unplugged = all(await watch(boardCamera(pi), has('fault'), 10_000), 'fault')[0];
  assert.is(unplugged?.code, 'camera-absent');
  assert.match(unplugged?.text ?? '', /no cameras available/);
});

test('ended while running, it gives the sensor free and leaves nothing behind', async () => {
  onBoard({});
  const source = boardCamera(pi);
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
