import { test } from 'uvu';
import { skipWhen } from '../../support/skip.ts';

test('holds', () => undefined);
skipWhen('no camera here')(test)('sees', () => undefined);
test.run();
