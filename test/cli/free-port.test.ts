import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../../cli/free-port.ts';

const test = suite('free port');

test('no port is given twice, also while nobody has bound it yet', async () => {
  const given: number[] = [];
  // Of 28,000 ports the kernel gives one of 700 twice nearly for certain.
  for (let n = 0; n < 700; n++) given.push(await freePort());
  assert.is(new Set(given).size, given.length);
});

test.run();
