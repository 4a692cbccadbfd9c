// What a village's camera sees every week, and nobody has touched it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createScene, type NuisanceClass, nuisanceClasses } from '../../hal/camera/scene/scene.ts';
import { between, type Change, each, height, scenery, watch, width } from './tamper-film.ts';

const test = suite('core/tamper calm');

const none = (plan: Parameters<typeof watch>[0]) => assert.equal(watch(plan), []);

test('day, night and day again, in two minutes or in an hour', () => {
  const [day, night] = [scenery(4, 'day'), scenery(4, 'night')];
  const other = new Uint8Array(width * height);
  for (const [lastsS, fps] of [
    [120, 5],
    [3600, 0.5],
  ] as const) {
    const draw = (frame: number, into: Uint8Array) => {
      day(frame, into);
      night(frame, other);
      const dark = 0.5 - 0.5 * Math.cos((2 * Math.PI * frame) / fps / lastsS);
      for (let at = 0; at < into.length; at++) into[at] = (into[at] ?? 0) * (1 - dark) + (other[at] ?? 0) * dark;
    };
    none({ seed: 4, time: 'day', seconds: lastsS, fps, draw });
  }
});

test('fog that comes in a minute and stays for one', () => {
  const change = between(20, 1e9, 60, (p, done) => each(p, (level) => level * (1 - 0.8 * done) + 140 * done));
  none({ seed: 4, time: 'day', seconds: 140, change });
});

test('exposure that begins far too bright, and later hunts', () => {
  const change: Change = (p, s) => each(p, (level) => level * (s < 3 ? 2.5 - s / 2 : 1 + 0.4 * Math.sin(s / 3)));
  for (const time of ['day', 'night'] as const) none({ seed: 4, time, seconds: 60, change });
});

test('infrared that is switched on and off at once, softer and turned over', () => {
  const change: Change = (p, s) => (s % 60 < 30 ? p : each(p, (level, x) => 200 - 0.6 * level + 10 * Math.sin(x / 50)));
  for (const time of ['day', 'night'] as const) none({ seed: 4, time, seconds: 100, change });
});

test('a lorry that stops before the camera for 40 s, most of the picture hidden', () => {
  const lorry: Change = (p, s) => {
    const gone =
      s < 20 || s > 65 ? 1 : s < 22.5 ? 1 - ((s - 20) / 2.5) * (2 - (s - 20) / 2.5) : s > 62.5 ? (s - 62.5) / 2.5 : 0;
    return each(p, (level, x, y) => {
      const along = x - 8 - gone * width;
      if (along < 0 || along >= 148 || y < 10) return level;
      return (y > 76 ? 40 : 160 + (along % 14 < 2 ? -45 : 0)) + ((x * 7 + y * 13 + Math.round(s * 5)) % 3);
    });
  };
  for (const time of ['day', 'night'] as const) none({ seed: 4, time, seconds: 90, change: lorry });
});

test('a lorry that is just passing as the node starts, and the exposure that follows it', () => {
  for (const leavesS of [4, 5, 6, 7]) {
    const lorry: Change = (p, s) => {
      const near = Math.max(0, Math.min(1, (leavesS - s) / 0.4));
      return each(p, (level, x, y) =>
        x > width * (1 - near) && y > 12
          ? (y > 76 ? 40 : 190 + (x % 14 < 2 ? -60 : 0)) + ((x * 7 + y * 13) % 3)
          : level * (1 - 0.4 * near),
      );
    };
    none({ seed: 4, time: 'day', seconds: 40, change: lorry });
  }
});

/** All the scene's own nuisances at full strength, with its traffic. */
const classes: readonly NuisanceClass[] = nuisanceClasses;
for (const each of classes)
  test(`${each}, by day and by night, with traffic`, () => {
    for (const time of ['day', 'night'] as const) {
      const nuisances = [{ class: each, strength: 1 }];
      const scene = createScene({ seed: 6, time, width, height, fps: 5, nuisances });
      none({ seed: 6, time, seconds: 40, draw: (frame, into) => void scene.grey(frame, width, height, into) });
    }
  });

test.run();
