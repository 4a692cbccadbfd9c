import { request } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/until.ts';
import { makeStill } from './films.ts';
import { type OneNode, withOneNode } from './village.ts';

const test = suite<OneNode>('web');
withOneNode(test);

/** fetch() sets Host itself; this does not. */
const statusFor = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });

test('every answer carries a strict policy, and nothing that happened is kept by the browser', async ({ running }) => {
  for (const path of ['', 'page/main.js', 'lib/preact.js', 'api/nodes', 'nothing']) {
    const isPage = /^(?:|page\/.*|lib\/.*)$/.test(path);
    const { headers } = await running.get(path);
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/);
    assert.not.match(headers.get('content-security-policy') ?? '', /unsafe/);
    assert.is(headers.get('cache-control'), isPage ? 'no-cache' : 'no-store');
    assert.is(headers.get('x-content-type-options'), 'nosniff');
  }
});

test('only what is named is served', async ({ running }) => {
  for (const path of [
    'page/../run.ts',
    'page/%2e%2e/run.ts',
    'lib/hono.js',
    'page/page.html',
    'package.json',
    'api/still/a/b/c',
  ]) {
    assert.is((await running.get(path)).status, 404, path);
  }
});

test('the page comes packed, and not again while it is the same', async ({ running }) => {
  const ask = (headers: Record<string, string>) => running.get('page/main.js', { headers });
  const [packed, plain] = [await ask({ 'accept-encoding': 'gzip' }), await ask({ 'accept-encoding': 'identity' })];
  assert.equal([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')], ['gzip', null]);
  assert.is(await packed.text(), await plain.text());
  const etag = plain.headers.get('etag') ?? '';
  const again = await ask({ 'if-none-match': etag });
  assert.equal([again.status, await again.text()], [304, '']);
  assert.is((await ask({ 'if-none-match': '"another"' })).status, 200);
});

test('a name that is not ours is not answered', async ({ running }) => {
  const { port } = new URL(running.hub.url);
  assert.is(await statusFor(running.hub.url, `localhost:${port}`), 200);
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1'])
    assert.is(await statusFor(running.hub.url, host), 421);
});

test('events come in pages, newest first, none twice and none left out', async ({ running, node }) => {
  for (let count = 0; count < 25; count++) {
    // Several within one millisecond. Both clocks agree: a start that contradicts itself is re-timed, in the midst of our reading too.
    const monoMs = Math.floor(count / 4);
    const time = {
      monoMs,
      wallMs: 1_700_000_000_000 + monoMs,
      clock: 'ntp',
      errorMs: 1,
    } as const;
    await node.deliver(await node.event(`e${count}`, 'new', {}, { time }));
  }
  const seen: { id: string; atMs: number }[] = [];
  let before: string | null = '';
  while (before !== null) {
    const query: string = before === '' ? 'limit=7' : `limit=7&before=${before}`;
    const answer: { events: { id: string; atMs: number }[]; next: string | null } = await (
      await running.get(`api/events?${query}`)
    ).json();
    seen.push(...answer.events);
    before = answer.next;
  }
  assert.is(new Set(seen.map(({ id }) => id)).size, 25);
  assert.is(seen.length, 25);
  assert.equal(
    seen.map(({ atMs }) => atMs),
    seen.map(({ atMs }) => atMs).sort((a, b) => b - a),
  );
  assert.is((await running.get(`api/events?before=rubbish`)).status, 400);
});

test('a long list comes packed to who takes that, and the same; a short answer and the secret of a session never do', async ({
  running,
}) => {
  const ask = (path: string, coding: string) => running.get(path, { headers: { 'accept-encoding': coding } });
  const [packed, plain] = [await ask('api/events', 'gzip'), await ask('api/events', 'identity')];
  assert.equal([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')], ['gzip', null]);
  assert.match(packed.headers.get('vary') ?? '', 'accept-encoding');
  assert.match(packed.headers.get('content-type') ?? '', 'application/json');
  assert.is(packed.headers.get('cache-control'), 'no-store');
  assert.is(await packed.text(), await plain.text());
  // The page's own files come packed once.
  assert.ok(typeof (await (await ask('page/faults.json', 'gzip')).json()) === 'object');
  const known = (await ask('page/faults.json', 'gzip')).headers.get('etag') ?? '';
  const headers = { 'accept-encoding': 'gzip', 'if-none-match': known };
  assert.is((await running.get('page/faults.json', { headers })).status, 304);
  for (const path of ['api/me', 'api/events?limit=1', 'api/events?before=rubbish'])
    assert.is((await ask(path, 'gzip')).headers.get('content-encoding'), null, path);
});

test('a still comes unsealed, as it was taken', async ({ running, node }) => {
  const jpeg = await makeStill();
  const made = await node.record({ kind: 'still', of: { event: 'e0', part: 0, why: 'event' } }, jpeg, 'image/jpeg');
  await node.deliver(made);
  const answer = await running.get(`api/still/mat-01/${made.boot}/${made.number}.jpg`);
  assert.is(answer.headers.get('content-type'), 'image/jpeg');
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(jpeg));
});

test('the stream tells of an event within half a second; too many pages are turned away', async ({ running, node }) => {
  const stop = new AbortController();
  const answer = await running.get(`api/events/stream`, { signal: stop.signal });
  let heard = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const piece of answer.body ?? []) heard += decoder.decode(piece);
  })().catch(() => undefined);
  await until('hello', () => heard.includes('event: hello'));
  await node.deliver(await node.event('live', 'new'));
  await until('the event', () => heard.includes('"id":"live"'), 500);
  const others = await Promise.all(
    Array.from({ length: 63 }, () => running.get(`api/events/stream`, { signal: stop.signal })),
  );
  assert.ok(others.every(({ status }) => status === 200));
  assert.is((await running.get(`api/events/stream`)).status, 503);
  stop.abort();
  await reading;
  await until('room again', async () => {
    const again = new AbortController();
    const { status } = await running.get(`api/events/stream`, { signal: again.signal });
    again.abort();
    return status === 200;
  });
});

test.run();
