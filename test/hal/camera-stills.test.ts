// A camera that takes single pictures, through node-raspistill with an executor of ours.
import { copyFileSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rpicamArgs, takeStill } from '../../hal/camera/drivers/raspistill.ts';
import { stillsRecipes } from '../../hal/camera/drivers/stills.ts';
import type { StillsSettings } from '../../hal/camera/settings.ts';
import { all, analysis, asMp4, camera, decodedFrames, has, ownFolder, picture, sizeOf, watch } from './camera-world.ts';

const stills: StillsSettings = { ...picture, driver: 'stills', everyMs: 1000 };
const systemPath = process.env.PATH ?? '';
const never = new AbortController().signal;

function onBoard(program: string | undefined, fault = ''): void {
  const bin = join(ownFolder(), 'bin');
  mkdirSync(bin);
  if (program !== undefined)
    copyFileSync(join(import.meta.dirname, 'stand-ins', 'rpicam-still.sh'), join(bin, program));
  Object.assign(process.env, { PATH: [bin, systemPath].join(delimiter), STILL_FAULT: fault });
}

test('one picture a second becomes a slow film, grey pictures and stills', async () => {
  onBoard('rpicam-still');
  const seen = await watch(camera(stills), has('fragment', 4), 25_000);
  assert.is(all(seen, 'start')[0]?.recipe, 'rpicam-still → libx264');
  assert.ok(all(seen, 'fragment').every(({ durationMs }) => durationMs === 1000));
  assert.ok(decodedFrames(asMp4(seen)) >= 4);
  assert.is(sizeOf(asMp4(seen)), '640,360');
  assert.ok(has('grey', 4)(seen) && has('jpeg', 4)(seen));
});

test('a chatty stderr is no failure; a missing picture, a missing camera and a hanging program are, each by its name', async () => {
  onBoard('rpicam-still');
  const good = await takeStill('rpicam-still', stills, 5000, never);
  assert.ok(good.ok && good.jpeg[0] === 0xff && good.jpeg[1] === 0xd8);
  onBoard('rpicam-still', 'absent');
  const absent = await takeStill('rpicam-still', stills, 5000, never);
  assert.is(absent.ok ? '' : absent.code, 'camera-absent');
  onBoard('rpicam-still', 'hang');
  const hanging = await takeStill('rpicam-still', stills, 300, never);
  assert.is(hanging.ok ? '' : hanging.code, 'camera-hang');
  onBoard(undefined);
  const missing = await takeStill('rpicam-still', stills, 5000, never);
  assert.not.ok(missing.ok);
});

test('a camera that is unplugged is a fault, and over when it is back', async () => {
  onBoard('rpicam-still', 'absent');
  const seen = await watch(
    camera(stills),
    (so) => {
      if (has('fault')(so)) process.env.STILL_FAULT = '';
      return has('recovered')(so);
    },
    25_000,
  );
  assert.is(all(seen, 'fault')[0]?.code, 'camera-absent');
});

test('what is no picture is a fault, never a throw', async () => {
  onBoard('rpicam-still', 'noise');
  const seen = await watch(camera(stills), has('fault'), 25_000);
  assert.is(all(seen, 'grey').length, 0);
});

test('the newest program that is installed is taken; none is a fault', () => {
  const place = { runDir: ownFolder(), captionPath: '/run/caption.txt', analysis };
  const name = (...programs: string[]) => {
    const prepared = stillsRecipes(stills, place, (program) => programs.includes(program));
    return prepared.ok ? prepared.recipes[0].name : prepared.code;
  };
  assert.is(name('raspistill', 'rpicam-still'), 'rpicam-still → libx264');
  assert.is(name('raspistill'), 'raspistill → libx264');
  assert.is(name(), 'camera-absent');
});

test("raspistill's flags are said in rpicam-still's words", () => {
  const said = (...args: string[]) => rpicamArgs(args).slice(2).join(' ');
  assert.equal(rpicamArgs([]), ['-v', '0']);
  assert.is(said('-w', '640', '-h', '360', '-n', '-e', 'jpg', '-o', '-'), '--width 640 --height 360 -n -e jpg -o -');
  assert.is(said('-ISO', '400', '-ss', '8000', '-br', '75'), '--gain 4 --shutter 8000 --brightness 0.5');
  assert.is(said('-rot', '180', '-fli', '50hz', '-vf'), '--rotation 180 --flicker-period 10000us --vflip');
  assert.is(said('-ifx', 'sketch', '-drc', 'high', '-rot', '90'), '');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), (brightness) => {
      const value = Number(said('-br', String(brightness)).split(' ')[1]);
      assert.ok(value >= -1 && value <= 1 && Math.abs(value * 50 + 50 - brightness) < 1e-9);
    }),
  );
});

test.run();
