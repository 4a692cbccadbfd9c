import { test } from 'uvu';

test('holds', () => undefined);
test.skip('no reason given', () => undefined);
test.run();
