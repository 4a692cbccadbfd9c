import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { treatments } from '../../agent/core/motion/background.ts';
import { createShade } from '../../agent/core/motion/shade.ts';

const [width, height] = [160, 90];
const nobody = new Uint8Array((width / 2) * (height / 2));
const uneven = { gain: 1, offset: 0, noise: 1, agreed: 0.5 };

/** A street of blocks, 60 to 180 grey levels. */
const street = Float32Array.from({ length: width * height }, (_, at) => {
  const [x, y] = [at % width, Math.floor(at / width)];
  return 60 + 40 * ((x >> 4) % 3) + 20 * ((y >> 3) % 3);
});

const shaded = (edge: number, factor: number): Uint8Array =>
  Uint8Array.from(street, (value, at) => Math.round(at % width < edge ? value * factor : value));

test('a shadow of the sky is found where it lies, whatever its edge and depth', () => {
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 130 }), fc.double({ min: 0.4, max: 0.9, noNaN: true }), (edge, factor) => {
      const shade = createShade(width, height);
      assert.ok(shade.read(shaded(edge, factor), street, uneven, nobody));
      for (let at = 0; at < street.length; at++) {
        const [x, found] = [at % width, shade.factor[at] ?? 0];
        // Blocks of 4 with their neighbours: the edge itself is smooth.
        if (x < edge - 14) assert.ok(Math.abs(found - factor) < 0.08, `${x}: ${found}, not ${factor}`);
        if (x > edge + 14) assert.ok(Math.abs(found - 1) < 0.04, `${x}: ${found}, not 1`);
      }
    }),
    { numRuns: 20 },
  );
});

test('a subject in the shadow is not taken for shadow', () => {
  const picture = shaded(160, 0.6);
  for (let y = 40; y < 50; y++) for (let x = 60; x < 66; x++) picture[y * width + x] = 20;
  const shade = createShade(width, height);
  shade.read(picture, street, uneven, nobody);
  assert.ok(Math.abs((shade.factor[45 * width + 63] ?? 0) - 0.6) < 0.08);
});

test('a known subject that is larger than a block and all around it is not taken for shadow either', () => {
  const picture = shaded(160, 0.8);
  const held = nobody.slice();
  for (let y = 20; y < 80; y++) {
    for (let x = 60; x < 100; x++) {
      picture[y * width + x] = 20;
      held[(y >> 1) * (width / 2) + (x >> 1)] = treatments.hold;
    }
  }
  const shade = createShade(width, height);
  shade.read(picture, street, uneven, held);
  assert.ok(Math.abs((shade.factor[50 * width + 80] ?? 0) - 0.8) < 0.08);
});

test('nothing is measured while one light explains the picture', () => {
  const shade = createShade(width, height);
  assert.not(shade.read(shaded(80, 0.5), street, { ...uneven, agreed: 0.95 }, nobody));
  assert.ok(shade.factor.every((factor) => factor === 0));
});

test.run();
