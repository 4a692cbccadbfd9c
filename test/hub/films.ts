// Fragmented MP4 as a camera makes it, cut as a recorder cuts it, beginning in mid-run.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { boxes } from '../../hub/clip/boxes.ts';
import type { SegmentRef } from '../../protocol/manifest.ts';
import { sha256 } from '../../protocol/sign.ts';
import type { Made, TestSender } from './village.ts';

const run = promisify(execFile);

export interface TestFilm {
  readonly init: Uint8Array;
  /** One `moof` + `mdat` each, one second long. */
  readonly fragments: readonly Uint8Array[];
}

export async function makeFilm(seconds: number, more: readonly string[] = []): Promise<TestFilm> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=15`, '-t', String(seconds)],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-tune',
        'zerolatency',
        '-pix_fmt',
        'yuv420p',
        '-g',
        '15',
        '-threads',
        '1',
        ...more,
      ],
      ...['-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov+default_base_moof+skip_trailer', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  const bytes = Uint8Array.from(stdout);
  const found = [...boxes(bytes)];
  const heads = found.filter(({ type }) => type === 'moof');
  const initEnd = heads[0]?.at ?? bytes.length;
  const fragments = heads.map(({ at }, index) => bytes.subarray(at, heads[index + 1]?.at ?? bytes.length));
  return { init: bytes.subarray(0, initEnd), fragments };
}

/** Of three pictures the middle one is left out: 2/15 s and 1/15 s by turns. 4:3, as an older camera's. */
export const makeUnevenFilm = (seconds: number): Promise<TestFilm> =>
  makeFilm(seconds, ['-vf', "select='not(eq(mod(n,3),1))',scale=480:360", '-fps_mode', 'vfr', '-g', '10']);
export const unevenTimes = (seconds: number): number[] =>
  Array.from({ length: seconds * 15 }, (_, picture) => picture)
    .filter((picture) => picture % 3 !== 1)
    .map((picture) => picture / 15);

export async function makeStill(more: readonly string[] = []): Promise<Uint8Array> {
  const args = [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=1280x720',
    ...more,
    '-frames:v',
    '1',
    '-f',
    'mjpeg',
    '-',
  ];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 8 * 1024 * 1024 });
  return Uint8Array.from(stdout);
}

export interface MadeClip {
  readonly clip: Made;
  readonly segments: readonly Made[];
}

/** Segments of two fragments each, of the fragments [from, to), and the clip that names them, of an event or else of minutes that were asked for. `atMs` gives a segment's place on the node's clock. */
export async function makeClip(
  node: TestSender,
  film: TestFilm,
  event: string | undefined,
  from: number,
  to: number,
  atMs: (fragment: number) => number = (fragment) => fragment * 1000,
): Promise<MadeClip> {
  const init = sha256(film.init);
  const segments: Made[] = [];
  const refs: SegmentRef[] = [];
  for (let at = from; at < to; at += 2) {
    const fragments = film.fragments.slice(at, Math.min(to, at + 2));
    const { made, ref } = await node.segment(Buffer.concat(fragments), init, atMs(at), fragments.length * 1000);
    segments.push(made);
    refs.push(ref);
  }
  const of = event === undefined ? { part: 0, why: 'lookback' as const } : { event, part: 0, why: 'event' as const };
  const clip = await node.record(
    { kind: 'clip', class: 4, of, segments: refs, init, complete: true, last: true },
    film.init,
    'video/mp4',
  );
  return { clip, segments };
}

/** What each event that happens has seen, in parts of the picture. */
export const box = { x: 0.5, y: 0.25, w: 0.25, h: 0.5 };

/** An event with a still and eight seconds of film. */
export async function happen(
  node: TestSender,
  id: string,
  film: TestFilm,
  still: Uint8Array,
  level: 'event' | 'alarm' = 'event',
): Promise<void> {
  const of = { event: id, part: 0, why: 'event' } as const;
  const told = (phase: 'new' | 'end') => {
    const trigger = level === 'alarm' ? 'panic' : 'motion';
    return node.event(id, phase, { boxes: [box] }, { event: { id, phase, trigger, level } });
  };
  await node.deliver(await told('new'));
  await node.deliver(await node.record({ kind: 'still', class: 2, of }, still, 'image/jpeg'));
  const { clip, segments } = await makeClip(node, film, id, 6, 14);
  await node.deliver(clip);
  for (const segment of segments) await node.deliver(segment);
  await node.deliver(await told('end'));
}
