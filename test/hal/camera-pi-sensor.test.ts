// A camera that fails while it runs: it dies, or its picture stands still.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boardCamera, onBoard, pi, raw, recipesOf } from './camera-board.ts';
import { all, has, type Kept, watch } from './camera-world.ts';

test('a camera program that dies is a fault at once; the same recipe starts again, and the fault is over', async () => {
  onBoard({ camera: 'exit' });
  const seen = await watch(boardCamera({ ...pi, width: 320, height: 180 }), has('recovered'), 25_000);
  assert.equal(
    all(seen, 'fault').map(({ code }) => code),
    ['camera-exit'],
  );
  assert.equal(recipesOf(seen), [raw('h264_v4l2m2m'), raw('h264_v4l2m2m')]);
  assert.equal(
    all(seen, 'start').map(({ afresh }) => afresh),
    [true, false],
  );
  assert.ok(faultAfterMs(seen) < 3000, `${faultAfterMs(seen)} ms`);
});

test('a frozen sensor is a fault and a new start', async () => {
  onBoard({ camera: 'freeze' });
  const seen = await watch(boardCamera({ ...pi, width: 320, height: 180 }), has('start', 2), 25_000);
  assert.is(all(seen, 'fault')[0]?.code, 'camera-frozen');
});

test('a process that was busy itself for longer than a hang blames no camera: the pictures wait in the pipe', async () => {
  onBoard({});
  const blocked = { is: false };
  const seen = await watch(
    boardCamera({ ...pi, width: 320, height: 180 }),
    (so) => {
      if (!blocked.is && has('grey', 10)(so)) {
        blocked.is = true;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
      }
      return has('grey', 20)(so);
    },
    25_000,
  );
  assert.equal(all(seen, 'fault'), []);
});

/** From the last picture to the first fault. */
function faultAfterMs(seen: readonly Kept[]): number {
  const faultAtMs = all(seen, 'fault')[0]?.atMs ?? Number.NaN;
  return faultAtMs - (all(seen, 'grey').findLast(({ atMs }) => atMs <= faultAtMs)?.atMs ?? 0);
}

test.run();
