// Who gets in, and who may do what once inside.
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addAccount, setDisabled } from '../../hub/desk/accounts.ts';
import { lockRules, openLockout } from '../../hub/desk/lockout.ts';
import { faultOfPassword } from '../../hub/desk/passwords.ts';
import { roles } from '../../hub/desk/roles.ts';
import { openSessions, sessionRules } from '../../hub/desk/sessions.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { limits } from '../../hub/limits.ts';
import { cookieName, pace } from '../../hub/web/access.ts';
import { root } from '../../protocol/topics.ts';
import { skipWhen } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { commune, type OneNode, type Running, signIn, withOneNode } from './village.ts';

const test = suite<OneNode>('door');
withOneNode(test);

const json = { 'content-type': 'application/json' };
const post = ({ hub }: Running, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${hub.url}${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

/**
 * o officer, c chief, t technician, a admin, u authority, v the TV, r a chief's desk that rests: who is let through.
 * Everybody else gets 403, also whoever has to change a first password (m), and a stranger 401.
 */
const table: readonly (readonly ['GET' | 'POST', string, string])[] = [
  ['GET', 'api/nodes', 'octavr'],
  ['GET', 'api/points', 'octavr'],
  ['GET', 'api/queue', 'octavr'],
  ['GET', 'api/events', 'octv'],
  ['GET', 'api/events/stream', 'octavr'],
  ['GET', 'api/find', 'octv'],
  ['GET', 'api/day/mat-01?day=2026-11-28', 'octv'],
  ['GET', 'api/still/mat-01/000001.00000000/1.jpg', 'octv'],
  ['GET', 'api/clip/mat-01/000001.00000000/1.mp4', 'oc'],
  ['GET', 'api/pictures/mat-01/000001.00000000/1?around=0', 'oc'],
  ['GET', 'api/report?month=2026-11', 'octau'],
  ['GET', 'api/plan', 'octavr'],
  ['POST', 'api/plan', 'cta'],
  ['POST', 'api/acks', 'oc'],
  ['POST', 'api/points/mat-01', 'cta'],
  ['GET', 'api/care/mat-01', 'cta'],
  ['GET', 'api/care/mat-01/history', 'cta'],
  ['GET', 'api/care/mat-01/sensitivity', 'cta'],
  ['POST', 'api/care/mat-99/still', 'cta'],
  ['POST', 'api/care/mat-01/check', 'cta'],
  ['POST', 'api/care/mat-01/settings', 'cta'],
  ['GET', 'api/rollout', 't'],
  ['POST', 'api/rollout', 't'],
  ['POST', 'api/rollout/change', 't'],
  ['GET', 'api/tiles?node=mat-01', 'octv'],
  ['GET', 'api/tile/mat-01/1.jpg', 'octv'],
  ['POST', 'api/live/mat-99', 'oct'],
  ['GET', 'api/shift', 'oc'],
  ['POST', 'api/shift', 'oc'],
  ['GET', 'api/audit', 'ca'],
  ['GET', 'api/accounts', 'ca'],
  ['POST', 'api/accounts/khong-co/unlock', 'ca'],
  ['POST', 'api/accounts', 'a'],
  ['POST', 'api/accounts/khong-co/reset', 'a'],
  ['POST', 'api/accounts/khong-co/close', 'a'],
  ['POST', 'api/accounts/khong-co/open', 'a'],
  ['POST', 'api/export', 'c'],
  ['GET', 'api/cases', 'oc'],
  ['POST', 'api/cases', 'oc'],
  ['GET', 'api/cases/1', 'oc'],
  ['POST', 'api/cases/1/events', 'oc'],
  ['POST', 'api/cases/1/remove', 'c'],
  ['POST', 'api/cases/1/close', 'c'],
  ['POST', 'api/cases/1/reopen', 'c'],
  ['POST', 'api/cases/1/export', 'c'],
  ['GET', 'api/lookback', 'oc'],
  ['POST', 'api/lookback', 'oc'],
  ['POST', 'api/slips', 'oc'],
  ['POST', 'api/awake', 'octauvrm'],
];
const letters = { officer: 'o', chief: 'c', technician: 't', admin: 'a', authority: 'u' } as const;

/** Without a session, or whatever the role: their own tests stand below. */
const forAnybody = [
  ...['GET /api/summary', 'GET /api/me', 'POST /api/sign-in', 'POST /api/sign-in/link'],
  ...['POST /api/sign-out', 'POST /api/wake', 'POST /api/password'],
];

test('no route of the hub is missing from the table', async () => {
  const folder = new URL('../../hub/web/', import.meta.url);
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(new URL(name, folder), 'utf8')));
  const made = texts.flatMap((text) => [...text.matchAll(/\.(get|post)\(\s*['`](\/api[^'`]*)['`]/g)]);
  const routes = made.map(([, method = '', path = '']) => `${method.toUpperCase()} ${path}`);
  assert.ok(routes.length > 40, `${routes.length} routes were found in the source`);
  const covers = (route: string, [method, path]: (typeof table)[number]) => {
    const pattern = route.replaceAll(/:\w+(?:\{[^}]*\})?|\$\{\w+\}/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(`${method} /${path.split('?')[0]}`);
  };
  const missing = routes.filter((route) => !forAnybody.includes(route) && !table.some((row) => covers(route, row)));
  assert.equal(missing, []);
});

/** A chief whose desk nobody has touched for a while, and one who still has the first password. */
function seatedOtherwise(dataDir: string): { letter: string; cookie: string; csrf: string }[] {
  const store = openDeskStore(dataDir);
  store.run(
    `INSERT INTO account VALUES ('nghi', 'Nghỉ', 'chief', '!', 0, 0, 0), ('moi', 'Mới', 'chief', '!', 1, 0, 0)`,
  );
  const seated = (['r', 'm'] as const).map((letter) => {
    const idleMs = letter === 'r' ? sessionRules.idleMs + 1000 : 0;
    const { token, csrf } = openSessions(store, () => Date.now() - idleMs).begin(
      letter === 'r' ? 'nghi' : 'moi',
      false,
    );
    return { letter, cookie: `${cookieName}=${token}`, csrf };
  });
  store.close();
  return seated;
}

test('every route answers those it is for, and nobody else', async ({ village, running }) => {
  const people = [
    ...(await Promise.all(
      roles.map(async (role) => ({
        letter: letters[role],
        ...(await signIn(village.config.dataDir, running.hub.url, role)),
      })),
    )),
    { letter: 'v', ...(await signIn(village.config.dataDir, running.hub.url, 'officer', true)) },
    ...seatedOtherwise(village.config.dataDir),
  ];
  for (const [method, path, allowed] of table) {
    const send = (headers: Record<string, string>) => {
      const stop = AbortSignal.timeout(5000);
      const body = method === 'POST' ? { body: '{}' } : {};
      return fetch(`${running.hub.url}${path}`, { method, headers: { ...json, ...headers }, signal: stop, ...body });
    };
    const stranger = await send({});
    assert.is(stranger.status, 401, `${method} ${path} for a stranger`);
    for (const { letter, cookie, csrf } of people) {
      const answer = await send({ cookie, 'x-csrf': csrf });
      await answer.body?.cancel();
      const isIn = answer.status !== 403 && answer.status !== 401;
      assert.is(isIn, allowed.includes(letter), `${method} ${path} for ${letter}: ${answer.status}`);
    }
    if (method === 'POST') {
      const [{ cookie } = { cookie: '' }] = people;
      assert.is((await send({ cookie })).status, 403, `${path} without its token`);
    }
  }
});

test('the first password works once, then it must be one of your own', async ({ village, running }) => {
  const store = openDeskStore(village.config.dataDir);
  await addAccount(store, { name: 'an', fullName: 'Nguyễn Văn An', role: 'officer' }, 'abcd-2345', Date.now());
  store.close();
  const entered = await post(running, 'api/sign-in', { name: 'an', password: 'abcd-2345' });
  const set = entered.headers.get('set-cookie') ?? '';
  assert.match(set, /HttpOnly/);
  assert.match(set, /SameSite=Strict/);
  const { csrf, mustChange, may }: { csrf: string; mustChange: boolean; may: string[] } = await entered.json();
  assert.equal([mustChange, may], [true, []]);
  const mine = { cookie: set.split(';')[0] ?? '', 'x-csrf': csrf };
  assert.is((await fetch(`${running.hub.url}api/queue`, { headers: mine })).status, 403);
  const change = (old: string, password: string) => post(running, 'api/password', { old, password }, mine);
  assert.is((await change('abcd-2345', 'ngắn1')).status, 400);
  assert.is((await change('abcd-2345', 'abcd-2345')).status, 400);
  assert.is((await change('sai-mật-khẩu', 'cây đa 2026')).status, 401);
  assert.is((await change('abcd-2345', 'cây đa 2026')).status, 200);
  assert.is((await fetch(`${running.hub.url}api/queue`, { headers: mine })).status, 200);
  assert.is((await post(running, 'api/sign-in', { name: 'an', password: 'abcd-2345' })).status, 401);
  // However the keyboard composes its letters.
  assert.is((await post(running, 'api/sign-in', { name: 'an', password: 'cây đa 2026'.normalize('NFD') })).status, 200);
});

test('five wrong passwords close the account, the right one does not open it', async ({ village, running }) => {
  const store = openDeskStore(village.config.dataDir);
  await addAccount(store, { name: 'binh', fullName: 'Bình', role: 'officer' }, 'dung-2345', Date.now());
  store.close();
  const tries: number[] = [];
  for (let count = 0; count < 5; count++)
    tries.push((await post(running, 'api/sign-in', { name: 'binh', password: `sai ${count}` })).status);
  assert.equal(tries, [401, 401, 401, 401, 429]);
  assert.is((await post(running, 'api/sign-in', { name: 'binh', password: 'dung-2345' })).status, 429);
});

test('the lock opens after five minutes, and slow failures never close it', () => {
  const clock = { ms: 0 };
  const lockout = openLockout(() => clock.ms);
  for (let count = 0; count < lockRules.failures; count++) lockout.failed('an');
  clock.ms = lockRules.closedMs - 1;
  assert.is(lockout.closedUntil('an'), lockRules.closedMs);
  clock.ms = lockRules.closedMs;
  assert.is(lockout.closedUntil('an'), undefined);
  for (let count = 0; count < 20; count++) {
    lockout.failed('an');
    clock.ms += lockRules.withinMs / 4;
  }
  assert.is(lockout.closedUntil('an'), undefined);
});

test('what a password must be', () => {
  assert.equal(
    ['a1', 'abcdefgh', '12345678', 'Truc-ban-9', 'ngõ 12 chợ'].map((each) => faultOfPassword(each, 'truc')),
    ['short', 'plain', 'plain', 'name', undefined],
  );
});

test('a desk nobody touches comes to rest, is woken, and ends with the shift; a closed account ends at once', async ({
  village,
}) => {
  const clock = { ms: 1000 };
  const store = openDeskStore(village.config.dataDir);
  store.run(`INSERT INTO account VALUES ('chi', 'Chi', 'officer', '!', 0, 0, 0)`);
  const sessions = openSessions(store, () => clock.ms);
  const { token } = sessions.begin('chi', false);
  const { token: tv } = sessions.begin('chi', true);
  const standing = (of = token) => sessions.find(of)?.standing;
  clock.ms += sessionRules.idleMs;
  assert.is(standing(), 'officer');
  clock.ms += 1;
  assert.is(standing(), 'resting');
  sessions.touch(token);
  assert.is(standing(), 'officer');
  clock.ms = 1000 + sessionRules.personMsMax + 1;
  assert.equal([standing(), standing(tv)], [undefined, 'tv']);
  setDisabled(store, 'chi', true);
  assert.is(standing(tv), undefined);
  store.close();
});

test('a desk that is woken, and whoever reads the log, stand in the log', async ({ village, running }) => {
  const store = openDeskStore(village.config.dataDir);
  await addAccount(store, { name: 'dung', fullName: 'Dung', role: 'chief' }, 'dung-2345', Date.now());
  store.run("UPDATE account SET must_change = 0 WHERE name = 'dung'");
  const signedIn = await post(running, 'api/sign-in', { name: 'dung', password: 'dung-2345' });
  const { csrf } = await signedIn.json();
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const woken = await post(running, 'api/wake', { password: 'dung-2345' }, { cookie, 'x-csrf': csrf });
  assert.is(woken.status, 200);
  const read = () => fetch(`${running.hub.url}api/audit?count=50`, { headers: { cookie } });
  for (let times = 0; times < 3; times++) assert.is((await read()).status, 200);
  const { lines } = await (await read()).json();
  const mine = lines.filter(({ actor }: { actor: string }) => actor === 'chief:dung').reverse();
  assert.equal(
    mine.map(({ action, subject, details }: { action: string; subject: string; details?: { by: string } }) =>
      [action, subject, details?.by].filter(Boolean).join(' '),
    ),
    ['sign-in account dung password', 'sign-in account dung wake', 'view log'],
  );
  store.close();
});

test('a link signs in once, and not after its time', ({ village }) => {
  const clock = { ms: 1000 };
  const store = openDeskStore(village.config.dataDir);
  const sessions = openSessions(store, () => clock.ms);
  const once = sessions.makeLink('chief', { tv: true, uses: 1, untilMs: 2000 });
  assert.equal([sessions.useLink(once)?.tv, sessions.useLink(once)], [true, undefined]);
  const late = sessions.makeLink('chief', { tv: false, uses: 1, untilMs: 2000 });
  clock.ms = 2000;
  assert.is(sessions.useLink(late), undefined);
  store.close();
});

test('what another page sends is refused, as is a body too large or of another type', async ({ village, running }) => {
  const { cookie, csrf } = await signIn(village.config.dataDir, running.hub.url, 'officer');
  const mine = { cookie, 'x-csrf': csrf };
  assert.is((await post(running, 'api/awake', {}, mine)).status, 200);
  assert.is((await post(running, 'api/awake', {}, { ...mine, origin: 'http://evil.example' })).status, 403);
  assert.is((await post(running, 'api/awake', {}, { ...mine, 'content-type': 'text/plain' })).status, 415);
  assert.is((await post(running, 'api/acks', { note: 'x'.repeat(100_000) }, mine)).status, 413);
});

test('no way leads out of a folder, however it is written', async ({ village, running }) => {
  const { cookie } = await signIn(village.config.dataDir, running.hub.url, 'chief');
  const { hostname, port } = new URL(running.hub.url);
  /** As it stands: a URL would be tidied before it left. */
  const raw = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`,
        ),
      );
      let text = '';
      socket.on('data', (piece) => {
        text += piece.toString('latin1');
      });
      socket.on('end', () => resolve(text)).on('error', reject);
    });
  const ways = [
    ...[
      '/page/../config.ts',
      '/page/%2e%2e/config.ts',
      '/page/..%2fconfig.ts',
      '/lib/../../package.json',
      '//etc/passwd',
    ],
    ...['/api/still/..%2f..%2fhub/000001.00000000/1.jpg', '/api/still/mat-01/..%2f..%2f..%2fkey.txt/1.jpg'],
    ...['/api/clip/mat-01/000001.00000000/..%2f1.mp4', '/api/day/..%2fmat-01?day=2026-11-28', '/api/cases/..%2f1'],
    ...['/page/page.html%00.js', '/api/plan/../../desk.sqlite', '/page/\\..\\config.ts'],
  ];
  for (const way of ways) {
    const [head = ''] = (await raw(way)).split('\r\n');
    assert.match(head, /^HTTP\/1\.1 (?:400|404)/, way);
  }
});

test('bodies of every kind of wrong are refused on every route that takes one', async ({ village, running }) => {
  const [chief, technician, admin] = await Promise.all(
    (['chief', 'technician', 'admin'] as const).map((role) => signIn(village.config.dataDir, running.hub.url, role)),
  );
  const send = (path: string, body: string, type = 'application/json') => {
    const by = path.includes('rollout') ? technician : path.includes('accounts') ? admin : chief;
    const mine = { cookie: by?.cookie ?? '', 'x-csrf': by?.csrf ?? '' };
    return fetch(`${running.hub.url}${path}`, { method: 'POST', headers: { ...mine, 'content-type': type }, body });
  };
  // `awake` and `sign-out` look at no body.
  const takes = table.filter(([method, path]) => method === 'POST' && !/awake|plan/.test(path)).map(([, path]) => path);
  for (const path of takes) {
    for (const body of ['{', 'null', '[]', '"a"', '{"__proto__":{"admin":true}}', `[${'['.repeat(20_000)}`])
      assert.ok([400, 404].includes((await send(path, body)).status), `${path} ${body.slice(0, 30)}`);
    assert.is((await send(path, `{"a":"${'x'.repeat(70_000)}"}`)).status, 413, path);
    assert.is((await send(path, 'a=1', 'application/x-www-form-urlencoded')).status, 415, path);
  }
  assert.is((await send('api/plan', `\x89PNG${'x'.repeat(9_000_000)}`, 'image/png')).status, 413);
  assert.is((await send('api/plan', '<svg/>', 'image/svg+xml')).status, 415);
});

test('whoever writes slowly or never reads keeps nobody waiting', async ({ running, node }) => {
  const { hostname, port } = new URL(running.hub.url);
  const slow = Array.from({ length: 50 }, () => {
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(
      `POST /api/sign-in HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{`,
    );
    return socket;
  });
  const greedy = Array.from({ length: 50 }, () => {
    const socket = connect(Number(port), hostname)
      .on('error', () => undefined)
      .pause();
    socket.write(`GET /page/words-vi.js HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`.repeat(20));
    return socket;
  });
  await node.deliver(await node.event('slowly', 'new'));
  assert.is((await running.get('api/queue')).status, 200);
  for (const socket of [...slow, ...greedy]) socket.destroy();
});

const long = skipWhen(
  process.env.MATLANG_LONG === undefined ? 'takes the ten seconds that a browser is given; MATLANG_LONG=1' : undefined,
)(test);
long('who takes longer than ten seconds to say what it wants is cut off', async ({ running }) => {
  const { hostname, port } = new URL(running.hub.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  socket.resume().write(`GET / HTTP/1.1\r\nhost: ${hostname}`);
  await until('the end of it', () => socket.closed, 30_000);
});

test('a script in a name or a note is text to the hub, and a note is one line', async ({ running, village, node }) => {
  const { cookie, csrf } = await signIn(village.config.dataDir, running.hub.url, 'chief');
  const mine = { cookie, 'x-csrf': csrf };
  await node.deliver(await node.event('noted', 'new'));
  const ack = { node: 'mat-01', fromMs: 0, toMs: Date.now() + 60_000, outcome: 'seen' };
  assert.is((await post(running, 'api/acks', { ...ack, note: 'một\nhai' }, mine)).status, 400);
  const script = '<script>alert(1)</script>';
  assert.is((await post(running, 'api/acks', { ...ack, note: script }, mine)).status, 200);
  const { events }: { events: { ack: { note: string } }[] } = await (await running.get('api/find')).json();
  assert.is(events[0]?.ack.note, script);
  assert.is((await post(running, 'api/acks', ack, mine)).status, 409);
});

test('a script in the name of a node is text in every answer', async ({ running, node }) => {
  const title = '<img src=x onerror=alert(1)>';
  const status = { state: 'online', sinceMs: 0, release: '<b>', boot: 'b', title };
  await node.publish(`${root(commune, 'mat-01')}/out/status`, JSON.stringify(status));
  const nodesOf = async (): Promise<{ title: string }[]> => (await (await running.get('api/nodes')).json()).nodes;
  await until('the name', async () => (await nodesOf()).some((each) => each.title === title));
  for (const path of ['api/nodes', 'api/find', 'api/shift', 'api/report?month=2026-11']) {
    const answer = await running.get(path);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, path);
    assert.is(answer.headers.get('x-content-type-options'), 'nosniff', path);
  }
  const policy = (await running.get('')).headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'; script-src 'self'/);
  assert.not.match(policy, /unsafe/);
});

test('an address that asks without end waits, another does not; after ten seconds it may ask again', async () => {
  const clock = { ms: 0 };
  const middleware = pace(() => clock.ms);
  /** 200 where the question goes on to its route. */
  const ask = async (remoteAddress: string): Promise<number> => {
    const seen = { status: 0 };
    const incoming = { socket: { remoteAddress } };
    const answer = (_body: object, status: number) => {
      seen.status = status;
      return new Response(null, { status });
    };
    const through = () => {
      seen.status = 200;
      return Promise.resolve();
    };
    await middleware({ env: { incoming }, json: answer } as never, through);
    return seen.status;
  };
  const statuses = new Set<number>();
  for (let count = 0; count < limits.requestsPerPace; count++) statuses.add(await ask('10.0.0.9'));
  assert.equal([...statuses], [200]);
  assert.equal([await ask('10.0.0.9'), await ask('10.0.0.10')], [429, 200]);
  clock.ms = limits.paceMs + 1;
  assert.is(await ask('10.0.0.9'), 200);
});

test('a thousand questions at once: each is answered or refused, and the hub goes on taking records in', async ({
  running,
  node,
}) => {
  const asked = Array.from({ length: 1000 }, () =>
    running.get('api/queue').then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 'refused',
    ),
  );
  await node.deliver(await node.event('in the crowd', 'new'));
  const answers = await Promise.all(asked);
  assert.ok(answers.includes(200));
  const others = answers.filter((answer) => ![200, 429, 'refused'].includes(answer));
  assert.equal(others, []);
  assert.is((await running.get('api/queue')).status, 200);
});

test('a thousand connections of one address that say nothing: the desk answers others, and the hub goes on taking records in', async ({
  running,
  node,
}) => {
  const port = Number(new URL(running.hub.url).port);
  const from = { port, host: '127.0.0.1', localAddress: '127.0.0.2' };
  const idle = Array.from({ length: 1000 }, () => connect(from).on('error', () => undefined));
  const open = () => idle.filter((socket) => socket.readyState === 'open').length;
  await until('those that are let in', () => open() === limits.connectionsPerAddress);
  await node.deliver(await node.event('meanwhile', 'new'));
  assert.is((await running.get('api/queue')).status, 200);
  assert.is(open(), limits.connectionsPerAddress, 'they stood all the while');
  for (const socket of idle) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is((await running.get('api/queue')).status, 200);
});

test.run();
