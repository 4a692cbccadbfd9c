// Finding as an officer does it: a node's day with its film strip, the film at another speed with what the node saw, a time that was put right.
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { enter, launch, sizes } from './browser.ts';
import { box, happen, makeFilm, makeStill, makeUnevenFilm, unevenTimes } from './films.ts';
import { commune, makeVillage, type Running, sender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  browser: Browser;
  page: Page;
  complaints: string[];
}

const script = '<img src=x onerror="document.title=`gone`"><script>document.title="gone"</script>';
const test = suite<Context>('finding on the page');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  const [film, still] = [await makeFilm(20), await makeStill()];
  const node = await context.village.node('mat-01');
  await node.join(context.running.hub.broker, 4);
  for (const id of ['one', 'two', 'three']) await happen(node, id, film, still, id === 'two' ? 'alarm' : 'event');
  const status = { state: 'online', sinceMs: Date.now(), release: '0.1.0', boot: 'x', title: script };
  await node.publish(`${root(commune, 'mat-01')}/out/status`, JSON.stringify(status));
  // It knew no time at first, then the network told it.
  const late = await context.village.node('mat-02');
  await late.join(context.running.hub.broker, 4);
  const before = { monoMs: 1000, wallMs: null, clock: 'none', errorMs: 0 } as const;
  await late.deliver(await late.event('early', 'new', {}, { time: before }));
  const after = { monoMs: 61_000, wallMs: Date.now(), clock: 'ntp', errorMs: 5 } as const;
  await late.deliver(await late.event('later', 'new', {}, { time: after }));
  const uneven = await context.village.node('mat-03');
  await uneven.join(context.running.hub.broker, 4);
  await happen(uneven, 'uneven', await makeUnevenFilm(20), still);
  context.browser = await launch();
  context.complaints = [];
  context.page = await enter(context, 'desk', { locale: 'vi-VN' });
  context.page.on('pageerror', (error) => context.complaints.push(error.message));
});
test.after(async ({ village, browser, complaints }) => {
  await browser.close();
  await village.remove();
  // What a script throws is told a moment later: of all tests here at once.
  assert.equal(complaints, []);
});

const today = () => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);

test('a day is a band of its minutes that sum to all of it, and a film strip; a still opens its event, the arrows the next', async ({
  page,
  running,
}) => {
  await page.goto(`${running.hub.url}#/find?node=mat-01&day=${today()}`);
  const strip = page.locator('.band .strip button');
  await strip.nth(2).waitFor();
  assert.is(await strip.count(), 3);
  assert.is(await page.locator('.band .strip button.alarm').count(), 1);
  const minutes = await page
    .locator('.minutes rect:not(.event)')
    .evaluateAll((bars) => bars.reduce((sum, bar) => sum + Number(bar.getAttribute('width')), 0));
  assert.is(minutes, 1440);
  await strip.first().click();
  const chosen = () => page.locator('.film button[aria-pressed=true]').getAttribute('data-key');
  await until('the first event', async () => (await chosen()) === 'mat-01/one');
  await page.keyboard.press('ArrowRight');
  await until('the next', async () => (await chosen()) === 'mat-01/two');
  await page.locator('.film button.alarm[aria-pressed=true]').waitFor();
});

test('the film goes at another speed, and shows what the node saw when asked', async ({ page }) => {
  const film = () =>
    page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('.player video');
      return { at: video?.currentTime ?? -1, rate: video?.playbackRate };
    });
  await until('the film', async () => (await film()).at > 0.5);
  await page.locator('.speed select').selectOption('2');
  assert.is((await film()).rate, 2);
  await page.getByText('Khung và lý do').click();
  await page.locator('.screen .over', { hasText: 'Vật thể 4 % hình' }).waitFor();
});

/** How far a box is off its place: left, top, width, height. Nothing while there is no picture. */
function offOf(box: { x: number; y: number; w: number; h: number }): number[] {
  const video = document.querySelector<HTMLVideoElement>('.player video');
  const drawn = document.querySelector('.boxes rect')?.getBoundingClientRect();
  if (video === null || video.videoWidth === 0 || drawn === undefined) return [];
  const screen = video.getBoundingClientRect();
  // As `object-fit: contain` fits it.
  const scale = Math.min(screen.width / video.videoWidth, screen.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  const left = screen.left + (screen.width - width) / 2 + box.x * width;
  const top = screen.top + (screen.height - height) / 2 + box.y * height;
  return [drawn.left - left, drawn.top - top, drawn.width - box.w * width, drawn.height - box.h * height];
}

test('boxes lie over the picture, whatever shape camera and screen have', async ({ page, running }) => {
  for (const [size, node] of [
    ['desk', 'mat-01'],
    ['large', 'mat-01'],
    ['large', 'mat-03'],
    ['telephone', 'mat-03'],
  ] as const) {
    await page.setViewportSize(sizes[size]);
    await page.goto(`${running.hub.url}#/find?node=${node}`);
    // The film may just be loaded anew.
    await until(`boxes over the picture (${size}, ${node})`, async () => {
      const off = await page.evaluate(offOf, box);
      // The line itself is three pixels wide.
      return off.length === 4 && off.every((each) => Math.abs(each) < 3);
    });
  }
  await page.setViewportSize(sizes.desk);
});

test('hours of a day are asked for alone, also over midnight', async ({ page, running }) => {
  const asked = page.waitForRequest(/api\/find\?.*fromMs/);
  await page.goto(`${running.hub.url}#/find?day=2026-11-27&from=22:00&to=05:30`);
  const { searchParams } = new URL((await asked).url());
  const moment = (name: string) => new Date(Number(searchParams.get(name))).toISOString();
  assert.equal([moment('fromMs'), moment('toMs')], ['2026-11-27T15:00:00.000Z', '2026-11-27T22:30:00.000Z']);
  assert.is(await page.getByLabel('Đến lúc').first().inputValue(), '05:30');
});

for (const [what, node, event, times] of [
  ['at a rate of its own', 'mat-01', 'one', Array.from({ length: 20 * 15 }, (_, picture) => picture / 15)],
  ['that keeps no rate', 'mat-03', 'uneven', unevenTimes(20)],
] as const)
  test(`a step shows the very next picture, and the one before, of a film ${what}`, async ({ page, running }) => {
    await page.goto(`${running.hub.url}#/find?node=${node}`);
    await page.locator(`[data-key="${node}/${event}"]`).click();
    await page.waitForFunction(
      () => (document.querySelector<HTMLVideoElement>('.player video')?.currentTime ?? 0) > 0.5,
    );
    await page.locator('.player video').evaluate((video: HTMLVideoElement) => {
      const told: VideoFrameRequestCallback = (_, { mediaTime }) => {
        video.dataset.shown = String(mediaTime);
        video.requestVideoFrameCallback(told);
      };
      video.requestVideoFrameCallback(told);
    });
    const picture = async () => {
      const begins = Number(await page.locator('.player video').getAttribute('data-shown'));
      return times.findIndex((time) => Math.abs(time - begins) < 0.002);
    };
    // The first step stops the film, wherever it is by then: on a busy machine near its end, where no fourth picture follows.
    await page.keyboard.press('.');
    await page.locator('.player video').evaluate(async (video: HTMLVideoElement) => {
      while (!video.paused) await new Promise((later) => setTimeout(later, 10));
      video.currentTime = 0.5;
    });
    const at = { picture: -1 };
    await until('a film that stands', async () => {
      const before = at.picture;
      await new Promise((done) => setTimeout(done, 300));
      at.picture = await picture();
      return at.picture > 0 && at.picture === before;
    });
    for (const [key, by] of [
      ['.', 1],
      ['.', 1],
      ['.', 1],
      [',', -1],
      [',', -1],
    ] as const) {
      await page.keyboard.press(key);
      at.picture += by;
      await until(`picture ${at.picture} after ${key}`, async () => (await picture()) === at.picture);
    }
    // Pressed faster than pictures come, none is left out.
    for (const _ of [1, 2, 3, 4]) await page.keyboard.press('.');
    await until('the fourth after it', async () => (await picture()) === at.picture + 4);
    await page.locator('.tools button').first().click();
    await until('the one before, by the button', async () => (await picture()) === at.picture + 3);
  });

test('a time that was put right says so, with the bound of its error and what the camera had said', async ({
  page,
  running,
}) => {
  await page.goto(`${running.hub.url}#/find?node=mat-02`);
  await page.locator('[data-key="mat-02/early"]').click();
  const told = page.locator('.player .told');
  await told.filter({ hasText: /giờ tính lại, sai số dưới \d+ (?:mili)?giây/ }).waitFor();
  await told.filter({ hasText: 'khi đó camera chưa có giờ' }).waitFor();
  await page.locator('[data-key="mat-02/later"]').click();
  await page.locator('.player .told', { hasText: 'đang diễn ra' }).waitFor();
  assert.is(await page.getByText('giờ tính lại').count(), 0);
});

test('a point is dragged on the plan with the mouse, and stays there', async ({ page, running, village }) => {
  const send = await sender(village, running, 'chief');
  assert.is((await send('api/plan', Uint8Array.from(await makeStill()), 'image/jpeg')).status, 200);
  const point = { hamlet: 'Thôn Chợ', contact: '', phone: '', x: 0.5, y: 0.5 };
  assert.is((await send('api/points/mat-02', JSON.stringify(point))).status, 200);
  await page.goto(`${running.hub.url}#/map`);
  await page.locator('.plan-tools button').click();
  const pin = page.locator('.pin-place');
  const { x, y, width, height } = (await pin.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 120, y + height / 2 - 60, { steps: 6 });
  await page.mouse.up();
  const placeOf = async () => (await (await running.get('api/points')).json()).points['mat-02'];
  await until('the point moved', async () => (await placeOf()).x > 0.55);
  assert.ok((await placeOf()).y < 0.45);
});

test('a view that is left before its answer has come is left', async ({ page, running }) => {
  const { id } = await page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/me')).json();
    const headers = { 'x-csrf': csrf, 'content-type': 'application/json' };
    return await (await fetch('/api/cases', { method: 'POST', headers, body: '{"title":"Thử"}' })).json();
  });
  for (const [view, path] of [
    ['report', '**/api/report*'],
    ['find', '**/api/find*'],
    [`find?node=mat-01&day=${today()}`, '**/api/day/*'],
    [`cases?id=${id}`, `**/api/cases/${id}`],
  ] as const) {
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await page.route(path, async (route) => {
      asked.resolve();
      await held.promise;
      await route.continue();
    });
    await page.goto(`${running.hub.url}#/${view}`);
    await asked.promise;
    await page.evaluate(() => {
      location.hash = '#/wall';
    });
    await page.locator('.tile').first().waitFor();
    const answered = page.waitForResponse(path);
    held.resolve();
    await (await answered).finished();
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.unroute(path);
  }
});

test('a script in the name of a node is a name on every view', async ({ page, running }) => {
  for (const view of [
    'queue',
    'wall',
    'find?node=mat-01',
    'care?node=mat-01',
    'report',
    'journal',
    'map',
    'shift',
    'tv',
  ]) {
    await page.goto(`${running.hub.url}#/${view}`);
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.locator('#desk').getByText('onerror').first().waitFor({ state: 'attached' });
    assert.is(await page.locator('#desk img[src=x], #desk script').count(), 0, view);
    assert.not.match(await page.title(), 'gone');
  }
});

test.run();
