// The page for the commune's other machines: TLS by the commune's own CA, or not at all.
import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSessions } from '../../hub/desk/sessions.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import type { RunningHub } from '../../hub/run.ts';
import { trustPaths } from '../../hub/trust/files.ts';
import { type Commune, foundCommune } from '../support/commune.ts';
import { makeVillage } from './village.ts';

const test = suite<{ found: Commune; hub: RunningHub; ca: string; port: number }>('tls');
test.before(async (context) => {
  context.found = await foundCommune('embedded');
  context.hub = (await context.found.start()).hub;
  context.ca = await readFile(trustPaths(context.found.config.trustDir).caCertificate, 'utf8');
  context.port = Number(new URL(context.hub.page.tlsUrl ?? '').port);
});
test.after(({ found }) => found.remove());

const failure = (work: Promise<unknown>): Promise<string> => work.then(() => '', String);

/** `now`: its dates count. */
const shown = (port: number, ca: string | undefined, now = true): Promise<PeerCertificate> =>
  new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { port, host: '127.0.0.1', ...(ca === undefined ? {} : { ca }), rejectUnauthorized: now },
      () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });

test('the page comes by TLS, for who trusts the CA of the commune', async ({ hub, ca, port }) => {
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    get(hub.page.tlsUrl ?? '', { ca }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  assert.is(answer, 200);
  assert.match(await failure(shown(port, undefined)), /certificate/);
});

test('in clear nothing answers there, and the other port stays on this machine', async ({ hub, port }) => {
  assert.match(await failure(fetch(`http://127.0.0.1:${port}/`)), /fetch failed/);
  assert.is(new URL(hub.url).hostname, '127.0.0.1');
});

test('a session that began by TLS is never sent in clear', async ({ found, hub, ca }) => {
  const store = openDeskStore(found.config.dataDir);
  store.run(`INSERT INTO account VALUES ('an', 'An', 'officer', '!', 0, 0, 0)`);
  const link = () => openSessions(store, Date.now).makeLink('an', { tv: false, uses: 1, untilMs: Date.now() + 60_000 });
  const tokens = [link(), link()];
  store.close();
  const cookieOf = (url: string, token = '') =>
    new Promise<string>((resolve, reject) => {
      const body = JSON.stringify({ token });
      const secure = url.startsWith('https:');
      const send = secure ? import('node:https') : import('node:http');
      send.then(({ request }) => {
        const asked = request(`${url}api/sign-in/link`, {
          method: 'POST',
          ca,
          headers: { 'content-type': 'application/json' },
        });
        asked.on('response', (response) => resolve(response.resume().headers['set-cookie']?.[0] ?? ''));
        asked.on('error', reject);
        asked.end(body);
      }, reject);
    });
  assert.match(await cookieOf(hub.page.tlsUrl ?? '', tokens[0]), /; Secure/);
  assert.not.match(await cookieOf(hub.url, tokens[1]), /; Secure/);
});

test('its certificate is replaced by itself at two thirds of its life, while it runs', async ({ hub, ca, port }) => {
  const before = await shown(port, ca);
  const days = 86_400_000;
  await hub.page.renew(Date.now() + 50 * days);
  assert.is((await shown(port, ca)).serialNumber, before.serialNumber);
  await hub.page.renew(Date.now() + 62 * days);
  // Of the days to come: to this clock not valid yet.
  const after = await shown(port, ca, false);
  assert.is.not(after.serialNumber, before.serialNumber);
  assert.ok(Date.parse(after.valid_to) > Date.parse(before.valid_to) + 50 * days);
});

test('without a CA the page does not go out: the hub says so and does not start', async () => {
  const village = await makeVillage({ pageListen: { port: 0 } });
  assert.match(await failure(village.start()), /pageListen must wait until `matlang hub init`/);
  await village.remove();
});

test.run();
