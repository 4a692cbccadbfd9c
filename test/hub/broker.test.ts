import { connectAsync } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBroker } from '../../hub/broker.ts';
import { until } from '../support/until.ts';

const test = suite('embedded broker');

test('nodes are let in when the hub listens, not before, so that nothing is acknowledged that nobody hears', async () => {
  const broker = await openBroker(
    { host: '127.0.0.1', port: 0, commune: 'xa-thu', trust: undefined, refused: () => undefined },
    () => undefined,
  );
  const states: string[] = [];
  const node = connectAsync(broker.url, { clientId: 'node', protocolVersion: 4 }).then((client) => {
    states.push('node in');
    return client;
  });
  const hub = await connectAsync(broker.url, { clientId: broker.ownClientId, protocolVersion: 4 });
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(states, []);
  broker.letNodesIn();
  await until('the node to be let in', () => states.length === 1);
  for (const client of [await node, hub]) await client.endAsync(true);
  await broker.close();
});

test.run();
