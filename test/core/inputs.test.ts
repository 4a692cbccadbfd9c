import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Input,
  type InputAction,
  type InputSeen,
  inputAtStart,
  inputRules,
  step,
} from '../../agent/core/inputs.ts';

const test = suite('core/inputs');

/** Everything that is done when this is seen. */
function run(all: readonly InputSeen[]): { state: Input; actions: InputAction[] } {
  let state = inputAtStart;
  const actions: InputAction[] = [];
  for (const seen of all) {
    const next = step(state, seen, inputRules);
    state = next.state;
    actions.push(...next.actions);
  }
  return { state, actions };
}
const edge = (active: boolean, monoMs: number): InputSeen => ({ is: 'edge', active, monoMs });
const tick = (monoMs: number): InputSeen => ({ is: 'tick', monoMs });
const chatter = (edges: number, everyMs: number) =>
  Array.from({ length: edges }, (_, index) => edge(index % 2 === 0, index * everyMs));

test('a press triggers once, a release not at all', () => {
  assert.equal(run([edge(true, 0), tick(500), edge(false, 900), edge(true, 2000)]).actions, [
    { do: 'trigger' },
    { do: 'trigger' },
  ]);
});

test('a repeated "pressed" without a release is no second trigger', () => {
  assert.is(run([edge(true, 0), edge(true, 5000)]).actions.length, 1);
});

test('ten edges in a second are still believed, eleven are a fault', () => {
  assert.not(run(chatter(10, 50)).actions.some((action) => action.do === 'fault'));
  assert.equal(run(chatter(11, 50)).actions.at(-1), { do: 'fault', code: 'input-chatter' });
  assert.not(
    run(chatter(1000, 100)).actions.some((action) => action.do === 'fault'),
    'exactly ten a second',
  );
});

test('ten thousand edges are one fault and at most five triggers', () => {
  const { actions } = run(chatter(10_000, 5));
  assert.equal(actions.filter((action) => action.do === 'fault').length, 1);
  assert.ok(actions.filter((action) => action.do === 'trigger').length <= 5);
});

test('after chatter the contact is trusted again once it has been calm', () => {
  const broken = chatter(11, 50);
  assert.is(run([...broken, tick(500 + 9_999)]).state.name, 'chattering');
  const { state, actions } = run([...broken.slice(0, -1), edge(false, 500), tick(10_500)]);
  assert.is(state.name, 'open');
  assert.equal(actions.at(-1), { do: 'recover', code: 'input-chatter' });
});

test('a contact that calms down pressed does not trigger by that, but may be found held', () => {
  const { state, actions } = run([...chatter(11, 50), tick(10_500)]);
  assert.is(state.name, 'active');
  assert.equal(actions.at(-1), { do: 'recover', code: 'input-chatter' });
  assert.is(step(state, tick(500 + 600_001), inputRules).state.name, 'held');
});

test('active for ten minutes is a press, a moment longer a fault, and a release ends the fault', () => {
  assert.is(run([edge(true, 0), tick(600_000)]).state.name, 'active');
  const held = [edge(true, 0), tick(600_001), tick(700_000), tick(900_000)];
  assert.equal(run(held).actions, [{ do: 'trigger' }, { do: 'fault', code: 'input-held' }]);
  assert.equal(run([...held, edge(false, 900_001)]).actions.at(-1), { do: 'recover', code: 'input-held' });
});

test('faults and recoveries take turns, and what is kept stays small, whatever happens', () => {
  const seed = Date.now() & 0xffff;
  const happening = fc.tuple(fc.constantFrom('press', 'release', 'tick'), fc.constantFrom(1, 60, 900, 11_000, 700_000));
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200 }), (happened) => {
      let state = inputAtStart;
      let standing: string | undefined;
      let monoMs = 0;
      for (const [what, passedMs] of happened) {
        monoMs += passedMs;
        const next = step(state, what === 'tick' ? tick(monoMs) : edge(what === 'press', monoMs), inputRules);
        state = next.state;
        for (const action of next.actions) {
          if (action.do === 'trigger')
            assert.is(standing, undefined, `a broken contact triggers nothing, seed ${seed}`);
          if (action.do === 'fault') assert.is(standing, undefined, `seed ${seed}`);
          if (action.do === 'recover') assert.is(standing, action.code, `seed ${seed}`);
          if (action.do !== 'trigger') standing = action.do === 'fault' ? action.code : undefined;
        }
        if ('edgesMonoMs' in state) assert.ok(state.edgesMonoMs.length <= inputRules.edgesPerSecondMax, `seed ${seed}`);
      }
    }),
    { seed },
  );
});

test.run();
