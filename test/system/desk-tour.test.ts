// The tour of the duty desk: one shift, from the first password to the hand-over, on a real hub with a real node that watches a drawn scene.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/until.ts';
import {
  askBack,
  beginWalk,
  choosePassword,
  launchBrowser,
  makeAccount,
  openLive,
  plays,
  signIn,
  takeOut,
  videoNow,
  type Walk,
} from './desk-walk.ts';
import { logged, type Rig, type Running, setRig } from './rig.ts';

interface Context {
  rig: Rig;
  recorder: Running;
  browser: Browser;
  walk: Walk;
  firstPassword: string;
}

const title = 'Mắt 01 · Ngã ba chợ';
const test = suite<Context>('tour of the desk');
test.before(async (context) => {
  const camera = { driver: 'scene', seed: 1, width: 640, height: 360, fps: 10, bitrateKbps: 600 };
  const events = { preRollMs: 5000, postRollMs: 5000, quietMs: 500 };
  const rig = await setRig({ film: 'none', config: { camera, events } });
  context.rig = rig;
  const hub = rig.hub();
  context.recorder = rig.recorder();
  rig.uplink();
  context.browser = await launchBrowser();
  await hub;
  context.firstPassword = await makeAccount(rig, 'binh', 'chief', 'Trần Văn Bình');
  context.walk = await beginWalk(rig, context.browser);
});
test.after(async ({ browser, rig }) => {
  await browser.close();
  await rig.remove();
});

test('the printed password lets in once, then it must be one of her own', async ({ walk, firstPassword }) => {
  await signIn(walk, 'binh', firstPassword);
  await choosePassword(walk, firstPassword, 'cây đa bến nước 2026');
  await walk.page.locator('.calm').waitFor();
  await walk.page.getByText('Mọi việc đã được tiếp nhận').waitFor();
});

test('somebody presses the button at the junction: the alarm is there by itself', async ({ rig, recorder, walk }) => {
  await until('the first picture', () => logged(recorder, 'first picture').length > 0, 20_000);
  await walk.page.getByText('1/1 mắt đang trực tuyến').waitFor();
  await rig.press();
  const alarm = walk.page.locator('.rows li:first-child .row.alarm');
  await alarm.waitFor();
  assert.match((await alarm.textContent()) ?? '', /Ngã ba chợ[\s\S]*Báo động[\s\S]*Nút báo động/);
});

test('the live picture moves, and Escape closes it', async ({ walk }) => {
  await walk.page.goto(`${walk.rig.url}/#/wall`);
  await openLive(walk, title);
  await plays(walk.page, '#live', 1);
  assert.is((await videoNow(walk.page, '#live')).error, null);
  await walk.page.keyboard.press('Escape');
  await walk.page.locator('#live').waitFor({ state: 'detached' });
});

test('her clip plays, and she answers the alarm from the keyboard', async ({ walk }) => {
  const { page } = walk;
  await page.goto(`${walk.rig.url}/#/queue`);
  await plays(page, '.player video', 2);
  assert.is((await videoNow(page, '.player video')).error, null);
  await page.keyboard.press('1');
  await page.waitForFunction(() => document.activeElement?.id === 'note');
  await page.keyboard.type('Tổ tuần tra số 2 đang đến');
  await page.keyboard.press('Enter');
  await page.locator('.row.alarm').waitFor({ state: 'detached' });
});

test('minutes that the node still holds come when they are asked for', async ({ walk }) => {
  await walk.page.goto(`${walk.rig.url}/#/find`);
  await askBack(walk, 'mat-01', Date.now() - 60_000, 2);
  const here = walk.page.getByRole('link', { name: 'Đã có ở máy chủ' });
  await here.waitFor({ timeout: 25_000 });
  const answer = await walk.page.request.get(`${walk.rig.url}${await here.getAttribute('href')}`);
  assert.equal([answer.status(), answer.headers()['content-type']], [200, 'video/mp4']);
});

test('the event leaves as evidence that anybody can check', async ({ rig, walk }) => {
  await walk.page.locator('.film button.alarm').click();
  const { name, bytes } = await takeOut(walk, '15/2026', 'Theo yêu cầu của Công an tỉnh');
  const path = join(rig.dir, name);
  await writeFile(path, bytes);
  const verify = rig.matlang('verify', path, '--json');
  assert.is(await verify.ended, 0, verify.said.join('\n'));
});

test('the shift is handed over, and the log has it all', async ({ walk }) => {
  const { page, rig } = walk;
  await page.goto(`${rig.url}/#/shift`);
  await page.locator('input[name=taker]').fill('Lê Thị Hoa');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'In biên bản' }).waitFor();
  await page.goto(`${rig.url}/#/journal`);
  const did = ['bàn giao ca', 'trích xuất', 'ra lệnh', 'tiếp nhận', 'xem', 'thay đổi', 'đăng nhập'];
  for (const each of did) await page.getByRole('cell', { name: each, exact: true }).first().waitFor();
});

test('no script failed, and the browser refused nothing', ({ walk }) => {
  assert.equal(walk.complaints, []);
});

test.run();
