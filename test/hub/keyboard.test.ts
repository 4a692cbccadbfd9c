// A shift without a mouse: from the first password to the hand-over, by what an officer's keyboard has on it.
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addAccount } from '../../hub/desk/accounts.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { until } from '../support/until.ts';
import { launch, sizes } from './browser.ts';
import { happen, makeFilm, makeStill } from './films.ts';
import { makeVillage, type Running, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  browser: Browser;
  page: Page;
}

const test = suite<Context>('keyboard');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  const store = openDeskStore(context.village.config.dataDir);
  await addAccount(store, { name: 'an', fullName: 'Nguyễn Văn An', role: 'officer' }, 'abcd-2345', Date.now());
  store.close();
  const [film, still] = [await makeFilm(20), await makeStill()];
  for (const [name, level] of [
    ['mat-01', 'event'],
    ['mat-02', 'alarm'],
    ['mat-03', 'event'],
  ] as const) {
    const node = await context.village.node(name);
    await node.join(context.running.hub.broker, 4);
    await happen(node, `${name}-one`, film, still, level);
  }
  context.browser = await launch();
  const asHere = await context.browser.newContext({ viewport: sizes.desk, locale: 'vi-VN' });
  context.page = await asHere.newPage();
});
test.after(async ({ village, browser }) => {
  await browser.close();
  await village.remove();
});

const hasFocus = (page: Page, selector: string) =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector);

/** Presses Tab as often as somebody with patience would, until this has the focus. */
async function tabTo(page: Page, selector: string, atMost = 60): Promise<number> {
  for (let count = 0; count <= atMost; count++) {
    if (await hasFocus(page, selector)) return count;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way by Tab to ${selector}`);
}
const film = (page: Page) =>
  page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('.player video');
    return { at: video?.currentTime ?? -1, isPaused: video?.paused, error: video?.error?.message ?? null };
  });

test('in, and a password of her own: the field that comes next has the focus', async ({ page, running }) => {
  await page.goto(running.hub.url);
  await page.locator('input[name=name]').waitFor();
  await page.keyboard.type('an');
  await page.keyboard.press('Tab');
  await page.keyboard.type('abcd-2345');
  await page.keyboard.press('Enter');
  await page.locator('input[name=again]').waitFor();
  await page.keyboard.type('abcd-2345');
  for (let twice = 0; twice < 2; twice++) {
    await page.keyboard.press('Tab');
    await page.keyboard.type('cây đa 2026');
  }
  await page.keyboard.press('Enter');
  await page.locator('.row.alarm').waitFor();
});

test('the next, its film, frame by frame, what the node saw; taken on with a line', async ({ page, running }) => {
  assert.is(await page.locator('.rows li').count(), 3);
  const chosen = () => page.locator('.row[aria-pressed=true] strong').textContent();
  assert.is(await chosen(), 'mat-02');
  await page.keyboard.press('ArrowDown');
  await until('the next', async () => (await chosen()) === 'mat-03');
  await page.keyboard.press('ArrowUp');
  await until('the alarm again', async () => (await chosen()) === 'mat-02');
  await until('a film that goes on', async () => (await film(page)).at > 0.5);
  await page.keyboard.press(' ');
  await until('a film that stands', async () => (await film(page)).isPaused === true);
  // A step goes on from the picture that is seen: on a busy machine the screen comes after the film's clock.
  await page.locator('.player video').evaluate(
    (video: HTMLVideoElement) =>
      new Promise((seen) => {
        video.requestVideoFrameCallback(seen);
        video.currentTime = 0.5;
      }),
  );
  const { at } = await film(page);
  await page.keyboard.press('.');
  await until('the next frame', async () => (await film(page)).at > at);
  const next = await film(page);
  await page.keyboard.press(',');
  await until('the frame before', async () => (await film(page)).at < next.at);
  await page.keyboard.press('b');
  await page.locator('.boxes').waitFor({ state: 'attached' });
  await page.keyboard.press(' ');
  await until('it goes on', async () => (await film(page)).isPaused === false);
  assert.is((await film(page)).error, null);
  await page.keyboard.press('1');
  await page.keyboard.type('Tổ tuần tra số 2 đang đến');
  await page.keyboard.press('Enter');
  await page.locator('.row.alarm').waitFor({ state: 'detached' });
  const [{ ack }] = (await (await running.get('api/find?level=alarm')).json()).events;
  assert.equal([ack.outcome, ack.note, ack.actor], ['sent', 'Tổ tuần tra số 2 đang đến', 'officer:an']);
});

test('a slip keeps the keys to itself, and gives back the place when it is closed', async ({ page }) => {
  await tabTo(page, '.ask-slip summary');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Tổ tuần tra số 2');
  await page.keyboard.press('Enter');
  await page.locator('#slip[data-marked]').waitFor();
  // Behind it lies the queue, where 1 would mean that forces were sent.
  await page.keyboard.press('1');
  for (let count = 0; count < 8; count++) {
    await page.keyboard.press('Tab');
    assert.not.ok(await hasFocus(page, '.rail *, header *, .stage *, .queue *'), `Tab ${count + 1} is behind the slip`);
  }
  assert.is(await page.locator('#note').count(), 0);
  await page.keyboard.press('Escape');
  await page.locator('#slip').waitFor({ state: 'detached' });
  assert.ok(await hasFocus(page, '.ask-slip summary, .ask-slip input, .ask-slip button'), 'where she was before');
});

test('a live picture is asked for and stopped, and the focus is on its tile again', async ({ page }) => {
  await tabTo(page, 'a[href="#/wall"]');
  await page.keyboard.press('Enter');
  await page.locator('.tile').first().waitFor();
  await tabTo(page, '.tile button');
  await page.keyboard.press('Enter');
  await page.locator('.live').waitFor();
  assert.ok(await hasFocus(page, '.live button'));
  await page.keyboard.press('Escape');
  await page.locator('.live').waitFor({ state: 'detached' });
  assert.ok(await hasFocus(page, '.tile button'));
});

test('the shift is handed over, its sheet is there to print, and out', async ({ page }) => {
  await tabTo(page, 'a[href="#/shift"]');
  await page.keyboard.press('Enter');
  await page.locator('input[name=taker]').waitFor();
  await tabTo(page, 'input[name=taker]', 12);
  await page.keyboard.type('Lê Thị Hoa');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Mắt 03 hay báo nhầm khi gió to');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'In biên bản' }).waitFor();
  await tabTo(page, '.sheet button.primary');
  await tabTo(page, '.me summary');
  await page.keyboard.press('Enter');
  await tabTo(page, '.menu > button:last-child');
  await page.keyboard.press('Enter');
  await page.locator('input[name=password]').waitFor();
});

test.run();
