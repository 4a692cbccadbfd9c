// A release goes to a commune ring by ring: who is told when, what holds it up, what stops it.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { NodeRow } from '../../hub/catalog-read.ts';
import { nodesSeen } from '../../hub/rollout/drive.ts';
import {
  answered,
  beginWave,
  goOn,
  type NodeSeen,
  rings,
  rollBacksMax,
  step,
  stop,
  type Wave,
} from '../../hub/rollout/wave.ts';

const test = suite('hub/rollout');
const quietMs = 3_600_000;
const minuteMs = 60_000;

/** Nodes that do what they are told, save those named; the clock moves by hand. */
function commune(count: number, planned: Partial<Parameters<typeof beginWave>[1]> = {}) {
  const nodes = new Map<string, NodeSeen>(
    Array.from({ length: count }, (_, at) => {
      const node = `mat-${String(at + 1).padStart(3, '0')}`;
      return [node, { node, online: true, release: '1.0.0', isKept: true, back: null, refused: null }];
    }),
  );
  const seen = () => [...nodes.values()];
  const at = { ms: 1_000_000_000 };
  let wave: Wave = beginWave(
    { release: '2.0.0', quietMs },
    { bench: [], canary: undefined, ...planned },
    seen(),
    (node) => node,
    at.ms,
  );
  const put = (node: string, more: Partial<NodeSeen>) => {
    const before = nodes.get(node);
    assert.ok(before, node);
    nodes.set(node, { ...before, ...more });
  };
  return {
    put,
    wave: () => wave,
    change: (to: Wave) => {
      wave = to;
    },
    remove: (node: string) => nodes.delete(node),
    add: (node: string) =>
      nodes.set(node, { node, online: true, release: '1.0.0', isKept: true, back: null, refused: null }),
    /** One look, after so long; who was told. */
    look: (afterMs = minuteMs): readonly string[] => {
      at.ms += afterMs;
      const next = step(wave, seen(), at.ms);
      wave = next.wave;
      for (const node of next.tell) wave = answered(wave, node, { is: 'told', text: '' }, at.ms);
      return next.tell;
    },
    answer: (node: string, is: 'told' | 'refused' | 'not-reached', text = '') => {
      wave = answered(wave, node, { is, text }, at.ms);
    },
    proves: (...names: readonly string[]) => {
      for (const name of names) put(name, { release: '2.0.0', isKept: true });
    },
    goesBack: (name: string, why = 'no camera') => put(name, { back: { release: '2.0.0', why } }),
    standing: (name: string) => wave.nodes.find(({ node }) => node === name)?.standing,
  };
}

test('bench, one canary, a tenth, the rest: each after the one before has proven itself and an hour has passed', () => {
  const { look, proves, wave } = commune(31, { bench: ['mat-031'], canary: 'mat-005' });
  assert.equal(look(), ['mat-031']);
  assert.equal(look(), [], 'told once');
  proves('mat-031');
  assert.equal(look(), []);
  assert.equal(look(quietMs - 1), [], 'not yet quiet for long enough');
  assert.equal(look(1), ['mat-005']);
  assert.is(wave().ring, 'canary');
  proves('mat-005');
  look();
  const tenth = look(quietMs);
  assert.equal(tenth, ['mat-001', 'mat-002', 'mat-003', 'mat-004'], 'a tenth of 31, rounded up');
  proves(...tenth);
  look();
  const rest = look(quietMs);
  assert.is(rest.length, 25);
  proves(...rest);
  look();
  assert.is(wave().is, 'done');
});

test('a node that still tries is waited for, and so is one that can be told but cannot do it', () => {
  const { look, put, answer, wave, standing } = commune(10);
  assert.equal(look(), ['mat-001']);
  put('mat-001', { release: '2.0.0', isKept: false });
  look(quietMs * 30);
  assert.equal([wave().ring, standing('mat-001')], ['canary', 'told']);
  answer('mat-001', 'refused', 'the card is full');
  look();
  assert.equal([wave().ring, standing('mat-001')], ['canary', 'refused']);
  assert.is(wave().nodes.find(({ node }) => node === 'mat-001')?.text, 'the card is full');
  assert.equal(look(quietMs), ['mat-001'], 'it is told again an hour later');
});

test('a node keeps what its recorder says that it runs and keeps, in the words of that release; silence is no proof', () => {
  const kept = (release: string, vitals: object | null): boolean | undefined => {
    const row = { node: 'mat-001', title: '', state: 'online', since_ms: 1, release, heard_ms: 1 } as const;
    const rows: NodeRow[] = [{ ...row, vitals: vitals === null ? null : JSON.stringify(vitals) }];
    return nodesSeen(['mat-001'], rows)[0]?.isKept;
  };
  const update = { onTrial: false, back: null };
  assert.is(kept('2.0.0', { release: '2.0.0', update }), true);
  assert.is(kept('2.0.0', { release: '2.0.0', update: { ...update, onTrial: true } }), false);
  assert.is(kept('2.0.0', { release: '1.0.0', update }), false, 'the new uplink is there, the new recorder is not');
  assert.is(kept('2.0.0', { update }), false, 'the last word of a release that did not name itself');
  assert.is(kept('2.0.0', { release: '2.0.0', update: {} }), false);
  assert.is(kept('2.0.0', { release: '2.0.0' }), false, 'its launcher could not be asked');
  assert.is(kept('2.0.0', null), false);
});

test('a node that could not install it says why, is told again, and is proven once it could', () => {
  const { look, put, proves, wave, standing } = commune(10);
  look();
  put('mat-001', { refused: { release: '1.9.0', why: 'damaged' } });
  look();
  assert.is(standing('mat-001'), 'told', 'that was another release');
  put('mat-001', { refused: { release: '2.0.0', why: 'no-room' } });
  look();
  assert.equal(
    [standing('mat-001'), wave().nodes.find(({ node }) => node === 'mat-001')?.text],
    ['refused', 'no-room'],
  );
  assert.equal(look(quietMs), ['mat-001']);
  proves('mat-001');
  look();
  assert.is(standing('mat-001'), 'proven');
});

test('one roll-back keeps the next ring shut until a technician has looked into it', () => {
  const { look, goesBack, proves, wave, change, standing } = commune(40);
  look();
  proves('mat-001');
  look();
  const tenth = look(quietMs);
  goesBack('mat-002', 'self-test: no frame');
  proves(...tenth.filter((node) => node !== 'mat-002'));
  look();
  look(quietMs * 100);
  assert.equal([wave().ring, wave().is, standing('mat-002')], ['tenth', 'going', 'rolled-back']);
  change(goOn(wave()));
  const rest = look();
  assert.is(wave().ring, 'rest');
  assert.ok(rest.length > 30 && !rest.includes('mat-002'), 'what went back is not told again');
});

test('the second roll-back stops the wave for good, and nobody is told any more', () => {
  const { look, goesBack, proves, wave, change } = commune(40);
  look();
  proves('mat-001');
  look();
  const [first = '', second = ''] = look(quietMs);
  goesBack(first);
  look();
  change(goOn(wave()));
  goesBack(second);
  assert.equal(look(), []);
  assert.equal([wave().is, wave().why], ['stopped', `rolled back: ${first}, ${second}`]);
  assert.equal(look(quietMs * 1000), []);
});

test('a release that a node kept, and went back from later, counts as a roll-back', () => {
  const { look, proves, put, standing } = commune(5);
  look();
  proves('mat-001');
  look();
  assert.is(standing('mat-001'), 'proven');
  put('mat-001', { release: '1.0.0', back: { release: '2.0.0', why: 'no receipt' } });
  look();
  assert.is(standing('mat-001'), 'rolled-back');
});

test('a roll-back from another release long ago is none of this one', () => {
  const { look, put, standing } = commune(5);
  put('mat-001', { back: { release: '1.9.0', why: 'x' } });
  look();
  assert.is(standing('mat-001'), 'told');
});

test('nodes without a link do not hold the others up, while half have proven it; they are told when they come', () => {
  const { look, proves, put, wave, standing } = commune(60);
  look();
  proves('mat-001');
  look();
  for (const node of ['mat-003', 'mat-004', 'mat-005', 'mat-006']) put(node, { online: false });
  assert.equal(look(quietMs), ['mat-002', 'mat-007']);
  proves('mat-002', 'mat-007');
  look();
  look(quietMs * 10);
  assert.is(wave().ring, 'tenth', 'two of six is not enough');
  put('mat-006', { online: true });
  assert.equal(look(), ['mat-006']);
  proves('mat-006');
  look();
  look(quietMs);
  assert.is(wave().ring, 'rest');
  assert.is(standing('mat-003'), 'due');
  put('mat-003', { online: true });
  assert.equal(look(), ['mat-003']);
});

test('a node that cannot be reached is tried at each look', () => {
  const { answer, wave } = commune(3);
  const seen: NodeSeen[] = [
    { node: 'mat-001', online: true, release: '1.0.0', isKept: true, back: null, refused: null },
  ];
  const first = step(wave(), seen, 1);
  assert.equal(first.tell, ['mat-001']);
  answer('mat-001', 'not-reached');
  assert.equal(step(first.wave, seen, 2).tell, ['mat-001']);
});

test('who comes new is in the last ring; who was withdrawn is waited for no longer', () => {
  const { look, proves, add, remove, wave, standing } = commune(3);
  look();
  add('mat-009');
  look();
  assert.is(standing('mat-009'), 'waiting');
  remove('mat-002');
  proves('mat-001', 'mat-003', 'mat-009');
  look();
  for (let at = 0; at < 6; at++) look(quietMs);
  assert.is(wave().is, 'done');
});

test('a technician stops a wave, and what is over cannot be stopped again', () => {
  const { look, wave, change } = commune(3);
  change(stop(wave(), 'wrong week'));
  assert.equal(look(), []);
  assert.is(stop(wave(), 'again').why, 'wrong week');
});

test('whatever nodes do: nobody is told before its ring is open, or after two roll-backs, and rings open one at a time after their quiet', () => {
  const seed = Date.now() & 0xffff;
  const names = Array.from({ length: 12 }, (_, at) => `n${at}`);
  const act = fc.record({
    node: fc.constantFrom(...names),
    does: fc.constantFrom('prove', 'try', 'back', 'leave', 'come', 'refuse', 'nothing'),
    afterMs: fc.constantFrom(0, 1000, quietMs / 2, quietMs),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const nodes = new Map<string, NodeSeen>(
        names.map((node) => [node, { node, online: true, release: '1', isKept: true, back: null, refused: null }]),
      );
      let ms = 0;
      let wave = beginWave(
        { release: '2', quietMs },
        { bench: ['n11'], canary: undefined },
        [...nodes.values()],
        (node) => node,
        ms,
      );
      let openedMs = 0;
      for (const { node, does, afterMs } of acts) {
        ms += afterMs;
        const before = nodes.get(node) as NodeSeen;
        if (does === 'prove') nodes.set(node, { ...before, release: '2', isKept: true });
        if (does === 'try') nodes.set(node, { ...before, release: '2', isKept: false });
        if (does === 'back') nodes.set(node, { ...before, release: '1', back: { release: '2', why: 'x' } });
        if (does === 'leave' || does === 'come') nodes.set(node, { ...before, online: does === 'come' });
        if (does === 'refuse') wave = answered(wave, node, { is: 'refused', text: 'no' }, ms);
        const next = step(wave, [...nodes.values()], ms);
        const [was, is] = [rings.indexOf(wave.ring), rings.indexOf(next.wave.ring)];
        assert.ok(is === was || is === was + 1, `seed ${seed}: rings open one at a time`);
        if (is > was) {
          assert.ok(ms - openedMs >= quietMs, `seed ${seed}: ring opened after ${ms - openedMs} ms`);
          openedMs = ms;
        }
        wave = next.wave;
        const backs = wave.nodes.filter(({ standing }) => standing === 'rolled-back').length;
        if (backs >= rollBacksMax) assert.is(wave.is, 'stopped', `seed ${seed}`);
        if (wave.is !== 'going') assert.equal(next.tell, [], `seed ${seed}`);
        for (const name of next.tell) {
          const found = wave.nodes.find((one) => one.node === name);
          assert.ok(found && rings.indexOf(found.ring) <= rings.indexOf(wave.ring), `seed ${seed}: ${name}`);
          assert.ok(found.standing !== 'proven' && found.standing !== 'rolled-back', `seed ${seed}`);
          wave = answered(wave, name, { is: 'told', text: '' }, ms);
        }
      }
    }),
    { seed },
  );
});

test.run();
