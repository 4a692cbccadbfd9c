import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ClipAction,
  type ClipSeen,
  type ClipState,
  type Finished,
  noClips,
  stepClips,
  type Want,
  wanted,
} from '../../agent/core/clips.ts';

const rules = { preRollMs: 6000, postRollMs: 6000, clipMsMax: 60_000 };
const hash = 'a'.repeat(64);

function segment(seg: number, firstMonoMs: number, durationMs: number, init = hash): Finished {
  return {
    ref: { boot: '000001.aabbccdd', seg, sealedSha256: hash, plainSha256: hash, bytes: 1, firstMonoMs, durationMs },
    init,
  };
}
const want = (id: string, level: Want['level'] = 'event'): Want => ({ id, why: 'event', level });
const finished = (each: Finished): ClipSeen => ({ is: 'segment', segment: each });

function run(seen: readonly ClipSeen[], with_ = rules): { actions: ClipAction[]; state: ClipState } {
  const actions: ClipAction[] = [];
  let state = noClips;
  for (const each of seen) {
    const next = stepClips(state, each, with_);
    state = next.state;
    actions.push(...next.actions);
  }
  return { actions, state };
}
const clipsIn = (actions: readonly ClipAction[]) => actions.filter((action) => action.do === 'clip');
const segsOf = (action: ClipAction | undefined) => (action?.do === 'clip' ? action.segments.map(({ seg }) => seg) : []);

test('a clip reaches back over the pre-roll and waits for the post-roll', () => {
  const { actions, state } = run([
    finished(segment(0, 0, 10_000)),
    finished(segment(1, 10_000, 10_000)),
    { is: 'opened', want: want('e'), firstMonoMs: 21_000 },
    finished(segment(2, 20_000, 2000)),
    { is: 'closed', id: 'e', lastMonoMs: 22_000 },
    finished(segment(3, 22_000, 2000)),
    finished(segment(4, 24_000, 2000)),
    finished(segment(5, 26_000, 2000)),
  ]);
  const [clip] = clipsIn(actions);
  assert.equal(segsOf(clip), [1, 2, 3, 4, 5]);
  assert.is(clip?.do === 'clip' && clip.complete && clip.last, true);
  assert.is(wanted(state), 'not');
});

test('a segment that ends exactly where the pre-roll begins is left out, one a millisecond longer is in', () => {
  const pins = (durationMs: number) =>
    run([finished(segment(0, 0, durationMs)), { is: 'opened', want: want('e'), firstMonoMs: 10_000 }]).actions.length;
  assert.is(pins(4000), 0);
  assert.is(pins(4001), 1);
});

test('footage that the card did not take leaves its clip marked incomplete, and only where it belonged to it', () => {
  const complete = (lostMonoMs: number) => {
    const { actions } = run([
      { is: 'opened', want: want('e'), firstMonoMs: 20_000 },
      finished(segment(0, 14_000, 6000)),
      { is: 'closed', id: 'e', lastMonoMs: 21_000 },
      { is: 'lost', firstMonoMs: lostMonoMs, durationMs: 2000 },
      finished(segment(2, 29_000, 2000)),
    ]);
    return clipsIn(actions).map((clip) => clip.do === 'clip' && clip.complete);
  };
  assert.equal(
    [complete(12_000), complete(12_001), complete(26_999), complete(27_000)],
    [[true], [false], [false], [true]],
  );
});

test('two events close together share a segment', () => {
  const { actions } = run([
    { is: 'opened', want: want('a'), firstMonoMs: 0 },
    finished(segment(0, 0, 2000)),
    { is: 'closed', id: 'a', lastMonoMs: 1000 },
    finished(segment(1, 2000, 2000)),
    { is: 'opened', want: want('b'), firstMonoMs: 4000 },
    finished(segment(2, 4000, 2000)),
    finished(segment(3, 6000, 2000)),
    { is: 'break', whole: true },
  ]);
  const clips = clipsIn(actions);
  assert.equal(segsOf(clips[0]), [0, 1, 2, 3]);
  assert.equal(segsOf(clips[1]), [0, 1, 2, 3]);
});

test('beyond clipMsMax a follow-on part begins, and no segment is in both or in neither', () => {
  const seen: ClipSeen[] = [{ is: 'opened', want: want('e'), firstMonoMs: 0 }];
  for (let seg = 0; seg < 50; seg++) seen.push(finished(segment(seg, seg * 2000, 2000)));
  seen.push({ is: 'break', whole: true });
  const clips = clipsIn(run(seen).actions);
  assert.equal(
    clips.map((clip) => clip.do === 'clip' && [clip.part, clip.last]),
    [
      [0, false],
      [1, true],
    ],
  );
  assert.equal(
    clips.flatMap(segsOf),
    Array.from({ length: 50 }, (_, seg) => seg),
  );
  assert.is(segsOf(clips[0]).length, 30);
});

test('another init segment begins another part', () => {
  const clips = clipsIn(
    run([
      { is: 'opened', want: want('e'), firstMonoMs: 0 },
      finished(segment(0, 0, 2000)),
      finished(segment(1, 2000, 2000, 'b'.repeat(64))),
      { is: 'break', whole: true },
    ]).actions,
  );
  assert.equal(clips.map(segsOf), [[0], [1]]);
});

test('a camera lost in mid-event leaves an incomplete clip of what there is', () => {
  const clips = clipsIn(
    run([
      { is: 'opened', want: want('e'), firstMonoMs: 0 },
      finished(segment(0, 0, 2000)),
      { is: 'break', whole: false },
    ]).actions,
  );
  assert.is(clips[0]?.do === 'clip' && clips[0].complete, false);
});

test('an event without footage makes no clip', () => {
  assert.equal(
    run([
      { is: 'opened', want: want('e'), firstMonoMs: 0 },
      { is: 'break', whole: true },
    ]).actions,
    [],
  );
});

test('an event that becomes an alarm has its footage pinned again as an alarm’s', () => {
  const { actions } = run([
    { is: 'opened', want: want('e'), firstMonoMs: 0 },
    finished(segment(0, 0, 2000)),
    { is: 'rose', id: 'e' },
    finished(segment(1, 2000, 2000)),
  ]);
  assert.equal(
    actions.map((action) => action.do === 'pin' && [action.segment.ref.seg, action.level]),
    [
      [0, 'event'],
      [0, 'alarm'],
      [1, 'alarm'],
    ],
  );
});

test('whatever happens, each clip covers at least the pre-roll and post-roll that was recorded, with every segment pinned', () => {
  const one = fc.record({ gapMs: fc.integer({ min: 0, max: 40_000 }), lastsMs: fc.integer({ min: 0, max: 90_000 }) });
  fc.assert(
    fc.property(
      fc.array(one, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(2000, 5000, 10_000),
      (events, segmentMs) => {
        const marks: { atMs: number; seen: ClipSeen }[] = [];
        let atMs = 0;
        const spans = events.map(({ gapMs, lastsMs }, index) => {
          const fromMs = atMs + gapMs;
          const toMs = fromMs + lastsMs;
          atMs = toMs;
          marks.push({ atMs: fromMs, seen: { is: 'opened', want: want(`e${index}`), firstMonoMs: fromMs } });
          marks.push({ atMs: toMs + 1500, seen: { is: 'closed', id: `e${index}`, lastMonoMs: toMs } });
          return { fromMs, toMs };
        });
        const endMs = atMs + 20_000;
        for (let seg = 0; (seg + 1) * segmentMs <= endMs; seg++)
          marks.push({ atMs: (seg + 1) * segmentMs, seen: finished(segment(seg, seg * segmentMs, segmentMs)) });
        marks.sort((a, b) => a.atMs - b.atMs);
        const { actions } = run(marks.map(({ seen }) => seen));
        const pinned = new Set(actions.flatMap((action) => (action.do === 'pin' ? [action.segment.ref.seg] : [])));
        spans.forEach(({ fromMs, toMs }, index) => {
          const parts = clipsIn(actions).filter((action) => action.do === 'clip' && action.want.id === `e${index}`);
          const held = parts.flatMap(segsOf);
          for (const [at, seg] of held.entries()) assert.is(seg, (held[0] ?? 0) + at);
          assert.ok((held[0] ?? Infinity) * segmentMs <= Math.max(0, fromMs - rules.preRollMs), 'pre-roll');
          assert.ok(((held.at(-1) ?? -1) + 1) * segmentMs >= toMs + rules.postRollMs, 'post-roll');
          for (const seg of held) assert.ok(pinned.has(seg), 'pinned');
          for (const part of parts)
            assert.ok(part.do === 'clip' && part.segments.length * segmentMs <= rules.clipMsMax, 'clipMsMax');
        });
      },
    ),
  );
});

test.run();
