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

const passed: LaunchSeen = { is: 'passed' };
const receipt: LaunchSeen = { is: 'receipt' };
const boot: LaunchSeen = { is: 'boot' };
const there = (minutes: number): LaunchSeen => ({ is: 'hub-there', ms: minutes * 60_000, log: 'last words' });

test('a release that passes and whose boot record the hub has becomes the current one, the one before stays at hand, older ones go', () => {
  const { state, steps } = run(running, offered, pointed, passed, receipt);
  assert.equal(state, { name: 'steady', release: '2', previous: '1' });
  assert.equal(steps, [
    { do: 'point', current: '2', previous: '1' },
    { do: 'try', release: '2', afresh: false },
    { do: 'keep', releases: ['2', '1'] },
  ]);
});

test('two failed starts are forgiven', () => {
  const { state } = run(running, offered, pointed, failed('a'), failed('b'), passed, receipt);
  assert.equal(state, { name: 'steady', release: '2', previous: '1' });
});

test('the third failed start brings the old release back and restarts what runs, with all three reasons and the last lines', () => {
  const last: LaunchSeen = { is: 'failed', why: 'c', log: 'no camera' };
  const back = { release: '2', whys: ['a', 'b', 'c'], log: 'no camera' };
  const going = run(running, offered, pointed, failed('a'), failed('b'), last);
  assert.equal(going.steps.slice(-2), [{ do: 'point', current: '1', previous: '0' }, { do: 'restart' }]);
  const { state, steps } = run(going.state, pointed);
  assert.equal(state, { name: 'steady', release: '1', previous: '0', back });
  assert.equal(steps.at(-1), { do: 'keep', releases: ['1', '0'] });
});

test('a start cut short by power counts as one', () => {
  const { state } = run(running, offered, pointed, boot, boot, boot);
  assert.is(state.name, 'returning');
});

test('restarts of a machine whose release passes each time do not count, however many, and no time without the hub does', () => {
  let { state } = run(running, offered, pointed, passed);
  for (let night = 0; night < 100; night++) {
    const next = run(state, boot, { is: 'up' }, passed);
    assert.equal(next.steps.at(-1), { do: 'try', release: '2', afresh: false });
    state = next.state;
  }
  assert.is(state.name, 'proving');
  assert.equal(run(state, receipt).state, { name: 'steady', release: '2', previous: '1' });
});

test('failed starts are remembered over starts that passed: the third brings the old release back', () => {
  const two = run(running, offered, pointed, failed('a'), passed, boot, failed('b'), passed).state;
  assert.is(two.name, 'proving');
  assert.is(run(two, boot, failed('c')).state.name, 'returning');
});

test('ten minutes in which the hub is there without the boot record take it back; nine do not, also over restarts', () => {
  const nine = run(running, offered, pointed, passed, there(4), boot, passed, there(5)).state;
  assert.is(nine.name, 'proving');
  const { state } = run(nine, there(1), pointed);
  assert.match(state.name === 'steady' ? (state.back?.whys.join() ?? '') : '', 'never had its boot record');
  assert.is(state.name === 'steady' ? state.back?.log : '', 'last words');
});

test('the first release of all, failing, leaves no release', () => {
  const nothing: Launch = { name: 'steady', release: null, previous: null };
  const { state } = run(nothing, offered, pointed, failed('a'), failed('b'), failed('c'), pointed);
  assert.is(state.name === 'steady' ? state.release : '', null);
});

test('the first release of all, passing, is kept at once: there is nothing to go back to', () => {
  const nothing: Launch = { name: 'steady', release: null, previous: null };
  assert.equal(run(nothing, offered, pointed, passed).state, { name: 'steady', release: '2', previous: null });
});

test('after commit nothing rolls back by itself, and good starts are not counted', () => {
  const { state } = run(running, boot, failed('late'), there(60), boot, boot, boot, { is: 'up' });
  assert.equal(state, running);
});

test('the running release offered again, and an offer during a start, change nothing', () => {
  assert.equal(run(running, { is: 'offered', release: '1' }).steps, []);
  const trial = run(running, offered, pointed).state;
  assert.equal(run(trial, { is: 'offered', release: '3' }).state, trial);
});

test('a newer release may follow one that is not proven yet: the way back leads to what was proven last', () => {
  const unproven = run(running, offered, pointed, passed).state;
  const { state } = run(
    unproven,
    { is: 'offered', release: '3' },
    pointed,
    failed('a'),
    failed('b'),
    failed('c'),
    pointed,
  );
  assert.equal(state.name === 'steady' && [state.release, state.previous], ['1', '0']);
});

test('the proven release offered while the new one is on trial is the way back by hand', () => {
  const unproven = run(running, offered, pointed, passed).state;
  const { state } = run(unproven, { is: 'offered', release: '1' }, pointed);
  assert.match(state.name === 'steady' ? (state.back?.whys.join() ?? '') : '', 'by hand');
});

test('a boot in any state does steps that end in rest', () => {
  const seed = Date.now() & 0xffff;
  const any = fc.oneof(
    fc.constantFrom('1', '2', '3').map((release): LaunchSeen => ({ is: 'offered', release })),
    fc.constantFrom(boot, pointed, passed, failed('x'), receipt, there(3), { is: 'up' } as const),
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
