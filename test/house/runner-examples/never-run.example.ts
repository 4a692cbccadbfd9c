import { test } from 'uvu';

test('registered, and .run() forgotten', () => undefined);
