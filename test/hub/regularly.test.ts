import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { regularly } from '../../hub/regularly.ts';
import { until } from '../support/until.ts';

const never = 3_600_000;
const unheard = (error: unknown) => {
  throw error;
};

test('who asks while a run is under way has the same; the next asks anew', async () => {
  const runs: PromiseWithResolvers<number>[] = [];
  const turns = regularly(
    () => {
      const run = Promise.withResolvers<number>();
      runs.push(run);
      return run.promise;
    },
    never,
    unheard,
  );
  const both = Promise.all([turns.now(), turns.now()]);
  runs[0]?.resolve(1);
  assert.equal(await both, [1, 1]);
  const later = turns.now();
  runs[1]?.resolve(2);
  assert.is(await later, 2);
  assert.is(runs.length, 2);
  await turns.close();
});

test('a run that fails is told and tried again at the next turn; closed, there is none', async () => {
  const told: string[] = [];
  const turns = regularly(
    () => Promise.reject(new Error('no')),
    1,
    (error) => told.push(String(error)),
  );
  await until('two turns', () => told.length >= 2);
  await turns.close();
  const before = told.length;
  await new Promise((done) => setTimeout(done, 20));
  assert.is(told.length, before);
  await turns.now().then(
    () => assert.unreachable(),
    (error: unknown) => assert.match(String(error), 'no'),
  );
});

test('closing waits for the run that is under way', async () => {
  const run = Promise.withResolvers<void>();
  const turns = regularly(() => run.promise, never, unheard);
  void turns.quietly();
  const order: string[] = [];
  const closed = turns.close().then(() => order.push('closed'));
  await new Promise((done) => setImmediate(done));
  order.push('done');
  run.resolve();
  await closed;
  assert.equal(order, ['done', 'closed']);
});

test.run();
