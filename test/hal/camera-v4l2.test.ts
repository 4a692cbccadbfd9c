// No webcam is here: the command lines, and what is said where the device is absent, is no camera, or may not be opened.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { v4l2Recipes } from '../../hal/camera/drivers/v4l2.ts';
import type { V4l2Settings } from '../../hal/camera/settings.ts';
import type { CameraSight } from '../../hal/ports.ts';
import { withEncoder, withoutEncoder } from './camera-board.ts';
import { analysis, camera, ownFolder, picture, watch } from './camera-world.ts';

const webcam = (device: string, more: Partial<V4l2Settings> = {}): V4l2Settings => ({
  driver: 'v4l2',
  device,
  ...picture,
  ...more,
});

function recipes(settings: V4l2Settings, sysRoot = withEncoder) {
  const place = { runDir: ownFolder(), captionPath: '/dev/shm/caption.txt', analysis, sysRoot };
  const prepared = v4l2Recipes(settings, place);
  if (!prepared.ok) throw new Error(prepared.text);
  return prepared.recipes;
}

async function firstFault(device: string): Promise<CameraSight | undefined> {
  const seen = await watch(camera(webcam(device)), (sights) => sights.some(({ is }) => is === 'fault'), 15_000);
  return seen.find(({ is }) => is === 'fault');
}

test('compressed frames and the hardware encoder are tried first, raw ones with libx264 last', () => {
  assert.equal(
    recipes(webcam('/dev/video0')).map(({ name }) => name),
    ['v4l2 mjpeg → h264_v4l2m2m', 'v4l2 mjpeg → libx264', 'v4l2 raw → h264_v4l2m2m', 'v4l2 raw → libx264'],
  );
  assert.equal(
    recipes(webcam('/dev/video0'), withoutEncoder).map(({ name }) => name),
    ['v4l2 mjpeg → libx264', 'v4l2 raw → libx264'],
  );
});

test('device, size and rate reach ffmpeg before its input, the pixel format only where frames are compressed', () => {
  const [first, , raw] = recipes(webcam('/dev/video2', { width: 1280, height: 720, fps: 10 }));
  const line = first?.commands[0].args.join(' ') ?? '';
  assert.match(line, '-f v4l2 -input_format mjpeg -framerate 10 -video_size 1280x720 -i /dev/video2');
  assert.not.match(raw?.commands[0].args.join(' ') ?? '', '-input_format');
  assert.match(line, '-g 10 ');
});

test('a device that is not there is told by its name', async () => {
  const fault = await firstFault('/dev/video97');
  assert.is(fault?.is === 'fault' && fault.code, 'camera-absent');
  assert.match(fault?.is === 'fault' ? fault.text : '', 'no camera at /dev/video97');
});

test('a device that is no camera is a fault, not a crash', async () => {
  const fault = await firstFault('/dev/null');
  assert.ok(
    fault?.is === 'fault' && ['camera-absent', 'camera-recipe', 'camera-exit'].includes(fault.code),
    JSON.stringify(fault),
  );
});

test.run();
