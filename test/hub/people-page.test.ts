// Accounts on the page, by the keyboard alone: one is added and comes in, a lock is lifted, one is given a password anew and one is closed. In Debian's Chromium, on a running hub.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addAccount, findAccount } from '../../hub/desk/accounts.ts';
import { type DeskStore, openDeskStore } from '../../hub/desk/store.ts';
import { until } from '../support/until.ts';
import { enter, launch, type sizes } from './browser.ts';
import { makeVillage, type Running, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  browser: Browser;
  store: DeskStore;
  axe: string;
}

const test = suite<Context>('people page');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.store = openDeskStore(context.village.config.dataDir);
  const add = (name: string, fullName: string, role: string, mustChange = 0, disabled = 0) =>
    context.store.run(`INSERT INTO account VALUES (?, ?, ?, '!', ?, ?, 0)`, name, fullName, role, mustChange, disabled);
  await addAccount(context.store, { name: 'an', fullName: 'Nguyễn Văn An', role: 'officer' }, 'abcd-2345', 0);
  context.store.run(`UPDATE account SET must_change = 0`);
  add('hoa', 'Trần Thị Hoa', 'officer', 1);
  add('cu', 'Lê Văn Cũ', 'technician', 0, 1);
  context.browser = await launch();
  context.axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
});
test.after(async ({ village, browser, store }) => {
  await browser.close();
  store.close();
  await village.remove();
});

/** On the page of accounts; what it complains of is told at the end. */
async function open(context: Context, role: 'admin' | 'chief', size: keyof typeof sizes = 'desk') {
  const page = await enter(context, size, { role, locale: 'vi-VN' });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  // Before the page sets its timers: it can be moved on later.
  await page.clock.install();
  await page.goto(`${context.running.hub.url}#/people`);
  await rowOf(page, 'Nguyễn Văn An').waitFor();
  return { page, complaints };
}

const rowOf = (page: Page, name: string) => page.locator('.accounts > li', { hasText: name });
const signIn = ({ hub }: Running, name: string, password: string) =>
  fetch(`${hub.url}api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });

/** Presses Tab until what has the focus is called this. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let count = 0; count < 60; count++) {
    const now = await page.evaluate(() => {
      const { activeElement: at } = document;
      const label = at instanceof HTMLInputElement || at instanceof HTMLSelectElement ? at.labels?.[0] : undefined;
      return at?.getAttribute('aria-label') ?? label?.querySelector('span')?.textContent ?? at?.textContent ?? '';
    });
    if (typeof name === 'string' ? now.trim() === name : name.test(now)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way by Tab to ${name}`);
}

async function look({ axe }: Context, page: Page, name: string): Promise<void> {
  await page.evaluate(`${axe}; undefined`);
  const told = await page.evaluate<{ violations: { id: string; impact: string }[] }>('axe.run(document)');
  const serious = told.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  assert.equal(
    serious.map(({ id }) => id),
    [],
    name,
  );
  const { MATLANG_SHOTS: folder } = process.env;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `people-${name}.png`) });
}

test('an administrator adds an account with the keyboard; its password is shown once, and lets in once', async (context) => {
  const { page, complaints } = await open(context, 'admin');
  await look(context, page, 'list');
  assert.match((await rowOf(page, 'Trần Thị Hoa').textContent()) ?? '', 'Phải đổi mật khẩu');
  assert.match((await page.locator('.accounts > li').last().textContent()) ?? '', /Lê Văn Cũ.*Kỹ thuật viên.*Đã đóng/);
  await tabTo(page, 'Họ và tên');
  await page.keyboard.type('Phạm Thị Minh Khai');
  await tabTo(page, 'Tên tài khoản');
  await page.keyboard.type('an');
  await tabTo(page, 'Vai trò');
  await page.keyboard.press('ArrowDown');
  await page.getByText('Như cán bộ trực ban').waitFor();
  await tabTo(page, 'Thêm tài khoản');
  await page.keyboard.press('Enter');
  await page.getByText('Tên tài khoản này đã có.').waitFor();
  await page.getByLabel('Tên tài khoản').fill('khai');
  await page.keyboard.press('Enter');
  const secret = page.getByLabel('Mật khẩu dùng một lần');
  await secret.waitFor();
  await look(context, page, 'given');
  const password = await secret.inputValue();
  assert.match(password, /^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
  for (let count = 0; count < 6; count++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement?.closest('.rail, header, #view > section') === null));
  }
  await tabTo(page, 'Mật khẩu dùng một lần');
  assert.is(await page.evaluate(() => getSelection()?.toString()), password);
  await page.keyboard.press('Escape');
  await secret.waitFor({ state: 'detached' });
  await rowOf(page, 'Phạm Thị Minh Khai').getByText('Chỉ huy').waitFor();
  assert.not.match(await page.content(), password);
  assert.is(await page.getByLabel('Họ và tên').inputValue(), '');
  const { role, mustChange } = await (await signIn(context.running, 'khai', password)).json();
  assert.equal([role, mustChange], ['chief', true]);
  assert.equal(complaints, []);
  await page.context().close();
});

test('the slip with the password is one sheet of paper, without the list behind it', async (context) => {
  const { page } = await open(context, 'admin');
  await rowOf(page, 'Trần Thị Hoa').getByRole('button', { name: 'Cấp lại mật khẩu' }).press('Enter');
  await page.getByRole('button', { name: 'Cấp lại mật khẩu', exact: true }).press('Enter');
  await page.getByLabel('Mật khẩu dùng một lần').waitFor();
  await page.emulateMedia({ media: 'print' });
  const seen = (what: string) => page.locator(what).first().isVisible();
  assert.equal(
    await Promise.all(['.account-slip input', '.account-slip .figures', '.accounts', '.rail', '.once'].map(seen)),
    [true, true, false, false, false],
  );
  await page.context().close();
});

test('a chief lifts a lock and may do nothing else; the page says until when it lasts', async (context) => {
  const { running, store } = context;
  const { page, complaints } = await open(context, 'chief');
  assert.equal(
    (await Promise.all(['1', '2', '3', '4', '5'].map((word) => signIn(running, 'an', word))))
      .map(({ status }) => status)
      .sort(),
    [401, 401, 401, 401, 429],
  );
  const an = rowOf(page, 'Nguyễn Văn An');
  await an.getByText(/^Đang khóa đến \d\d:\d\d$/).waitFor();
  await look(context, page, 'locked');
  assert.is(await page.locator('.accounts button').count(), 1);
  assert.is(await page.locator('.add-account').count(), 0);
  await tabTo(page, 'Mở khóa: Nguyễn Văn An');
  await page.keyboard.press('Enter');
  await page.getByText('Đã mở khóa cho Nguyễn Văn An.').waitFor();
  await an.getByText('Đang mở').waitFor();
  // The next key is still meant for this view.
  assert.is(await page.evaluate(() => document.activeElement?.id), 'view');
  assert.is((await signIn(running, 'an', 'sai')).status, 401);
  assert.is(findAccount(store, 'an')?.disabled, false);
  assert.equal(complaints, []);
  await page.context().close();
});

test('closing asks first, takes Escape for no, and gives the focus back; a closed account is opened again', async (context) => {
  const { store } = context;
  const { page, complaints } = await open(context, 'admin');
  const own = rowOf(page, 'admin · bạn');
  assert.is(await own.getByRole('button').count(), 0);
  await tabTo(page, 'Đóng: Nguyễn Văn An');
  await page.keyboard.press('Enter');
  await page.getByText('bị đăng xuất ngay ở mọi máy').waitFor();
  await look(context, page, 'sure');
  await page.keyboard.press('Escape');
  await page.locator('.ask').waitFor({ state: 'detached' });
  assert.is(findAccount(store, 'an')?.disabled, false);
  await tabTo(page, 'Đóng: Nguyễn Văn An');
  await page.keyboard.press('Enter');
  await page.locator('.ask').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Đã đóng tài khoản của Nguyễn Văn An.').waitFor();
  await until('it is closed', () => findAccount(store, 'an')?.disabled === true);
  await tabTo(page, 'Mở lại: Nguyễn Văn An');
  await page.keyboard.press('Enter');
  await rowOf(page, 'Nguyễn Văn An').getByText('Đang mở').waitFor();
  assert.is(findAccount(store, 'an')?.disabled, false);
  assert.equal(complaints, []);
  await page.context().close();
});

test('a password that one administrator was shown is not there for whoever signs in after her', async (context) => {
  const { page } = await open(context, 'admin');
  await rowOf(page, 'Trần Thị Hoa').getByRole('button', { name: 'Cấp lại mật khẩu' }).click();
  await page.getByRole('button', { name: 'Cấp lại mật khẩu', exact: true }).click();
  const secret = page.getByLabel('Mật khẩu dùng một lần');
  await secret.waitFor();
  await page.route('**/api/me', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), name: 'khac' } });
  });
  // As the page asks every half minute who is there.
  await page.clock.fastForward(31_000);
  await secret.waitFor({ state: 'detached' });
  await page.context().close();
});

test.run();
