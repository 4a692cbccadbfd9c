// The same film must give the same events on every machine: the filter may use only arithmetic whose bits are the same everywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decay, lengthOf } from '../../agent/core/motion/exact.ts';

const test = suite('core/motion exact');
const core = join(import.meta.dirname, '../../agent/core');
/** ECMA-262 leaves these to the engine; `Math.sqrt` and rounding are exact. */
const inexact =
  /Math\.(?:a?sinh?|a?cosh?|a?tanh?|atan2|cbrt|exp|expm1|hypot|log|log1p|log2|log10|pow|random)\b|\w\)? \*\* (?!\d+;)/;

test('the filter uses no arithmetic that engines may round differently', () => {
  const files = ['motion', 'trace', 'tamper'].flatMap((room) =>
    readdirSync(join(core, room)).map((name) => join(core, room, name)),
  );
  assert.ok(files.length > 20);
  for (const file of [...files, join(core, 'events.ts')]) {
    const code = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\*|\/\*)/.test(line) && !/\b(?:10|2) \*\* /.test(line));
    for (const line of code) assert.not.match(line, inexact, `${file}: ${line.trim()}`);
  }
});

test('decay is e to the minus of it', () => {
  const seed = Date.now() & 0x7fffffff;
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 800, noNaN: true }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (far, near) => {
        for (const times of [far, near])
          assert.ok(Math.abs(decay(times) - Math.exp(-times)) <= 1e-9 * Math.exp(-times) + 1e-300, `${times}`);
      },
    ),
    { seed },
  );
  assert.equal([decay(0), decay(1e9)], [1, 0]);
  assert.is(lengthOf(3, -4), 5);
});

test('its bits are known', () => {
  // From another machine's run: a change here changes what films give.
  assert.equal(
    [0.05, 0.35 / 6, 2, 7.5].map(decay).map((value) => value.toString()),
    known,
  );
});
const known = ['0.9512294245007067', '0.9433354498734706', '0.13533528323645316', '0.0005530843701461664'];

test.run();
