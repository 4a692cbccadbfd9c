import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { smallStill } from '../../hal/decode-still.ts';

const test = suite('hal/decode-still');

/** A JPEG by ffmpeg, as the cameras make them. */
const picture = execFileSync('ffmpeg', '-v error -f lavfi -i testsrc=size=1280x720 -frames:v 1 -f mjpeg -'.split(' '), {
  maxBuffer: 8e6,
});

/** Width and height from the start-of-frame segment (ITU-T T.81, B.2.2). */
function sizeOf(jpeg: Uint8Array): [number, number] {
  const view = Buffer.from(jpeg);
  for (let at = 2; at < view.length; at += 2 + view.readUInt16BE(at + 2)) {
    const marker = view[at + 1];
    if (marker === 0xc0 || marker === 0xc2) return [view.readUInt16BE(at + 7), view.readUInt16BE(at + 5)];
  }
  throw new Error('no frame');
}

test('a still becomes a small JPEG of the width asked for, in shape', async () => {
  const small = await smallStill(picture, { width: 320 });
  assert.ok(small.ok, small.ok ? '' : small.text);
  if (!small.ok) return;
  assert.equal(sizeOf(small.jpeg), [320, 180]);
  assert.ok(small.jpeg.length < picture.length);
});

test('a still smaller than that is not blown up', async () => {
  const small = await smallStill(picture, { width: 2000 });
  assert.ok(small.ok);
  if (small.ok) assert.equal(sizeOf(small.jpeg), [1280, 720]);
});

test('rubbish, half a JPEG and nothing at all are no pictures', async () => {
  for (const bytes of [Buffer.from('not a jpeg'), picture.subarray(0, 5000), new Uint8Array()]) {
    const small = await smallStill(bytes, { width: 320 });
    assert.equal([small.ok, small.ok ? '' : small.why], [false, 'not-a-picture']);
  }
});

test('a picture beyond all size is not even read', async () => {
  const small = await smallStill(new Uint8Array(8 * 1024 * 1024 + 1), { width: 320 });
  assert.equal([small.ok, small.ok ? '' : small.why], [false, 'too-large']);
});

test('a child that takes too long is ended', async () => {
  const small = await smallStill(picture, { width: 320, timeoutMs: 1 });
  assert.equal([small.ok, small.ok ? '' : small.why], [false, 'timeout']);
});

test.run();
