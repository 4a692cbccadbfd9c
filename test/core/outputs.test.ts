// Status lamp, infrared lamp, siren: what they do, and the limits nothing may pass.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readHours } from '../../agent/core/config/hours.ts';
import { type Infrared, infraredAtStart, infraredStep, isLit } from '../../agent/core/infrared.ts';
import { ledMeaning, ledMeanings, ledPatterns, ledUpdate } from '../../agent/core/led.ts';
import { type Sounder, type SounderSeen, sounderAtStart, sounderStep } from '../../agent/core/sounder.ts';

const test = suite('core/outputs');
const well = { starting: false, faults: [], online: true, eventOn: false };

test('the lamp shows the gravest of what holds', () => {
  assert.is(ledMeaning(well), 'well');
  assert.is(ledMeaning({ ...well, online: false }), 'offline');
  assert.is(ledMeaning({ ...well, online: false, faults: ['board-hot'] }), 'warned');
  assert.is(ledMeaning({ ...well, faults: ['board-hot'], eventOn: true }), 'watching');
  assert.is(ledMeaning({ ...well, starting: true }), 'starting');
  assert.is(ledMeaning({ ...well, starting: true, eventOn: true, faults: ['board-hot', 'camera-absent'] }), 'broken');
  assert.is(ledMeaning({ ...well, faults: ['card-full'] }), 'broken');
  assert.is(ledMeaning({ ...well, faults: ['camera-absent'], update: ledUpdate('accepted', '') }), 'update-accepted');
  assert.is(ledMeaning({ ...well, update: ledUpdate('refused', 'unsigned') }), 'update-unsigned');
  assert.is(ledMeaning({ ...well, update: ledUpdate('refused', 'something new') }), 'update-refused');
});

test('no two patterns look alike, and each comes round within three seconds', () => {
  const all = ledMeanings.map((meaning) => ledPatterns[meaning].join());
  assert.is(new Set(all).size, all.length);
  for (const meaning of ledMeanings) assert.ok(ledPatterns[meaning].reduce((sum, ms) => sum + ms, 0) <= 3000, meaning);
});

const spans = (() => {
  const read = readHours('18:00-05:30');
  if (!read.ok) throw new Error('hours');
  return read.spans;
})();
const dark = { when: 'dark', darkLevel: 45, spans } as const;

/** A minute for each brightness of the street, to which the lamp adds its own; the state after each minute. */
function nights(levels: readonly number[], rules: Parameters<typeof infraredStep>[2] = dark): boolean[] {
  let state: Infrared = infraredAtStart;
  return levels.map((street, minute) => {
    for (let second = 0; second < 60; second++) {
      const brightness = street + (isLit(state) ? 50 : 0);
      state = infraredStep(state, { monoMs: (minute * 60 + second) * 1000, wallMs: null, brightness }, rules);
    }
    return isLit(state);
  });
}

test('the infrared lamp lights when it gets dark, is not put out by its own light, and goes out at dawn', () => {
  assert.equal(nights([100, 46, 44, 30, 10, 48, 60, 120]), [false, false, true, true, true, true, false, false]);
});

test('headlights of half a minute less a second do not put it out, nor does a short shadow light it', () => {
  let state: Infrared = infraredAtStart;
  const see = (second: number, brightness: number) => {
    state = infraredStep(state, { monoMs: second * 1000, wallMs: null, brightness }, dark);
    return isLit(state);
  };
  for (let second = 0; second < 30; second++) assert.is(see(second, 10), false, `second ${second}`);
  assert.is(see(30, 80), false);
  for (let second = 31; second < 61; second++) see(second, 10);
  assert.is(see(61, 10), true);
  for (let second = 62; second < 90; second++) see(second, 60);
  for (let second = 90; second < 119; second++) assert.is(see(second, 200), true, `second ${second}`);
  assert.is(see(119, 60), true);
});

test('by hours it burns within them, and by the picture while there is no clock', () => {
  const hours = { ...dark, when: 'hours' } as const;
  const at = (hour: number) => Date.UTC(2026, 10, 22, hour - 7);
  const lit = (wallMs: number | null) =>
    isLit(infraredStep(infraredAtStart, { monoMs: 0, wallMs, brightness: 200 }, hours));
  assert.equal([lit(at(17)), lit(at(18)), lit(at(29)), lit(at(30)), lit(null)], [false, true, true, false, false]);
  assert.is(nights([10, 10], hours).at(-1), true);
});

const rules = { msMax: 60_000 };
function run(all: readonly SounderSeen[]): string[] {
  let state: Sounder = sounderAtStart;
  return all.map((seen) => {
    state = sounderStep(state, seen, rules);
    return state.name;
  });
}

test('an alarm sounds to the limit, then rests as long, and a command does not wait for the rest', () => {
  assert.equal(
    run([
      { is: 'alarm', monoMs: 0 },
      { is: 'tick', monoMs: 59_999 },
      { is: 'tick', monoMs: 60_000 },
      { is: 'alarm', monoMs: 119_999 },
      { is: 'on', monoMs: 119_999, forMs: 5000 },
      { is: 'off', monoMs: 121_000 },
      { is: 'alarm', monoMs: 121_000 },
    ]),
    ['sounding', 'sounding', 'silent', 'silent', 'sounding', 'silent', 'sounding'],
  );
});

test('whatever is asked for, it never sounds longer than its limit in one piece', () => {
  const seed = Date.now() & 0xffff;
  const happening = fc.tuple(
    fc.constantFrom('alarm', 'on', 'off'),
    fc.integer({ min: 0, max: 50_000 }),
    fc.integer({ min: -5, max: 1_000_000 }),
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happened) => {
      let state: Sounder = sounderAtStart;
      let monoMs = 0;
      let since: number | undefined;
      const see = (seen: SounderSeen) => {
        state = sounderStep(state, seen, rules);
        if (state.name === 'sounding') since ??= seen.monoMs;
        else since = undefined;
        if (since !== undefined) assert.ok(seen.monoMs - since < rules.msMax + 1000, `seed ${seed}`);
      };
      for (const [what, passedMs, forMs] of happened) {
        for (const until = monoMs + passedMs; monoMs < until; monoMs += 1000) see({ is: 'tick', monoMs });
        if (what === 'on') see({ is: 'on', monoMs, forMs });
        else see({ is: what === 'alarm' ? 'alarm' : 'off', monoMs });
      }
    }),
    { seed },
  );
});

test.run();
