import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gust } from '../../hal/camera/scene/effect.ts';
import { tubeAt } from '../../hal/camera/scene/flicker.ts';
import { sightAt, switchSeconds } from '../../hal/camera/scene/ir-cut.ts';
import { lampHead } from '../../hal/camera/scene/light.ts';
import { parseNuisance, strengthsOf } from '../../hal/camera/scene/nuisance.ts';
import { parseOptions } from '../../hal/camera/scene/options.ts';
import { createScene, type NuisanceClass, nuisanceClasses } from '../../hal/camera/scene/scene.ts';
import { apart, around, eye, fps, height, layout, mean, optionsOf, seconds, seed, width } from './scene-eye.ts';

const { banyan } = layout;
const crown = around([banyan.x, banyan.y, banyan.heightM * 0.72], 6);
const road = around([layout.laneX, 14.5, 0], 4);
const calm = { day: eye('day'), night: eye('night') };

test('is the same as nothing at strength 0', () => {
  const none = nuisanceClasses.map((name) => ({ class: name, strength: 0 }));
  for (const time of ['day', 'night'] as const) {
    const see = eye(time, ...none);
    for (const second of [0, 11.2, 60]) assert.is(apart(see(second), calm[time](second)), 0);
  }
});

test('draws the same picture of a moment whichever moment was drawn before', () => {
  const some = fc.uniqueArray(fc.constantFrom(...nuisanceClasses), { minLength: 4, maxLength: 7 });
  fc.assert(
    fc.property(some, fc.constantFrom('day' as const, 'night' as const), (names, time) => {
      const nuisances = names.map((name) => ({ class: name, strength: 0.8 }));
      const [back, forth] = [eye(time, ...nuisances), eye(time, ...nuisances)];
      const asked = [3, 87.4, 0.2, 87.2, 120];
      const pictures = new Map(asked.map((second) => [second, back(second)]));
      for (const second of asked.toReversed())
        assert.is(apart(forth(second), pictures.get(second) ?? new Uint8Array()), 0);
    }),
    { numRuns: 2 },
  );
});

test('sway moves the crown and not the road, the more the stronger', () => {
  const [weak, strong] = [0.3, 1].map((strength) => eye('day', { class: 'sway', strength }));
  const moved = (see: typeof weak) => {
    const pictures = seconds(20, 24).map((second) => see?.(second) ?? new Uint8Array());
    const still = pictures.slice(1).map((picture, index) => apart(picture, pictures[index] ?? picture, crown));
    return still.reduce((sum, one) => sum + one, 0) / still.length;
  };
  assert.ok(moved(weak) > 3 && moved(strong) > moved(weak) * 1.3, `${moved(weak)}, ${moved(strong)}`);
  for (const second of [20, 33]) assert.is(apart(strong?.(second) ?? new Uint8Array(), calm.day(second), road), 0);
});

test('wind comes in gusts: it is calm, and it blows, within a minute or two', () => {
  const blown = Array.from({ length: 240 }, (_, half) => gust(seed, half / 2));
  assert.ok(Math.min(...blown) < 0.25 && Math.max(...blown) > 0.7, `${Math.min(...blown)} to ${Math.max(...blown)}`);
});

test('rain by night is seen where the lamps light it', () => {
  const see = eye('night', { class: 'rain', strength: 1 });
  const [pole] = layout.poles;
  if (pole === undefined) throw new Error('no pole');
  const [headX, headY, headM] = lampHead(pole, layout);
  const lit = around([headX + 2, headY, headM], 5);
  const dark = { x: 40, y: 75, w: 80, h: 12 };
  const streaks = (area: typeof dark) =>
    seconds(20, 26).reduce((sum, second) => sum + apart(see(second), see(second + 1 / fps), area), 0) / 30;
  assert.ok(streaks(lit) > streaks(dark) * 1.4, `${streaks(lit)} in the light, ${streaks(dark)} in the dark`);
  assert.ok(apart(see(30), calm.night(30), road) > 5, 'the road is wet');
});

test('insects by night are bright, and none stays in one place; by day they are dark', () => {
  const night = eye('night', { class: 'insects', strength: 1 });
  const lasted = new Map<number, number>();
  let large = 0;
  const moments = seconds(40, 64);
  for (const second of moments) {
    const [seen, still] = [night(second), calm.night(second)];
    let bright = 0;
    assert.not.ok(
      seen.some((value, at) => value < (still[at] ?? 0) - 1),
      'never darker',
    );
    for (let at = 0; at < seen.length; at++) {
      if ((seen[at] ?? 0) < (still[at] ?? 0) + 40) continue;
      bright++;
      lasted.set(at, (lasted.get(at) ?? 0) + 1);
    }
    if (bright > 60) large++;
  }
  assert.ok(large > moments.length * 0.3, `${large} pictures with large ones`);
  // The specks around the lamps stay about; the lamps are in the upper half.
  for (const [at, count] of lasted) if (at > (width * height) / 2) assert.ok(count < moments.length / 4);
  const day = eye('day', { class: 'insects', strength: 1 });
  for (const second of seconds(0, 20)) {
    const still = calm.day(second);
    assert.not.ok(day(second).some((value, at) => value > (still[at] ?? 0) + 1));
  }
});

test('headlights come and go over the road and the fronts, without anyone in the truth; none by day', () => {
  const scene = createScene(optionsOf('night', [{ class: 'headlights', strength: 1 }]));
  const grey = new Uint8Array(width * height);
  const light: number[] = [];
  for (let n = 0; n < 60 * fps; n++) {
    assert.equal(scene.grey(n, width, height, grey).objects, []);
    light.push(mean(grey));
  }
  const dark = Math.min(...light);
  const lit = light.filter((one) => one > dark + 3).length;
  assert.ok(lit > 30 && lit < 200, `lit in ${lit} of ${light.length}`);
  assert.is(apart(eye('day', { class: 'headlights', strength: 1 })(3), calm.day(3)), 0);
});

test('clouds take light away by parts of the picture, by day', () => {
  const see = eye('day', { class: 'clouds', strength: 1 });
  const shares = seconds(0, 100)
    .filter((_, index) => index % 5 === 0)
    .map((second) => [mean(see(second), road), mean(see(second), crown)] as const);
  const roads = shares.map(([one]) => one);
  assert.ok(Math.max(...roads) > Math.min(...roads) * 1.25, `${Math.min(...roads)} to ${Math.max(...roads)}`);
  const ratios = shares.map(([one, other]) => one / other);
  assert.ok(Math.max(...ratios) > Math.min(...ratios) * 1.2, 'an edge of shadow lies between at times');
  assert.is(apart(eye('night', { class: 'clouds', strength: 1 })(3), calm.night(3)), 0);
});

test('lightning is brief, and the exposure needs a while after it', () => {
  const see = eye('night', { class: 'lightning', strength: 1 });
  const light = seconds(0, 60).map((second) => mean(see(second)));
  const usual = mean(calm.night(0));
  const flashed = light.filter((one) => one > usual * 1.4).length;
  assert.ok(flashed >= 4 && flashed < light.length / 5, `${flashed} bright pictures`);
  const last = light.findLastIndex((one) => one > usual * 1.4);
  assert.ok((light[last + 1] ?? 0) < usual * 0.92 || last === light.length - 1, 'darker than usual right after');
  assert.ok(light.filter((one) => Math.abs(one - usual) < 1).length > light.length / 3, 'and as usual between');
});

test('the infrared cut goes out and in; leaves turn pale, and the exposure has settled after two seconds', () => {
  const see = eye('night', { class: 'ir-cut', strength: 1 });
  const [out = 0, back = 0] = switchSeconds(seed, 2);
  assert.ok(out > 30 && back - out > 74 && back - out < 226);
  assert.is(apart(see(out - 1), calm.night(out - 1)), 0);
  assert.is(apart(see(back + 5), calm.night(back + 5)), 0);
  const settled = see(out + 6);
  const contrast = (grey: Uint8Array) => mean(grey, crown) / mean(grey, road);
  assert.ok(contrast(settled) > contrast(calm.night(0)) * 1.5, 'other materials are bright');
  const early = seconds(out, out + 1).map((second) => apart(see(second), settled));
  const late = seconds(out + 2.6, out + 4).map((second) => apart(see(second), settled));
  assert.ok(Math.max(...early) > 10 && Math.max(...late) < 3, `${Math.max(...early)}, then ${Math.max(...late)}`);
  assert.is(sightAt(seed, 1, out + 4).gain, 1);
});

test('compression repeats the picture until a key frame changes all of it, every 2 to 4 s', () => {
  const see = eye('day', { class: 'compression', strength: 1 });
  const pictures = seconds(10, 34).map(see);
  const changes = pictures.slice(1).map((picture, index) => apart(picture, pictures[index] ?? picture));
  const pulses = changes.flatMap((change, index) => (change > 1.4 ? [index] : []));
  assert.ok(pulses.length >= 5 && pulses.length <= 12, `${pulses.length} key frames`);
  for (const [index, at] of pulses.entries()) {
    const gapS = (at - (pulses[index - 1] ?? at - 3 * fps)) / fps;
    assert.ok(gapS > 1.7 && gapS < 4.3, `${gapS} s`);
  }
  const between = changes.filter((change) => change <= 1.4);
  assert.ok(Math.max(...between) < 1.3, `${Math.max(...between)} between`);
});

test('gain noise has the deviation of its strength, and grains wider than a pixel', () => {
  const deviation = (strength: number) => {
    const see = eye('night', { class: 'gain', strength });
    const [a, b] = [see(1), see(7)];
    // Where nothing is clipped.
    const still = calm.night(1);
    const lit = [...a.keys()].filter((at) => (still[at] ?? 0) > 60 && (still[at] ?? 0) < 180);
    const off = (at: number) => (a[at] ?? 0) - (b[at] ?? 0);
    const square = lit.reduce((sum, at) => sum + off(at) ** 2, 0) / lit.length;
    const beside = lit.reduce((sum, at) => sum + off(at) * off(at + 1), 0) / lit.length;
    return { sigma: Math.sqrt(square / 2), beside: beside / square };
  };
  const [half, full] = [deviation(0.5), deviation(1)];
  assert.ok(full.sigma > 11.5 && full.sigma < 16, `${full.sigma}`);
  assert.ok(half.sigma > 5 && half.sigma < 8.5, `${half.sigma}`);
  assert.ok(full.beside > 0.2, `${full.beside}`);
});

test('water glitters along the near edge and not in the lane', () => {
  const see = eye('day', { class: 'water', strength: 1 });
  const [a, b] = [see(5), see(5.6)];
  const ditch = { x: 0, y: height - 5, w: width, h: 4 };
  assert.ok(apart(a, b, ditch) > 8, `${apart(a, b, ditch)}`);
  const lane = around([layout.laneX, 30, 0], 3);
  assert.is(apart(a, calm.day(5), lane), 0);
});

test('the failing lamp takes its light from the street below, irregularly, and none elsewhere', () => {
  const see = eye('night', { class: 'flicker', strength: 1 });
  const [pole] = layout.poles;
  if (pole === undefined) throw new Error('no pole');
  const head = lampHead(pole, layout);
  const below = around([head[0], head[1], 0], 3);
  const levels = seconds(0, 60).map((second) => ({ tube: tubeAt(seed, second), light: mean(see(second), below) }));
  const on = levels.filter(({ tube }) => tube > 0.9).map(({ light }) => light);
  const out = levels.filter(({ tube }) => tube < 0.1).map(({ light }) => light);
  assert.ok(on.length > 20 && out.length > 20, `${on.length} on, ${out.length} out`);
  assert.ok(Math.min(...on) > Math.max(...out) * 1.3, `${Math.min(...on)} on, ${Math.max(...out)} out`);
  const [outS = 0] = seconds(0, 60).filter((second) => tubeAt(seed, second) < 0.1);
  const other = { x: 120, y: 0, w: 40, h: 30 };
  assert.ok(apart(see(outS), calm.night(outS), other) < apart(see(outS), calm.night(outS), below) / 8);
});

test('reads a nuisance from the command line, and says what is wrong with it', () => {
  assert.equal(parseNuisance('sway'), { class: 'sway', strength: 0.5 });
  assert.equal(parseNuisance('ir-cut:1'), { class: 'ir-cut', strength: 1 });
  for (const wrong of ['wind', 'sway:', 'sway:1.1', 'sway:-0.1', 'sway:x', 'sway:1:2', ''])
    assert.is(parseNuisance(wrong), undefined, wrong);
  const usual = ['--seed', '1', '--time', 'day', '--width', '320', '--height', '180', '--fps', '5'];
  const parsed = parseOptions([...usual, '--nuisance', 'rain:0.2', '--nuisance', 'shake']);
  assert.equal(parsed.ok && parsed.options.nuisances, [
    { class: 'rain', strength: 0.2 },
    { class: 'shake', strength: 0.5 },
  ]);
  const refused = parseOptions([...usual, '--nuisance', 'snow']);
  assert.match(refused.ok ? '' : (refused.faults[0] ?? ''), /^--nuisance must be one of sway, .*not snow$/);
});

test('takes the stronger of two, and nothing beyond 1', () => {
  const rain = (strength: number): { class: NuisanceClass; strength: number } => ({ class: 'rain', strength });
  assert.equal(strengthsOf([rain(0.2), rain(0.7), rain(0.3)]), { rain: 0.7 });
  assert.throws(() => strengthsOf([rain(1.2)]), /strength of rain must be 0 to 1, not 1.2/);
});

test.run();
