// The page as an officer has it: Debian's Chromium on a running hub.
import type { Browser, Locator, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { enter, launch } from './browser.ts';
import { happen, makeFilm, makeStill, type TestFilm } from './films.ts';
import { commune, makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  node: TestSender;
  film: TestFilm;
  still: Uint8Array;
  browser: Browser;
  page: Page;
  /** Anything the browser complained of: script errors, refused by the policy, failed requests. */
  complaints: string[];
}

const test = suite<Context>('page');
test.before(async (context) => {
  context.film = await makeFilm(20);
  context.still = await makeStill();
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.node = await context.village.node('mat-01');
  await context.village.node('mat-02');
  await context.node.join(context.running.hub.broker, 4);
  context.browser = await launch();
});
test.after(async ({ village, browser }) => {
  await browser.close();
  await village.remove();
});
test.before.each(async (context) => {
  context.complaints = [];
  context.page = await enter(context, 'desk');
  context.page.on('pageerror', (error) => context.complaints.push(error.message));
  context.page.on('console', (message) => message.type() === 'error' && context.complaints.push(message.text()));
});
test.after.each(async ({ page, complaints }) => {
  // Said here: what a hook throws is not printed.
  if (complaints.length > 0) console.error('the browser complained:', complaints);
  await page?.context().close();
  assert.equal(complaints, []);
});

const textOf = async (where: Locator) => (await where.textContent()) ?? '';
const video = (page: Page) =>
  page.evaluate(() => {
    const element = document.querySelector('video');
    return {
      currentTime: element?.currentTime ?? -1,
      duration: element?.duration ?? -1,
      error: element?.error?.message ?? null,
      seeking: element?.seeking,
    };
  });

test('an event waits with its still, and its clip plays by itself', async ({ running, node, film, still, page }) => {
  await happen(node, 'first', film, still);
  await page.goto(running.hub.url);
  const row = page.locator('.row').first();
  await row.waitFor();
  assert.match(await textOf(row), /Chuyển động[\s\S]*1 sự kiện/);
  await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.row img')?.naturalWidth ?? 0) > 0);
  await row.click();
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1);
  const playing = await video(page);
  assert.is(playing.error, null);
  assert.ok(Math.abs(playing.duration - 8) < 0.1, String(playing.duration));
  await page.evaluate(() => {
    const element = document.querySelector('video');
    if (element !== null) element.currentTime = 6;
  });
  await page.waitForFunction(() => {
    const element = document.querySelector('video');
    return element !== null && !element.seeking && element.currentTime > 6.2;
  });
});

test('an alarm shows by itself above all events, is announced, and is answered for from the keyboard', async ({
  running,
  node,
  page,
}) => {
  await page.goto(running.hub.url);
  await page.locator('.row').first().waitFor();
  const panic = { class: 0, event: { id: 'panic', phase: 'new', trigger: 'panic', level: 'alarm' } } as const;
  await node.deliver(await node.event('panic', 'new', {}, panic));
  const alarm = page.locator('.rows li:first-child .row.alarm');
  await alarm.waitFor({ timeout: 3000 });
  assert.match(await textOf(alarm), /Báo động[\s\S]*Nút báo động/);
  assert.match(await textOf(page.locator('[aria-live]')), /Báo động mới/);
  // An alarm cannot be waved away as merely seen.
  await page.keyboard.press('5');
  await page.keyboard.press('4');
  await page.getByText('Vì sao báo giả?').waitFor();
  await page.keyboard.press('7');
  await page.waitForFunction(() => document.activeElement?.id === 'note');
  await page.keyboard.type('Trẻ em bấm thử');
  await page.keyboard.press('Enter');
  await alarm.waitFor({ state: 'detached' });
  const [line] = (await (await running.get('api/find?level=alarm')).json()).events;
  const { outcome, reason, note, actor } = line.ack;
  assert.equal([outcome, reason, note, actor], ['false', 'test', 'Trẻ em bấm thử', 'chief:chief']);
  assert.equal((await (await running.get('api/care/mat-01')).json()).answers, { days: 30, answered: 2, wrong: 2 });
});

test('a photo slip for the patrol carries its number and who made it over the picture, and stands in the log', async ({
  running,
  page,
}) => {
  await page.goto(`${running.hub.url}#/find`);
  await page.locator('.film button:has(img)').first().click();
  await page.getByText('Phiếu ảnh cho tổ tuần tra').press('Enter');
  await page.locator('.ask-slip input').fill('Tổ tuần tra số 2, tìm xe ba gác');
  await page.keyboard.press('Enter');
  await page.locator('#slip[data-marked]').waitFor();
  const { lines } = await (await running.get('api/audit?count=5')).json();
  const line = lines.find(({ action }: { action: string }) => action === 'slip');
  assert.equal([line.subject, line.reason], ['event mat-01/first', 'Tổ tuần tra số 2, tìm xe ba gác']);
  assert.match(
    (await page.locator('#slip').getAttribute('data-marked')) ?? '',
    new RegExp(`^Phiếu ${line.n} · Thử · `),
  );
  const isMarked = await page.evaluate(async () => {
    const slip = document.querySelector<HTMLCanvasElement>('#slip');
    const still = new Image();
    still.src = slip?.dataset.of ?? '';
    await still.decode();
    const plain = Object.assign(document.createElement('canvas'), { width: slip?.width, height: slip?.height });
    plain.getContext('2d')?.drawImage(still, 0, 0);
    // In each quarter of the picture something of the mark.
    const [w, h] = [plain.width / 2, plain.height / 2];
    return [0, 1, 2, 3].map((quarter) => {
      const at = [(quarter % 2) * w, Math.floor(quarter / 2) * h, w, h] as const;
      const [one, other] = [slip, plain].map((canvas) => canvas?.getContext('2d')?.getImageData(...at).data);
      return one?.some((value, index) => value !== other?.[index]);
    });
  });
  assert.equal(isMarked, [true, true, true, true]);
  await page.emulateMedia({ media: 'print' });
  assert.equal([await page.locator('.rail').isVisible(), await page.locator('#slip').isVisible()], [false, true]);
  assert.is(await page.locator('.slip button:visible').count(), 0, 'buttons on paper');
  await page.emulateMedia({ media: 'screen' });
  await page.keyboard.press('Escape');
  await page.locator('#slip').waitFor({ state: 'detached' });
});

test('how a node is stands in words', async ({ running, node, page }) => {
  const say = (what: string, value: object) =>
    node.publish(`${root(commune, 'mat-01')}/out/${what}`, JSON.stringify(value));
  const status = { sinceMs: Date.now(), release: '0.1.0', boot: 'x', title: 'Mắt 01 · Ngã ba chợ' };
  await say('status', { state: 'online', ...status });
  await page.goto(`${running.hub.url}#/wall`);
  const tile = page.locator('.tile').first();
  await tile.getByText('Mắt 01 · Ngã ba chợ').waitFor();
  await tile.getByText('Trực tuyến').waitFor();
  assert.match(await textOf(page.locator('.tile').nth(1)), /Chưa kết nối lần nào/);
  await say('vitals', { queue: { files: 60, events: 34, oldestAgeMs: 700_000 } });
  await say('status', { state: 'offline', ...status });
  await tile.getByText(/^Mất kết nối \d+ giây, còn 34 sự kiện chờ gửi$/).waitFor();
  await say('status', { state: 'stopped', ...status });
  await tile.getByText(/^Đã dừng/).waitFor();
  await page.locator('.me summary').click();
  await page.getByRole('button', { name: 'English' }).click();
  await tile.getByText(/^Stopped, 34 events waiting to be sent$/).waitFor();
});

test('care of a node tells how often it was wrong, and what of its settings it refused', async ({
  running,
  node,
  page,
}) => {
  const text = 'motion.sensitivity must be 1 to 10, not 11';
  const fault = JSON.stringify({ code: 'config-refused', standing: true, text });
  await node.deliver(await node.record({ kind: 'fault', class: 1 }, fault));
  await page.goto(`${running.hub.url}#/care?node=mat-01&tab=how`);
  await page.locator('.figures div', { hasText: /Báo động giả.*2 trong 2 lần tiếp nhận, 30 ngày/ }).waitFor();
  const told = page.locator('.care-faults li', { hasText: text });
  await told.waitFor();
  assert.match(await textOf(told), /Cấu hình mới bị từ chối, mắt camera chạy tiếp với cấu hình tốt gần nhất/);
});

test('an event is found by its words, the shift is handed over, and the log tells of it', async ({ running, page }) => {
  await page.goto(`${running.hub.url}#/find`);
  await page.locator('.film button').first().waitFor();
  await page.fill('input[name=text]', 'cong lang');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('text=cong+lang'));
  await page.locator('.film button').first().waitFor();
  await page.fill('input[name=text]', 'không có gì như vậy');
  await page.keyboard.press('Enter');
  await page.getByText('Không tìm thấy sự kiện nào.').waitFor();
  await page.goto(`${running.hub.url}#/shift`);
  await page.fill('input[name=taker]', 'Trần Thị Bình');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'In biên bản' }).waitFor();
  await page.goto(`${running.hub.url}#/journal`);
  await page.getByRole('cell', { name: 'bàn giao ca' }).waitFor();
  await page
    .getByRole('row', { name: /Ảnh chụp mắt camera: Mắt 01 · Ngã ba chợ$/ })
    .first()
    .waitFor();
});

test('a page that lost the hub says so, and catches up when it is back', async ({
  village,
  running,
  node,
  page,
  complaints,
}) => {
  const { port } = new URL(running.hub.url);
  await page.goto(running.hub.url);
  await page.locator('.calm').waitFor();
  await node.leave();
  await running.stop();
  await page.getByText('Mất kết nối với máy chủ xã').waitFor();
  Object.assign(village.config.listen, { port: Number(port) });
  const again = await village.start();
  await node.join(again.hub.broker, 4);
  const fire = { class: 0, event: { id: 'fire', phase: 'new', trigger: 'fire', level: 'alarm' } } as const;
  await node.deliver(await node.event('fire', 'new', {}, fire));
  await page.locator('.row.alarm').waitFor({ timeout: 15_000 });
  assert.is(await page.getByText('Mất kết nối với máy chủ xã').count(), 0);
  // The browser itself reports each refused connection.
  complaints.length = 0;
});

test('points stand on the commune’s own plan, and are moved from the keyboard', async ({ running, village, page }) => {
  const { cookie, csrf } = await signIn(village.config.dataDir, running.hub.url, 'chief');
  const headers = { cookie, 'x-csrf': csrf };
  const send = (body: Uint8Array, type: string) =>
    fetch(`${running.hub.url}api/plan`, {
      method: 'POST',
      headers: { ...headers, 'content-type': type },
      body: Uint8Array.from(body),
    });
  assert.is((await send(Buffer.from('<svg onload="alert(1)"/>'), 'image/png')).status, 400);
  assert.is((await send(await makeStill(), 'image/jpeg')).status, 200);
  await page.goto(`${running.hub.url}#/map`);
  await page.locator('.plan-tools button').click();
  await page.locator('.plan-tools .chip').first().click();
  const pin = page.locator('.pin-place');
  await pin.waitFor();
  await pin.focus();
  for (let times = 0; times < 4; times++) await page.keyboard.press('ArrowRight');
  // With this sign-in: an account has ten sessions, and the first of this file's is over by now.
  const placeOf = async () =>
    (await (await fetch(`${running.hub.url}api/points`, { headers })).json()).points['mat-01'];
  await until('the point moved', async () => Math.abs((await placeOf()).x - 0.52) < 1e-9);
  assert.is((await placeOf()).y, 0.5);
});

test.run();
