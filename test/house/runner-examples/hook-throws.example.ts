import { test } from 'uvu';

test.before(() => {
  throw new Error('the hook broke');
});
test('never reached', () => undefined);
test.run();
