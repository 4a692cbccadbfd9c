// The name server is gone, the hub is not: it is dialled where it was last.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dial } from '../../agent/dial.ts';
import { openLookup, type Resolve } from '../../agent/lookup.ts';

const hub = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
await once(hub, 'listening');
const { port } = hub.address() as AddressInfo;
test.after(() => void hub.close());

const at = (address: string) => ({ addresses: [{ address, family: 4 }] });
const gone = { error: Object.assign(new Error('getaddrinfo EAI_AGAIN hub.lang'), { code: 'EAI_AGAIN' }) };
const waitMs = 50;

/** What answers is set from outside. */
function nameServer() {
  const waiting: ((found: Awaited<ReturnType<Resolve>>) => void)[] = [];
  return {
    waiting,
    lookup: openLookup(() => new Promise((done) => void waiting.push(done)), waitMs),
  };
}

/** The address that was reached, or the error's code. */
const reach = (lookup: LookupFunction, autoSelectFamily: boolean): Promise<string> =>
  new Promise((done) => {
    const socket = connect({ host: 'hub.lang', port, lookup, autoSelectFamily });
    socket.once('connect', () => done(socket.remoteAddress ?? ''));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? ''));
    socket.once('close', () => socket.destroy());
  });

for (const family of [true, false]) {
  const way = family ? 'of all addresses' : 'of the first address';
  test(`a name that was found once is reached without a name server: ${way}`, async () => {
    const { lookup, waiting } = nameServer();
    const first = reach(lookup, family);
    waiting.shift()?.(at('127.0.0.1'));
    assert.is(await first, '127.0.0.1');
    const refused = reach(lookup, family);
    waiting.shift()?.(gone);
    assert.is(await refused, '127.0.0.1');
  });
}

test('a name server that does not answer is not waited for, and is asked once however often somebody dials', async () => {
  const { lookup, waiting } = nameServer();
  const first = reach(lookup, true);
  waiting.shift()?.(at('127.0.0.1'));
  await first;
  const startMs = performance.now();
  for (let n = 0; n < 3; n++) assert.is(await reach(lookup, true), '127.0.0.1');
  assert.ok(performance.now() - startMs >= 3 * waitMs - 5, 'it was given its time');
  assert.is(waiting.length, 1);
  // It comes back, and the hub has moved.
  waiting.shift()?.(at('127.0.0.9'));
  const moved = reach(lookup, true);
  waiting.shift()?.(gone);
  assert.is(await moved, 'ECONNREFUSED', 'the newest address is the one that is tried');
});

test('a name that never was found is told as such', async () => {
  const { lookup, waiting } = nameServer();
  const never = reach(lookup, true);
  waiting.shift()?.(gone);
  assert.is(await never, 'EAI_AGAIN');
});

test('a real look-up of a name that nobody has ends in words, not in an exception', async () => {
  const dialled = await dial({ host: 'khong-co.invalid', port }, undefined, new AbortController().signal);
  assert.ok(!dialled.ok);
  assert.match(dialled.text, /ENOTFOUND|EAI_AGAIN|no answer in/);
});

test.run();
