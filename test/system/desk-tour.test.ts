// The tour of the duty desk: one shift, from the first password to the hand-over, on a real hub with a real node that watches a drawn scene.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crowding } from '../support/patience.ts';
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
  node: Running;
  browser: Browser;
  walk: Walk;
  firstPassword: string;
}

/** The mask's brightness, 48 of 16 to 235, as a JPEG has it. */
const maskGrey = 37;
const title = 'Mắt 01 · Ngã ba chợ';
const test = suite<Context>('tour of the desk');
test.before(async (context) => {
  const camera = { driver: 'scene', seed: 1, width: 640, height: 360, fps: 10, bitrateKbps: 600 };
  const events = { preRollMs: 5000, postRollMs: 5000, quietMs: 500 };
  const rig = await setRig({ film: 'none', config: { camera, events } });
  context.rig = rig;
  const hub = rig.hub();
  const account = hub.then(() => makeAccount(rig, 'binh', 'chief', 'Trần Văn Bình'));
  [context.browser, context.firstPassword] = await Promise.all([launchBrowser(), account]);
  context.walk = await beginWalk(rig, context.browser);
});
test.after(async ({ browser, rig }) => {
  await browser.close();
  await rig.remove();
});

test('the printed password lets in once, then it must be one of her own', async (context) => {
  const { rig, walk, firstPassword } = context;
  await signIn(walk, 'binh', firstPassword);
  await choosePassword(walk, firstPassword, 'cây đa bến nước 2026');
  await walk.page.locator('.calm').waitFor();
  await walk.page.getByText('Mọi việc đã được tiếp nhận').waitFor();
  // Not sooner: somebody walks past its camera, and then the queue is not empty.
  context.node = rig.matlang('node', '--config', rig.node.configPath);
});

test('somebody presses the button at the junction: the alarm is there by itself', async ({ rig, node, walk }) => {
  await until('the first picture', () => logged(node, 'first picture').length > 0, 20_000);
  await walk.page.getByText('1/1 mắt đang trực tuyến').waitFor();
  await rig.press();
  const alarm = walk.page.locator('.rows li:first-child .row.alarm');
  await alarm.waitFor();
  assert.match((await alarm.textContent()) ?? '', /Ngã ba chợ[\s\S]*Báo động[\s\S]*Nút báo động/);
});

test('the live picture is there within three seconds and moves, and Escape closes it', async ({ walk }) => {
  await walk.page.goto(`${walk.rig.url}/#/wall`);
  // Nobody pays for this link by the byte: the tile goes on by itself.
  await walk.page.locator('.tile img[src^="/api/tile/"]').waitFor({ timeout: 15_000 * crowding() });
  const waitedMs = await openLive(walk, title);
  assert.ok(waitedMs <= 3000 * crowding(), `the first live picture after ${Math.round(waitedMs)} ms`);
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
  await walk.page.locator('.film button.alarm[aria-pressed=true]').waitFor();
  const { name, bytes } = await takeOut(walk, '15/2026', 'Theo yêu cầu của Công an tỉnh');
  const path = join(rig.dir, name);
  await writeFile(path, bytes);
  const verify = rig.matlang('verify', path, '--json');
  assert.is(await verify.ended, 0, verify.said.join('\n'));
});

test('the event goes into a case, and the case out as one file', async ({ walk }) => {
  const { page, rig } = walk;
  await page.locator('form.add input[name=title]').fill('Va chạm ở ngã ba chợ');
  await page.keyboard.press('Enter');
  await page.locator('form.add [role=status]', { hasText: 'Va chạm' }).waitFor();
  await page.goto(`${rig.url}/#/cases`);
  await page.getByRole('heading', { name: /Va chạm ở ngã ba chợ/ }).waitFor();
  await page.locator('.case input[name=number]').fill('16/2026');
  await page.locator('.case form:has(input[name=number]) input[name=reason]').fill('Bàn giao cho Công an tỉnh');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  const bytes = await readFile(await download.path());
  assert.is(bytes.subarray(0, 2).toString('latin1'), 'PK', download.suggestedFilename());
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

test('a privacy mask drawn with the keyboard is burned into the next still', async ({ walk }) => {
  const { page, rig } = walk;
  await page.goto(`${rig.url}/#/care?node=mat-01&tab=zones`);
  await page.getByRole('button', { name: 'Thêm vùng che riêng tư' }).press('Enter');
  // Its upper left corner has the focus: up to the middle of the left edge of the upper half.
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-corner') === 'mask 0 0');
  for (const key of Array.from({ length: 4 }, () => 'Shift+ArrowLeft')) await page.keyboard.press(key);
  await page.getByRole('button', { name: 'Xem thay đổi' }).press('Enter');
  await page.getByRole('row', { name: /Vùng che riêng tư 1/ }).waitFor();
  await page.getByRole('button', { name: 'Gửi đến mắt camera' }).press('Enter');
  await page.getByText('Mắt camera đang chạy với cấu hình mới.').waitFor({ timeout: 20_000 });
  const still = () => page.locator('.board img').getAttribute('src');
  const before = await still();
  await page.getByRole('button', { name: 'Chụp ảnh mới' }).press('Enter');
  await until('another still', async () => (await still()) !== before, 15_000);
  const picture = await greyOf(await (await page.request.get(`${rig.url}${await still()}`)).body());
  // Drawn from 0.35, 0.15 over 0.75, 0.15 and 0.75, 0.4 to 0.55, 0.4: dark grey, and the same everywhere within.
  const within = [0.5, 0.6, 0.7].flatMap((x) =>
    [0.2, 0.3, 0.38].map((y) => greyAt(picture, Math.max(x, 0.36 + (y - 0.15) * 0.8), y)),
  );
  assert.ok(
    within.every((grey) => Math.abs(grey - maskGrey) <= 4),
    `masked: ${within}`,
  );
  const beside = [0.2, 0.85].flatMap((x) => [0.2, 0.3, 0.38].map((y) => greyAt(picture, x, y)));
  assert.ok(
    beside.some((grey) => Math.abs(grey - maskGrey) > 20),
    `beside it: ${beside}`,
  );
});

test('no script failed, and the browser refused nothing', ({ walk }) => {
  assert.equal(walk.complaints, []);
});

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

async function greyOf(jpeg: Buffer): Promise<Grey> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}

/** `x`, `y` in parts of the picture. */
const greyAt = ({ width, height, pixels }: Grey, x: number, y: number): number =>
  pixels[Math.floor(y * height) * width + Math.floor(x * width)] ?? -1;

test.run();
