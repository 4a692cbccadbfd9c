import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EventAction, type EventState, type Seen, step, watching } from '../../agent/core/events.ts';

const rules = { quietMs: 1500, updateMs: 10_000 };
const boot = '000001.aabbccdd';

function picture(monoMs: number, moving: boolean, more: Partial<Extract<Seen, { is: 'picture' }>> = {}): Seen {
  return {
    is: 'picture',
    monoMs,
    moving,
    sinceMonoMs: monoMs,
    share: 0.1,
    boxes: [],
    zones: [],
    level: 'event',
    reason: 'r',
    ...more,
  };
}

function run(seen: readonly Seen[], state: EventState = watching(boot)): { actions: EventAction[]; state: EventState } {
  const actions: EventAction[] = [];
  let now = state;
  for (const each of seen) {
    const next = step(now, each, rules);
    now = next.state;
    actions.push(...next.actions);
  }
  return { actions, state: now };
}

test('motion opens an event at the moment its subject was first seen', () => {
  const { actions } = run([picture(1000, false), picture(1400, true, { sinceMonoMs: 1000 })]);
  assert.is(actions.length, 1);
  assert.is(actions[0]?.do, 'open');
  assert.is(actions[0]?.event.firstMonoMs, 1000);
  assert.is(actions[0]?.event.id, `${boot}-e0`);
});

test('an event goes on through quiet time and ends just after it', () => {
  const open = run([picture(0, true)]).state;
  assert.equal(run([picture(1500, false)], open).actions, []);
  const { actions } = run([picture(1501, false)], open);
  assert.is(actions[0]?.do, 'close');
  assert.is(actions[0]?.event.lastMonoMs, 0);
  assert.is(actions[0]?.event.endedBy, 'quiet');
});

test('a subject that comes after the quiet time is another event, told in one step', () => {
  const { actions } = run([picture(0, true), picture(2000, true)]);
  assert.equal(
    actions.map((action) => [action.do, action.event.id.slice(-2)]),
    [
      ['open', 'e0'],
      ['close', 'e0'],
      ['open', 'e1'],
    ],
  );
});

test('time without pictures ends an event that a button opened', () => {
  const pressed: Seen = { is: 'trigger', monoMs: 0, trigger: 'panic', level: 'alarm', reason: 'button' };
  const { actions } = run([pressed, { is: 'tick', monoMs: 1000 }, { is: 'tick', monoMs: 2000 }]);
  assert.equal(
    actions.map((action) => action.do),
    ['open', 'close'],
  );
  assert.is(actions[0]?.event.level, 'alarm');
});

test('a button during motion raises the event at once, whatever was told just before', () => {
  const pressed: Seen = { is: 'trigger', monoMs: 200, trigger: 'panic', level: 'alarm', reason: 'button' };
  const { actions } = run([picture(0, true), pressed, picture(400, true)]);
  assert.equal(
    actions.map((action) => action.do),
    ['open', 'update'],
  );
  assert.is(actions[1]?.event.level, 'alarm');
  assert.is(actions[1]?.event.trigger, 'panic');
});

test('a new zone is told, but not more often than every ten seconds', () => {
  const seen = [picture(0, true, { zones: ['a'] }), picture(1000, true, { zones: ['b'] })];
  assert.is(run(seen).actions.length, 1);
  for (let ms = 2000; ms <= 9000; ms += 1000) seen.push(picture(ms, true));
  assert.is(run(seen).actions.length, 1);
  const told = run([...seen, picture(10_000, true)]).actions;
  assert.is(told.length, 2);
  assert.equal(told[1]?.event.zones, ['a', 'b']);
});

test('the peak keeps its share, boxes and reason', () => {
  const box = { x: 0, y: 0, w: 0.5, h: 0.5 };
  const { actions } = run([
    picture(0, true, { share: 0.1 }),
    picture(200, true, { share: 0.5, boxes: [box], reason: 'peak' }),
    picture(400, true, { share: 0.2, reason: 'later' }),
    { is: 'break', monoMs: 600, why: 'stop' },
  ]);
  const end = actions.at(-1)?.event;
  assert.is(end?.peakShare, 0.5);
  assert.equal(end?.boxes, [box]);
  assert.is(end?.reason, 'peak');
  assert.is(end?.endedBy, 'stop');
});

test('whatever is seen, opens and closes alternate, ids never repeat, and a break leaves nothing open', () => {
  const seen: fc.Arbitrary<Seen> = fc.oneof(
    fc.record({ step: fc.nat(3000), moving: fc.boolean() }).map(({ step: ms, moving }) => picture(ms, moving)),
    fc.nat(3000).map((ms): Seen => ({ is: 'tick', monoMs: ms })),
    fc.nat(3000).map((ms): Seen => ({ is: 'trigger', monoMs: ms, trigger: 'door', level: 'event', reason: 'd' })),
    fc.nat(3000).map((ms): Seen => ({ is: 'break', monoMs: ms, why: 'camera-lost' })),
  );
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 60 }), (steps) => {
      let monoMs = 0;
      const timed = steps.map((each): Seen => {
        monoMs += each.monoMs;
        return each.is === 'picture' ? { ...each, monoMs, sinceMonoMs: monoMs } : { ...each, monoMs };
      });
      const { actions } = run([...timed, { is: 'break', monoMs: monoMs + 1, why: 'stop' }]);
      const edges = actions.filter((action) => action.do !== 'update');
      for (const [at, action] of edges.entries()) assert.is(action.do, at % 2 === 0 ? 'open' : 'close');
      assert.is(edges.length % 2, 0);
      const ids = edges.filter((action) => action.do === 'open').map((action) => action.event.id);
      assert.is(new Set(ids).size, ids.length);
    }),
  );
});

test.run();
