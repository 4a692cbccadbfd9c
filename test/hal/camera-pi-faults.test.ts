// Each known fault of a hardware encoder, shown by a stand-in: the recipe is left for the next one, and the doctor can say why. One camera a fault, all at once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CameraInventory } from '../../hal/ports.ts';
import { boardCamera, enough, onBoard, pi, raw } from './camera-board.ts';
import { all, asMp4, decodedFrames, type Kept, watch } from './camera-world.ts';

const faults: readonly (readonly [fault: string, why: RegExp])[] = [
  ['exit', /Could not find a valid device/],
  ['empty-avcc', /avcC is empty/],
  ['ignores-g', /key frames every 4000 ms/],
  ['hang', /no picture within 10000 ms/],
  ['garbage', /decode|key frame|broken/],
];
/** Cameras are told apart by the height of their picture. */
const heights = faults.map((_, index) => 176 + index * 8);
const results: { readonly seen: readonly Kept[]; readonly inventory: CameraInventory }[] = [];

test.before(async () => {
  onBoard({ faults: faults.map(([fault], index) => `320x${heights[index]}=${fault}`).join(' ') });
  const watched = heights.map(async (height) => {
    // The caption makes libx264 the next one: the others cannot write it.
    const source = boardCamera({ ...pi, width: 320, height, caption: true });
    const seen = await watch(source, enough(raw('libx264')), 28_000);
    return { seen, inventory: source.inventory() };
  });
  results.push(...(await Promise.all(watched)));
});

faults.forEach(([fault, why], index) => {
  test(`an encoder with the fault "${fault}" is left for the next recipe, and the doctor learns why`, () => {
    const { seen, inventory } = results[index] ?? { seen: [], inventory: undefined };
    assert.is(inventory?.left[0]?.recipe, raw('h264_v4l2m2m'));
    assert.match(inventory?.left[0]?.why ?? '', why);
    const last = seen.slice(seen.findLastIndex((sight) => sight.is === 'init'));
    assert.ok(decodedFrames(asMp4(last)) >= 45);
    const codes = all(seen, 'fault').map(({ code }) => code);
    assert.equal(codes, fault === 'hang' ? ['camera-hang'] : []);
    if (fault === 'empty-avcc') assert.is(all(seen, 'init').length, 1, 'nothing unplayable was handed out');
  });
});

test.run();
