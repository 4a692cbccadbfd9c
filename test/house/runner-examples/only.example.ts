import { test } from 'uvu';

test.only('the one in work', () => undefined);
test('forgotten beside it', () => undefined);
test.run();
