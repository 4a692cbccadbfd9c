import { test } from 'uvu';

test('waits for ever', () => new Promise((resolve) => setTimeout(resolve, 1_000_000)));
test.run();
