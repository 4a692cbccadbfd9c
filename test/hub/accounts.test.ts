// Who lets people in: what an administrator does to accounts and a chief to a lock, from the answer to the log.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAccountActs } from '../../hub/desk/account-acts.ts';
import { allAccounts } from '../../hub/desk/accounts.ts';
import { openSessions } from '../../hub/desk/sessions.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { makeVillage, type Running, sender, type Village } from './village.ts';

type Send = (path: string, body?: object) => Promise<{ status: number; told: Record<string, string> }>;
interface Context {
  village: Village;
  running: Running;
  asAdmin: Send;
  asChief: Send;
}

const test = suite<Context>('accounts');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  const as = async (role: 'admin' | 'chief'): Promise<Send> => {
    const send = await sender(context.village, context.running, role);
    return async (path, body = {}) => {
      const answer = await send(`api/accounts${path}`, JSON.stringify(body));
      return { status: answer.status, told: await answer.json() };
    };
  };
  [context.asAdmin, context.asChief] = [await as('admin'), await as('chief')];
});
test.after(({ village }) => village.remove());

const enter = ({ hub }: Running, name: string, password: string) =>
  fetch(`${hub.url}api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const isIn = async ({ hub }: Running, cookie: string) =>
  (await (await fetch(`${hub.url}api/me`, { headers: { cookie } })).json()) !== null;
const listed = async (running: Running, name: string) =>
  (await (await running.get('api/accounts')).json()).accounts.find((each: { name: string }) => each.name === name);
/** What the log has of an account, oldest first. */
const written = async (running: Running, name: string) => {
  const { lines } = await (await running.get('api/audit?count=100')).json();
  type Line = { subject: string; actor: string; action: string; details?: Record<string, unknown> };
  return lines
    .filter(({ subject }: Line) => subject === `account ${name}`)
    .map(({ actor, action, details }: Line) => [actor, action, ...Object.values(details ?? {})].join(' '))
    .reverse();
};

test('whoever is added comes in once with the password that was told, and has to choose another', async ({
  running,
  asAdmin,
}) => {
  const binh = { name: 'binh', fullName: '  Trần Văn Bình ', role: 'officer' };
  const { status, told } = await asAdmin('', binh);
  assert.is(status, 200);
  assert.match(told.password ?? '', /^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
  assert.equal(await listed(running, 'binh'), {
    ...{ ...binh, fullName: 'Trần Văn Bình' },
    ...{ disabled: false, mustChange: true, lockedUntilMs: null },
  });
  const { mustChange, may } = await (await enter(running, 'binh', told.password ?? '')).json();
  assert.equal([mustChange, may], [true, []]);
  assert.equal(await asAdmin('', binh), { status: 409, told: { error: 'taken' } });
  for (const wrong of [{ name: 'Bình' }, { name: 'b' }, { fullName: ' ' }, { role: 'tv' }, { more: 1 }])
    assert.is((await asAdmin('', { ...binh, name: 'khac', ...wrong })).status, 400, JSON.stringify(wrong));
  assert.equal(await written(running, 'binh'), [
    'admin:admin change account-added officer',
    'officer:binh sign-in false password',
  ]);
  assert.is(await listed(running, 'khac'), undefined);
});

test('a password given anew, and a closed account, end every session; an opened one comes in again', async ({
  running,
  asAdmin,
}) => {
  const made = await asAdmin('', { name: 'lan', fullName: 'Lê Thị Lan', role: 'authority' });
  const first = cookieOf(await enter(running, 'lan', made.told.password ?? ''));
  assert.ok(await isIn(running, first));
  const { told } = await asAdmin('/lan/reset');
  assert.is(await isIn(running, first), false);
  assert.is((await enter(running, 'lan', made.told.password ?? '')).status, 401);
  const second = cookieOf(await enter(running, 'lan', told.password ?? ''));
  assert.ok(await isIn(running, second));
  assert.equal(await asAdmin('/lan/close'), { status: 200, told: { ok: true } });
  assert.is(await isIn(running, second), false);
  assert.is((await enter(running, 'lan', told.password ?? '')).status, 401);
  assert.is((await listed(running, 'lan')).disabled, true);
  assert.is((await asAdmin('/lan/open')).status, 200);
  assert.is((await enter(running, 'lan', told.password ?? '')).status, 200);
  const does = (await written(running, 'lan')).filter((line: string) => line.startsWith('admin:'));
  assert.equal(
    does.map((line: string) => line.split(' ')[2]),
    ['account-added', 'account-reset', 'account-closed', 'account-opened'],
  );
  for (const act of ['reset', 'close', 'open', 'unlock'])
    assert.equal(await asAdmin(`/khong-co/${act}`), { status: 404, told: { error: 'none' } }, act);
  assert.equal(await written(running, 'khong-co'), []);
});

test('an administrator is not let to shut herself out', async ({ running, asAdmin }) => {
  for (const act of ['close', 'reset'])
    assert.equal(await asAdmin(`/admin/${act}`), { status: 409, told: { error: 'own' } }, act);
  assert.is((await listed(running, 'admin')).disabled, false);
  assert.equal(
    (await written(running, 'admin')).filter((line: string) => line.includes('change')),
    [],
  );
});

test('five wrong passwords lock; a chief lifts it before its time, which stands in the log, and the right one comes in', async ({
  running,
  asAdmin,
  asChief,
}) => {
  const { told } = await asAdmin('', { name: 'dung', fullName: 'Phạm Văn Dũng', role: 'officer' });
  assert.equal(await asChief('/dung/unlock'), { status: 409, told: { error: 'not-locked' } });
  const beforeMs = Date.now();
  for (let count = 0; count < 5; count++) await enter(running, 'dung', `sai ${count}`);
  assert.is((await enter(running, 'dung', told.password ?? '')).status, 429);
  const { lockedUntilMs } = await listed(running, 'dung');
  assert.ok(lockedUntilMs > beforeMs + 290_000, `${lockedUntilMs - beforeMs}`);
  assert.is((await asChief('/dung/unlock')).status, 200);
  assert.is((await listed(running, 'dung')).lockedUntilMs, null);
  assert.is((await enter(running, 'dung', told.password ?? '')).status, 200);
  const lines = await written(running, 'dung');
  assert.equal(
    lines.filter((line: string) => line.includes('unlock')),
    ['chief:chief unlock'],
  );
});

test('no answer has a hash of a password in it', async ({ running }) => {
  assert.not.match(await (await running.get('api/accounts')).text(), /scrypt|hash/);
});

test('what cannot be written down is not done', async ({ village }) => {
  const store = openDeskStore(village.config.dataDir);
  store.run(`INSERT INTO account VALUES ('officer', 'Thử', 'officer', '!', 0, 0, 0)`);
  const before = allAccounts(store);
  const acts = openAccountActs(store, { append: () => Promise.reject(new Error('no room')) }, Date.now);
  const who = { actor: 'cli:root' };
  const an = { name: 'an', fullName: 'An', role: 'chief' } as const;
  for (const act of [
    () => acts.add(who, an),
    () => acts.reset(who, 'officer'),
    () => acts.close(who, 'officer'),
    () => acts.tvLink(who, 'officer'),
  ])
    assert.match(
      await act().then(
        () => 'done',
        (error: unknown) => String(error),
      ),
      'no room',
    );
  assert.equal(allAccounts(store), before);
  store.close();
});

test('of two administrators who close each other at once one stays; a link for the wall goes with its account', async ({
  village,
}) => {
  const store = openDeskStore(village.config.dataDir);
  for (const name of ['mot', 'hai'])
    store.run(`INSERT INTO account VALUES (?, 'Quản trị', 'admin', '!', 0, 0, 0)`, name);
  const lines: string[] = [];
  const append = async ({ actor, subject }: { actor: string; subject: string }) => {
    lines.push(`${actor} ${subject}`);
    return { n: 0, sha256: '' };
  };
  const acts = openAccountActs(store, { append }, Date.now);
  const link = await acts.tvLink({ actor: 'cli:root' }, 'hai');
  const done = await Promise.all([
    acts.close({ actor: 'admin:mot', account: 'mot' }, 'hai'),
    acts.close({ actor: 'admin:hai', account: 'hai' }, 'mot'),
  ]);
  assert.equal(done, [{ ok: true }, { ok: false, why: 'out' }]);
  assert.equal(lines, ['cli:root account hai', 'admin:mot account hai']);
  const closed = allAccounts(store).filter(({ disabled }) => disabled);
  assert.ok(closed.some(({ name }) => name === 'hai') && !closed.some(({ name }) => name === 'mot'));
  await acts.open({ actor: 'cli:root' }, 'hai');
  assert.is(openSessions(store, Date.now).useLink(link.ok ? link.token : ''), undefined);
  store.close();
});

test.run();
