// The byte streams of the media child: MP4 fragments, JPEGs, grey pictures, however they are cut into chunks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greyPool, greyReader } from '../../hal/camera/grey.ts';
import { jpegSplitter } from '../../hal/camera/jpeg.ts';
import { type Mp4Piece, mp4Splitter } from '../../hal/camera/mp4.ts';
import { ffmpeg, h264, makeFilm, ownFolder } from './camera-world.ts';

const folder = ownFolder();
const flags = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof+skip_trailer'];
const fragmented = (name: string, ...more: string[]) =>
  readFileSync(makeFilm(join(folder, name), '320x180', 3, ...h264, '-bf', '0', ...more, ...flags));
const mp4 = fragmented('good.mp4', '-g', '15');
ffmpeg('-i', join(folder, 'good.mp4'), '-r', '4', '-f', 'mjpeg', join(folder, 'stills.mjpeg'));
const mjpeg = readFileSync(join(folder, 'stills.mjpeg'));

/** Cuts bytes at the given places, in any order, repeated or not. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % bytes.length).toSorted((one, other) => one - other), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}
const places = fc.array(fc.nat(), { maxLength: 60 });
const split = (bytes: Buffer, at: readonly number[]): Mp4Piece[] => {
  const splitter = mp4Splitter();
  return cut(bytes, at).flatMap((chunk) => [...splitter.push(chunk)]);
};

test('a fragmented film falls into its init segment and one fragment a second, byte for byte', () => {
  const pieces = split(mp4, []);
  assert.equal(
    pieces.map((piece) => piece.is),
    ['init', 'fragment', 'fragment', 'fragment'],
  );
  assert.equal(Buffer.concat(pieces.map((piece) => (piece.is === 'broken' ? Buffer.of() : piece.bytes))), mp4);
  for (const piece of pieces)
    if (piece.is === 'fragment') {
      assert.equal(piece.samples, 15);
      assert.ok(piece.startsWithKey);
      assert.ok(Math.abs(piece.durationMs - 1000) < 1, `${piece.durationMs} ms`);
    } else assert.equal(piece.is === 'init' && piece.fault, undefined);
});

test('however the stream is cut into chunks, the same pieces come out', () => {
  const whole = split(mp4, []);
  fc.assert(
    fc.property(places, (at) => assert.equal(split(mp4, at), whole)),
    { numRuns: 60 },
  );
});

test('bytes that are no film, or a film with bytes changed, never throw and never give a longer stream', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(mp4.length - 1), places, (noise, at, cuts) => {
      const spoilt = Buffer.concat([mp4.subarray(0, at), noise, mp4.subarray(Math.min(mp4.length, at + noise.length))]);
      const bytes = split(spoilt, cuts).reduce(
        (sum, piece) => sum + (piece.is === 'broken' ? 0 : piece.bytes.length),
        0,
      );
      assert.ok(bytes <= spoilt.length);
    }),
    { numRuns: 100 },
  );
});

test('an encoder that gives no parameter sets is seen before any fragment is handed out', () => {
  const empty = split(fragmented('empty.mp4', '-g', '15', '-flags:v', '-global_header'), []);
  assert.match(empty[0]?.is === 'init' ? String(empty[0].fault) : '', /avcC is empty/);
  assert.not.ok(empty.some((piece) => piece.is === 'fragment'));
});

test('a fragment that does not begin with a key frame is told apart', () => {
  const args = ['-frag_duration', '400000', '-movflags', 'empty_moov+default_base_moof+skip_trailer'];
  const path = makeFilm(join(folder, 'nokey.mp4'), '320x180', 3, ...h264, '-bf', '0', '-g', '100', ...args);
  const keys = split(readFileSync(path), []).flatMap((piece) => (piece.is === 'fragment' ? [piece.startsWithKey] : []));
  assert.ok(keys.length > 3);
  assert.equal(keys[0], true);
  assert.not.ok(keys.slice(1).some(Boolean));
});

test('a stream that is not MP4, or a box of absurd size, is called broken once', () => {
  assert.equal(split(Buffer.from('this is a text, not a film at all'), [3]).length, 1);
  const absurd = Buffer.from(mp4);
  absurd.writeUInt32BE(0x7fffffff, 0);
  assert.match(
    split(absurd, [])
      .map((piece) => (piece.is === 'broken' ? piece.why : piece.is))
      .join(),
    /^box 'ftyp' of 2147483647/,
  );
});

test('a stream of JPEGs falls into whole pictures, however it is cut', () => {
  const whole = jpegSplitter().push(mjpeg);
  // Entropy-coded data never holds ff d8 (T.81, F.1.2.3), and these pictures have no thumbnails.
  const starts = mjpeg.toString('latin1').split('\u00ff\u00d8').length - 1;
  assert.ok(starts > 10);
  assert.is(whole.length, starts);
  assert.equal(Buffer.concat(whole), mjpeg);
  fc.assert(
    fc.property(places, (at) => {
      const splitter = jpegSplitter();
      assert.equal(
        cut(mjpeg, at).flatMap((chunk) => [...splitter.push(chunk)]),
        whole,
      );
    }),
    { numRuns: 60 },
  );
});

test('a JPEG inside a JPEG, as a thumbnail, does not end the outer one; noise between pictures is passed over', () => {
  const [first = new Uint8Array()] = jpegSplitter().push(mjpeg);
  const thumbnail = Buffer.from(first.subarray(0, 200));
  const app = Buffer.concat([Buffer.of(0xff, 0xe1, 0, 206), thumbnail, Buffer.of(0xff, 0xd8, 0xff, 0xd9)]);
  const outer = Buffer.concat([first.subarray(0, 2), app, first.subarray(2)]);
  const stream = Buffer.concat([Buffer.from('noise'), outer, Buffer.from([0xff]), first]);
  fc.assert(
    fc.property(places, (at) => {
      const splitter = jpegSplitter();
      const found = cut(stream, at).flatMap((chunk) => [...splitter.push(chunk)]);
      assert.equal(
        found.map((bytes) => Buffer.from(bytes)),
        [outer, Buffer.from(first)],
      );
    }),
    { numRuns: 60 },
  );
});

test('noise never makes the JPEG reader throw or hold more than its bound', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
      const splitter = jpegSplitter();
      for (const chunk of chunks) splitter.push(Buffer.concat([Buffer.of(0xff, 0xd8), chunk]));
    }),
  );
});

test('grey pictures come whole however the stream is cut, and their buffers go round', () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
  fc.assert(
    fc.property(places, (at) => {
      const pool = greyPool(100);
      const reader = greyReader(pool);
      const buffers = new Set<Uint8Array>();
      const found: number[] = [];
      for (const chunk of cut(bytes, at))
        reader.push(chunk, (pixels) => {
          buffers.add(pixels);
          found.push(...pixels);
          pool.giveBack(pixels);
        });
      assert.equal(found, [...bytes]);
      assert.ok(buffers.size <= 2, `${buffers.size} buffers`);
    }),
    { numRuns: 60 },
  );
});

test.run();
