// The supervision of a camera, as a function: no process, no clock.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { begin, step } from '../../hal/camera/supervise.ts';
import type { Action, Rules, Seen, Supervised } from '../../hal/camera/supervised.ts';

const rules: Rules = {
  startMs: 10_000,
  hangMs: 2000,
  frozenMs: 10_000,
  restartsWhenFrozen: true,
  fragmentMsMax: 2500,
  failuresMax: 3,
  backOffMs: { first: 1000, max: 30_000 },
  calmMs: 60_000,
  beginsAgain: false,
};
type At = readonly [monoMs: number, seen: Seen];
const tick: Seen = { is: 'tick' };
const grey: Seen = { is: 'grey', same: false };
const goodFragment: Seen = { is: 'fragment', durationMs: 1000, startsWithKey: true };
const exit: Seen = { is: 'gone', code: 'camera-exit', text: 'code 1' };
const ready = (...recipes: string[]): Seen => ({ is: 'ready', recipes });

function play(events: readonly At[], with_: Partial<Rules> = {}) {
  let state: Supervised = begin.state;
  const done: Action[] = [];
  for (const [monoMs, seen] of events) {
    const next = step(state, seen, { monoMs, luck: 1 }, { ...rules, ...with_ });
    state = next.state;
    done.push(...next.actions);
  }
  return {
    state,
    done,
    said: done.map((action) =>
      'recipe' in action ? `start ${action.recipe}` : 'fault' in action ? `${action.do} ${action.fault}` : action.do,
    ),
  };
}
const running: readonly At[] = [
  [0, ready('a', 'b')],
  [500, grey],
  [1500, goodFragment],
  [4000, grey],
  [4100, { is: 'proven' }],
];

test('a camera that gives pictures is left alone', () => {
  assert.equal(play([...running, [5000, tick], [5900, grey], [5950, goodFragment], [6000, tick]]).said, ['start a']);
});

test('asked to begin anew it does so at once, without a fault, and as often as it likes; before the start there is nothing to do', () => {
  const anew: Seen = { is: 'renew' };
  const { said, state } = play([...running, [5000, anew], [5100, exit], [5100, ready('a', 'b')], [5200, anew]]);
  assert.equal(said, ['start a', 'end', 'prepare', 'start a', 'end']);
  assert.equal([state.failures, state.restarts, state.standing.length], [0, 0, 0]);
  assert.equal(play([[0, anew]]).said, []);
});

test('no picture for 2 s is a hang: a fault, the end of the child, and a new start after the back-off', () => {
  const early = play([...running, [6000, tick]]);
  assert.equal(early.said, ['start a']);
  const late = play([...running, [6001, tick], [6100, exit], [6900, tick], [7001, tick]]);
  assert.equal(late.said, ['start a', 'say camera-hang', 'end', 'prepare']);
});

test('at the start 10 s are allowed, after that the next recipe has its turn at once', () => {
  const said = play([
    [0, ready('a', 'b')],
    [10_000, tick],
    [10_001, tick],
    [10_200, exit],
    [10_200, ready('a', 'b')],
    [10_700, grey],
  ]).said;
  assert.equal(said, ['start a', 'say camera-hang', 'end', 'prepare', 'start b', 'recover camera-hang']);
});

test('where no recipe was ready in time, the next round waits twice as long, and 40 s at most', () => {
  const events: At[] = [];
  const patience: number[] = [];
  let atMs = 0;
  for (let round = 0; round < 4; round++) {
    events.push([atMs, ready('a')]);
    const waits = (ms: number) => play([...events, [atMs + ms, tick]]).state.phase.name === 'starting';
    const ms = [10_000, 20_000, 40_000, 80_000].find((each) => !waits(each + 1)) ?? 0;
    patience.push(ms);
    events.push([atMs + ms + 1, tick], [atMs + ms + 100, exit], [atMs + ms + 60_000, tick]);
    atMs += ms + 60_000;
  }
  assert.equal(patience, [10_000, 20_000, 40_000, 40_000]);
});

test('each known fault of an unproven recipe leads to the next one, without a fault of the camera', () => {
  const faults: readonly (readonly At[])[] = [
    [[600, exit]],
    [
      [600, { is: 'unfit', why: 'avcC is empty' }],
      [700, exit],
    ],
    [
      [500, grey],
      [600, { is: 'fragment', durationMs: 4000, startsWithKey: true }],
      [700, exit],
    ],
    [
      [500, grey],
      [600, { is: 'fragment', durationMs: 1000, startsWithKey: false }],
      [700, exit],
    ],
    [
      [500, grey],
      [2400, grey],
      [4300, grey],
      [5400, grey],
      [5501, tick],
      [5600, exit],
    ],
  ];
  for (const fault of faults) {
    const { said, state } = play([[0, ready('a', 'b')], ...fault, [6000, ready('a', 'b')]]);
    assert.equal(
      said.filter((one) => one !== 'end' && one !== 'prepare'),
      ['start a', 'start b'],
    );
    assert.equal(
      state.left.map(({ recipe }) => recipe),
      ['a'],
    );
  }
});

test('when no recipe works one fault names them all, and it begins again with the first', () => {
  const { said, done } = play([
    [0, ready('a', 'b')],
    [100, exit],
    [100, ready('a', 'b')],
    [200, exit],
    [1300, tick],
    [1300, ready('a', 'b')],
  ]);
  assert.equal(said, ['start a', 'prepare', 'start b', 'say camera-recipe', 'prepare', 'start a']);
  const text = done.flatMap((action) => (action.do === 'say' ? [action.text] : [])).join();
  assert.match(text, /a: code 1; b: code 1/);
});

test('a recipe that has proven itself is tried again when the camera is lost, and left only after three failures', () => {
  const again: At[] = [
    [5000, exit],
    [6000, tick],
    [6000, ready('a', 'b')],
    [6100, exit],
    [8100, tick],
    [8100, ready('a', 'b')],
  ];
  assert.equal(play([...running, ...again]).said, [
    'start a',
    'say camera-exit',
    'prepare',
    'start a',
    'prepare',
    'start a',
  ]);
  const third: At[] = [
    [8200, exit],
    [8200, ready('a', 'b')],
  ];
  assert.equal(play([...running, ...again, ...third]).said.slice(-2), ['prepare', 'start b']);
});

test('the same picture for 10 s is a frozen camera; another picture ends the fault', () => {
  const frozen: At[] = Array.from({ length: 21 }, (_, n) => [4000 + n * 500, { is: 'grey', same: true }]);
  const fragments: At[] = frozen.map(([monoMs]) => [monoMs, goodFragment]);
  const events = [...running, ...frozen, ...fragments].toSorted(([one], [other]) => one - other);
  assert.equal(play([...events, [14_001, tick]]).said, ['start a', 'say camera-frozen', 'end']);
  const film = play([...events, [14_001, tick], [14_010, tick], [14_100, grey]], { restartsWhenFrozen: false });
  assert.equal(film.said, ['start a', 'say camera-frozen', 'recover camera-frozen']);
});

test('a film that is over stops with a fault, or begins again without one', () => {
  const over: At = [5000, { is: 'gone', code: 'film-ended', text: 'over' }];
  assert.equal(play([...running, over]).said, ['start a', 'film-over', 'say film-ended', 'finish']);
  assert.equal(play([...running, over], { beginsAgain: true }).said, ['start a', 'film-over', 'prepare']);
});

test('told to stop, it ends the child and finishes when that is gone', () => {
  assert.equal(play([...running, [5000, { is: 'stop' }]]).said, ['start a', 'end']);
  assert.equal(play([...running, [5000, { is: 'stop' }], [5100, exit], [9000, tick]]).said, [
    'start a',
    'end',
    'finish',
  ]);
  assert.equal(play([[0, { is: 'stop' }]]).said, ['finish']);
});

const anySeen = fc.oneof(
  fc.constantFrom<Seen>(tick, exit, { is: 'proven' }, { is: 'unfit', why: 'x' }, ready('a', 'b', 'c')),
  fc.constantFrom<Seen>(
    { is: 'refused', code: 'camera-absent', text: 'none' },
    { is: 'refused', code: 'camera-input', text: 'no' },
  ),
  fc.record({ is: fc.constant('grey' as const), same: fc.boolean() }),
  fc.record({ is: fc.constant('fragment' as const), durationMs: fc.nat(5000), startsWithKey: fc.boolean() }),
);

test('whatever is seen: one fault a cause until it recovers, never two children, retries ever rarer up to the bound', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4000), anySeen), { maxLength: 200 }), (events) => {
      let at = 0;
      let state: Supervised = begin.state;
      let children = 0;
      const standing = new Set<string>();
      for (const [later, seen] of events) {
        at += later;
        const hadChild = ['starting', 'running', 'stopping'].includes(state.phase.name);
        if (seen.is === 'gone' && !hadChild) continue;
        if (seen.is === 'gone') children -= 1;
        const next = step(state, seen, { monoMs: at, luck: 0.5 }, rules);
        state = next.state;
        for (const action of next.actions) {
          if (action.do === 'start') children += 1;
          if (action.do === 'say') assert.not.ok(standing.has(action.fault));
          if (action.do === 'say') standing.add(action.fault);
          if (action.do === 'recover') assert.ok(standing.delete(action.fault));
        }
        assert.ok(children === 0 || children === 1, `${children} children`);
        if (state.phase.name === 'waiting') assert.ok(state.phase.untilMs - at <= rules.backOffMs.max);
      }
    }),
  );
});

test.run();
