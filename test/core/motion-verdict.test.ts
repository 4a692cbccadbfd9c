import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { looksLike } from '../../agent/core/motion/evidence.ts';
import { newTrack, place, type Track } from '../../agent/core/motion/track.ts';
import { ruleOf, type Sighting, sizeOf } from '../../agent/core/motion/verdict.ts';

const test = suite('core/motion verdict');

/** A blob with feet on the ground, half of its box filled. */
const blobOf = (wide: number, high: number) => {
  const box = { left: 80, top: 70 - high, right: 80 + wide, bottom: 70 };
  return { ...box, area: wide * high * 0.5, x: 80, y: 60, shape: wide / high, root: 1 };
};

/** In smallest sizes of 28.8 pixels, after so many sightings. */
const sizeAfter = (wide: number, high: number, sightings: number): number => {
  const [track, blob] = [newTrack(), blobOf(wide, high)];
  let size = 0;
  for (let i = 0; i < sightings; i++) size = sizeOf(track, blob, blob.area / 28.8, 160);
  return size;
};

test('what is low and long counts for a third of its size, who stands upright for all of it', () => {
  assert.ok(sizeAfter(14, 8, 5) < 1, 'a dog');
  assert.ok(sizeAfter(8, 16, 5) > 2, 'a person');
  assert.ok(sizeAfter(30, 10, 5) > 5, 'a motorbike and the light before it');
  assert.ok(sizeAfter(40, 18, 5) > 10, 'a car');
});

test('one upright sighting among low ones makes no person', () => {
  const track = newTrack();
  const dog = blobOf(14, 8);
  for (let i = 0; i < 4; i++) sizeOf(track, dog, dog.area / 28.8, 160);
  const wag = blobOf(12, 14);
  assert.ok(sizeOf(track, wag, 1.2, 160) < 1);
});

test('who has long lain low is upright only when he stands for a while', () => {
  const track = newTrack();
  const dog = blobOf(14, 8);
  for (let i = 0; i < 9; i++) sizeOf(track, dog, 2, 160);
  const upright = blobOf(6, 9);
  const sizes = Array.from({ length: 5 }, () => sizeOf(track, upright, 1.2, 160));
  assert.equal(
    sizes.map((size) => size >= 1),
    [false, false, false, true, true],
  );
});

test('a dog half behind the picture’s border does not stand upright', () => {
  const track = newTrack();
  const half = { ...blobOf(6, 8), left: 0, right: 6, shape: 0.8 };
  for (let i = 0; i < 4; i++) assert.ok(sizeOf(track, half, 1.1, 160) < 1);
});

const sightingOf = (change: Partial<Sighting>, told: Partial<Track> = {}): Sighting => {
  const track = { ...newTrack(), ...told };
  place(track, blobOf(8, 16), 0);
  track.birth.set(track.box);
  const needed = { travelling: 5, left: 5, alone: 5 };
  return { track, looks: 'thing', ratio: 2, bars: 4, needed, needs: 11, isShaking: false, ...change };
};
const rule = (sighting: Sighting) => ruleOf(sighting, 5, 400, 1000);

test('what holds a sighting back is named after what it looks like', () => {
  assert.is(rule(sightingOf({ needs: 5 })), 'none');
  assert.is(rule(sightingOf({})), 'unproven');
  assert.is(rule(sightingOf({ isShaking: true })), 'shake');
  assert.is(rule(sightingOf({}, { isErratic: true })), 'insect');
  assert.is(rule(sightingOf({ needed: { travelling: 8, left: 3, alone: 8 } })), 'low');
  assert.is(rule(sightingOf({ ratio: 0.5 })), 'small');
  assert.is(rule(sightingOf({}, { bornMs: 900 })), 'brief');
});

test('what is left after a change of light was undone is a thing only when it is a good part of that change', () => {
  const uneven = { gain: 1, offset: 0, noise: 2, agreed: 0.7 };
  const outline = { sharp: 0.5, faded: 0, kept: 0 };
  assert.is(looksLike({ ...outline, contrast: 15, undone: 60 }, uneven), 'light');
  assert.is(looksLike({ ...outline, contrast: 50, undone: 60 }, uneven), 'thing');
  assert.is(looksLike({ ...outline, contrast: 15, undone: 0 }, uneven), 'thing', 'beside the beam');
});

test('light that stays is light, light that leaves its place is a sweep', () => {
  const lamp = sightingOf({ looks: 'light' });
  assert.is(rule(lamp), 'light');
  const beam = sightingOf({ looks: 'light' });
  beam.track.birth.set([10, 50, 30, 60]);
  assert.is(rule(beam), 'sweep');
});

test.run();
