import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Launch, type LaunchSeen, type LaunchStep, startsMax, step } from '../../ota/trial.ts';

const test = suite('ota/trial');
const running: Launch = { name: 'steady', release: '1', previous: '0' };

function run(from: Launch, ...all: LaunchSeen[]): { state: Launch; steps: LaunchStep[] } {
  let state = from;
  const steps: LaunchStep[] = [];
  for (const seen of all) {
    const next = step(state, seen);
    state = next.state;
    steps.push(...next.steps);
  }
  return { state, steps };
}
const offered: LaunchSeen = { is: 'offered', release: '2' };
const pointed: LaunchSeen = { is: 'pointed' };
const failed = (why: string): LaunchSeen => ({ is: 'failed', why });

test('a release that passes becomes the current one, the one before stays at hand, older ones go', () => {
  const { state, steps } = run(running, offered, pointed, { is: 'passed' });
  assert.equal(state, { name: 'steady', release: '2', previous: '1' });
  assert.equal(steps, [
    { do: 'point', current: '2', previous: '1' },
    { do: 'try', release: '2' },
    { do: 'keep', releases: ['2', '1'] },
  ]);
});

test('two failed starts are forgiven', () => {
  const { state } = run(running, offered, pointed, failed('a'), failed('b'), { is: 'passed' });
  assert.equal(state, { name: 'steady', release: '2', previous: '1' });
});

test('the third failed start brings the old release back, with all three reasons', () => {
  const { state, steps } = run(running, offered, pointed, failed('a'), failed('b'), failed('c'), pointed);
  assert.equal(state, { name: 'steady', release: '1', previous: '0', back: { release: '2', whys: ['a', 'b', 'c'] } });
  assert.equal(steps.at(-1), { do: 'keep', releases: ['1', '0'] });
});

test('a start cut short by power counts as one', () => {
  const boot: LaunchSeen = { is: 'boot' };
  const { state } = run(running, offered, pointed, boot, boot, boot);
  assert.is(state.name, 'returning');
});

test('the first release of all, failing, leaves no release', () => {
  const nothing: Launch = { name: 'steady', release: null, previous: null };
  const { state } = run(nothing, offered, pointed, failed('a'), failed('b'), failed('c'), pointed);
  assert.is(state.name === 'steady' ? state.release : '', null);
});

test('after commit nothing rolls back by itself, and good starts are not counted', () => {
  const { state } = run(running, { is: 'boot' }, failed('late'), { is: 'boot' }, { is: 'boot' }, { is: 'boot' });
  assert.equal(state, running);
});

test('the running release offered again, and an offer during a trial, change nothing', () => {
  assert.equal(run(running, { is: 'offered', release: '1' }).steps, []);
  const trial = run(running, offered, pointed).state;
  assert.equal(run(trial, { is: 'offered', release: '3' }).state, trial);
});

test('a boot in any state does steps that end in rest', () => {
  const seed = Date.now() & 0xffff;
  const any = fc.oneof(
    fc.constant<LaunchSeen>({ is: 'boot' }),
    fc.constantFrom('2', '3').map((release): LaunchSeen => ({ is: 'offered', release })),
    fc.constant(pointed),
    fc.constant<LaunchSeen>({ is: 'passed' }),
    fc.constant(failed('x')),
  );
  fc.assert(
    fc.property(fc.array(any, { maxLength: 30 }), (all) => {
      let { state } = run(running, ...all);
      if (state.name === 'trial') assert.ok(state.starts <= startsMax, `seed ${seed}`);
      let seen: LaunchSeen | undefined = { is: 'boot' };
      for (let count = 0; seen !== undefined; count++) {
        assert.ok(count < 10, `must come to rest, seed ${seed}`);
        const next = step(state, seen);
        state = next.state;
        seen = answer(next.steps[0]);
      }
      assert.is(state.name, 'steady', `seed ${seed}`);
      assert.ok(state.name === 'steady' && state.release !== null, `never without a release, seed ${seed}`);
    }),
    { seed },
  );
});

/** A card that obeys and a release that never passes. */
function answer(one: LaunchStep | undefined): LaunchSeen | undefined {
  if (one?.do === 'point') return pointed;
  return one?.do === 'try' ? failed('x') : undefined;
}

test.run();
