// A source of raw frames and the media child behind it: two processes that live and die together, and with us.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SceneCommand } from '../../hal/camera/drivers/scene.ts';
import { drawnScene } from '../../hal/camera/drivers/scene.ts';
import type { SceneSettings } from '../../hal/camera/settings.ts';
import { until } from '../support/until.ts';
import { all, asMp4, camera, decodedFrames, has, isAlive, ownFolder, picture, watch } from './camera-world.ts';

const scene: SceneSettings = { ...picture, driver: 'scene', seed: 7, time: 'day' };
const drawn =
  (filter: string): SceneCommand =>
  ({ width, height, fps }) => [
    'ffmpeg',
    ...['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', `${filter}=size=${width}x${height}:rate=${fps}`],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'],
  ];

test('the drawn junction becomes fragments, grey pictures and stills', async () => {
  const seen = await watch(camera(scene), has('fragment', 3), 25_000);
  assert.is(all(seen, 'start')[0]?.recipe, 'scene → libx264');
  assert.ok(decodedFrames(asMp4(seen)) >= 44);
  assert.ok(has('grey', 13)(seen) && has('jpeg', 3)(seen));
});

test('at half the pace it goes on with half the frames, without a fault', async () => {
  const source = camera(scene, { sceneCommand: drawn('testsrc2') });
  let asked = false;
  const seen = await watch(
    source,
    (so) => {
      if (!asked && has('fragment', 2)(so)) {
        asked = true;
        source.pace('half');
      }
      return has('start', 2)(so) && all(so, 'fragment').length >= 4 && has('init', 2)(so);
    },
    20_000,
  );
  assert.equal(all(seen, 'fault'), []);
  assert.equal(
    all(seen, 'start').map(({ afresh }) => afresh),
    [true, false],
  );
  const second = seen.findLastIndex(({ is }) => is === 'init');
  const frames = decodedFrames(asMp4(seen.slice(second)));
  const fragments = all(seen.slice(second), 'fragment').length;
  assert.ok(frames >= fragments * 7 && frames <= fragments * 9, `${frames} frames in ${fragments} fragments`);
});

test('it is asked for by seed, hour, size and rate', () => {
  const [program, main, ...args] = drawnScene(scene);
  assert.is(program, process.execPath);
  assert.match(main ?? '', /scene\/main\.ts$/);
  assert.equal(args, ['--seed', '7', '--time', 'day', '--width', '640', '--height', '360', '--fps', '15']);
});

test('when the source dies the fault comes at once, and it starts again', async () => {
  const source = camera(scene, { sceneCommand: drawn('testsrc2') });
  let killedAtMs = 0;
  const seen = await watch(
    source,
    (so) => {
      if (killedAtMs === 0 && has('fragment', 2)(so)) {
        killedAtMs = performance.now();
        process.kill(source.inventory().pids[0] ?? 0, 'SIGKILL');
      }
      return has('recovered')(so);
    },
    20_000,
  );
  const [fault] = all(seen, 'fault');
  assert.is(fault?.code, 'camera-exit');
  assert.match(fault?.text ?? '', /SIGKILL/);
  assert.ok((fault?.atMs ?? 0) - killedAtMs < 3000);
  assert.is(source.inventory().restarts, 1);
});

test('a source that stops giving frames is a hang within 3 s, and its processes are ended', async () => {
  const source = camera(scene, { sceneCommand: drawn('testsrc2') });
  let stoppedAtMs = 0;
  let pids: readonly number[] = [];
  const seen = await watch(
    source,
    (so) => {
      if (stoppedAtMs === 0 && has('fragment')(so)) {
        stoppedAtMs = performance.now();
        pids = source.inventory().pids;
        process.kill(pids[0] ?? 0, 'SIGSTOP');
      }
      return has('start', 2)(so);
    },
    25_000,
  );
  const [fault] = all(seen, 'fault');
  assert.is(fault?.code, 'camera-hang');
  assert.ok((fault?.atMs ?? 0) - stoppedAtMs < 3000, `${(fault?.atMs ?? 0) - stoppedAtMs} ms`);
  assert.not.ok(pids.some(isAlive), 'a stopped process is killed all the same');
});

test('a program that is not there is a fault, not a throw', async () => {
  const source = camera(scene, { sceneCommand: () => ['no-such-program-anywhere'] });
  const seen = await watch(source, has('fault'), 15_000);
  assert.match(all(seen, 'fault')[0]?.text ?? '', /no-such-program-anywhere/);
});

/** A process of its own with a camera; resolves with the ids of the camera's processes. */
async function parent(): Promise<{ readonly child: ChildProcess; readonly pids: readonly number[] }> {
  const args = [join(import.meta.dirname, 'camera-recorder-child.ts'), JSON.stringify(scene)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Killed, it cannot clear up after itself; what it leaves goes with us.
    env: { ...process.env, TMPDIR: ownFolder() },
  });
  for await (const line of createInterface({ input: child.stdout })) return { child, pids: JSON.parse(line) };
  throw new Error('the camera process ended');
}

test('kill -9 of the recorder leaves no process of its camera, not even one that is blocked and sees no broken pipe', async () => {
  const { child, pids } = await parent();
  assert.is(pids.length, 2);
  assert.ok(pids.every(isAlive));
  // A source that stands still: the media child waits for it, and neither ever writes into the pipe that is gone.
  process.kill(pids[0] ?? 0, 'SIGSTOP');
  child.kill('SIGKILL');
  await until('the camera to be gone', () => !pids.some(isAlive), 2000);
});

test('told to stop, the recorder ends by itself and leaves nothing', async () => {
  const { child, pids } = await parent();
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.is(code, 0);
  assert.not.ok(pids.some(isAlive));
});

test.run();
