import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('holds', () => undefined);
test('does not hold', () => assert.is(1, 2));
test.run();
