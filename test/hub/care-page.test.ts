// Node care as a technician has it: the plots of the vitals that the hub holds, and what another sensitivity would have caught.
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configSchema } from '../../agent/core/config/schema.ts';
import { settingsOf } from '../../agent/core/config/settings.ts';
import { traceType } from '../../agent/core/trace/format.ts';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { enter, launch } from './browser.ts';
import { traceOf } from './traced.ts';
import { commune, makeVillage, type Running, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  node: TestSender;
  browser: Browser;
  page: Page;
  complaints: string[];
}

const test = suite<Context>('node care on the page');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.node = await context.village.node('mat-01');
  await context.node.join(context.running.hub.broker, 4);
  const status = { state: 'online', sinceMs: Date.now(), release: '0.1.0', boot: 'x', title: 'Chợ' };
  await context.node.publish(`${root(commune, 'mat-01')}/out/status`, JSON.stringify(status));
  const settings = settingsOf(configSchema.parse({ commune, node: 'mat-01', title: 'Chợ', camera: { driver: 'pi' } }));
  await context.node.deliver(await context.node.record({ kind: 'boot', class: 1 }, JSON.stringify({ settings })));
  context.browser = await launch();
  context.complaints = [];
  context.page = await enter(context, 'desk', { locale: 'vi-VN', role: 'technician' });
  context.page.on('pageerror', (error) => context.complaints.push(error.message));
});
test.after(async ({ village, browser, complaints }) => {
  await browser.close();
  await village.remove();
  assert.equal(complaints, []);
});

const slotMs = 300_000;

/** Of the plot's own line in the left and the right half of what is drawn: its highest pixel, in parts of the picture's height; and how many there are. */
const lineOf = (page: Page, name: string) =>
  page.getByRole('img', { name: new RegExp(`^${name}`) }).evaluate((plot) => {
    const canvas = plot.querySelector('canvas');
    const [width, height] = [canvas?.width ?? 0, canvas?.height ?? 0];
    const data = canvas?.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
    const probe = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
    if (probe === null) throw new Error('no canvas');
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
    probe.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data;
    const drawn = Array.from({ length: width * height }, (_, at) => at).filter(
      (at) =>
        data[4 * at] === red && data[4 * at + 1] === green && data[4 * at + 2] === blue && data[4 * at + 3] === 255,
    );
    const columns = drawn.map((at) => at % width);
    const middle = (Math.min(...columns) + Math.max(...columns)) / 2;
    const top = (half: (x: number) => boolean) =>
      Math.min(...drawn.filter((at) => half(at % width)).map((at) => Math.floor(at / width))) / height;
    return { pixels: drawn.length, left: top((x) => x < middle - 8), right: top((x) => x > middle + 8) };
  });

test('vitals at the hub are drawn as lines that go where they went, and told in words with the newest of them', async ({
  node,
  page,
  running,
}) => {
  const samples = Array.from({ length: 96 }, (_, index) => ({
    wallMs: Date.now() - (96 - index) * slotMs,
    board: { temperatureC: index < 48 ? 40 : 80, load1: 0.5 },
  }));
  await node.deliver(await node.record({ kind: 'vitals', class: 5 }, JSON.stringify({ samples })));
  const now = { board: { temperatureC: 61.5, load1: 0.5 }, queue: { files: 3, events: 0, oldestAgeMs: null } };
  await node.publish(`${root(commune, 'mat-01')}/out/vitals`, JSON.stringify(now));
  const history = async () => (await running.get('api/care/mat-01/history')).json();
  await until('all vitals', async () => {
    const { temperatureC } = await history();
    return temperatureC.length >= 96 && temperatureC.at(-1) === 61.5;
  });
  await page.goto(`${running.hub.url}#/care?node=mat-01&tab=how`);
  await page.getByRole('img', { name: 'Nhiệt độ (°C): từ 40 đến 80, gần nhất 61,5' }).locator('canvas').waitFor();
  await page.getByRole('img', { name: 'Tải bộ xử lý: từ 0,5 đến 0,5, gần nhất 0,5' }).locator('canvas').waitFor();
  const numbers = page.locator('.plot figcaption .num');
  assert.equal(await numbers.allTextContents(), ['61,5', '3', '0,5']);
  await until('a line', async () => (await lineOf(page, 'Nhiệt độ')).pixels > 50);
  // 0 to 92 over some 110 of 150 pixels: 40 degrees are a third of the picture.
  const { left, right } = await lineOf(page, 'Nhiệt độ');
  assert.ok(left - right > 0.2 && left - right < 0.5, `the line's top goes from ${left} to ${right} of the picture`);
  // No card was told of: there is nothing to draw, and nothing is said.
  assert.is((await lineOf(page, 'Ghi vào thẻ')).pixels, 0);
  await page.locator('.figures', { hasText: '61,5 °C' }).waitFor();
});

test('the last day’s traces say in the page, as the hub does, what the sensitivity under the hand would have caught', async ({
  node,
  page,
  running,
}) => {
  await page.goto(`${running.hub.url}#/care?node=mat-01&tab=set`);
  const askTheTraces = page.getByRole('button', { name: 'Xem 24 giờ qua' });
  await askTheTraces.click();
  await page.getByText('Chưa có vết phân tích nào của 24 giờ qua ở máy chủ.').waitFor();
  await node.deliver(await node.record({ kind: 'trace', class: 5 }, traceOf(Date.now() - 3_600_000), traceType));
  interface Level {
    readonly sensitivity: number;
    readonly events: number;
    readonly newest: readonly unknown[];
  }
  const told: { levels: Level[] } = await (await running.get('api/care/mat-01/sensitivity')).json();
  const at = (sensitivity: number): Level => told.levels[sensitivity - 1] ?? { sensitivity, events: -1, newest: [] };
  // Else nothing would be seen to change.
  assert.ok(at(1).events < at(5).events && at(5).events < at(10).events, JSON.stringify(told.levels));

  await page.reload();
  await askTheTraces.click();
  await page.locator('.bars li').nth(9).waitFor();
  assert.equal(
    await page.locator('.bars meter').evaluateAll((bars) => bars.map((bar) => (bar as HTMLMeterElement).value)),
    told.levels.map(({ events }) => events),
  );
  const asked = page.locator('.bars li.asked');
  for (const [key, sensitivity] of [
    ['ArrowRight', 6],
    ['End', 10],
    ['Home', 1],
  ] as const) {
    await page.locator('.slide input').press(key);
    const { events, newest } = at(sensitivity);
    const more = events - at(5).events;
    const beside = more === 0 ? '' : more > 0 ? `thêm ${more}` : `bớt ${-more}`;
    await asked.filter({ hasText: new RegExp(`^${sensitivity}\\D*${events} sự kiện${beside}$`) }).waitFor();
    assert.is(await page.locator('.caught-list li').count(), newest.length);
  }
  await page
    .locator('.bars li', { hasText: 'đang đặt' })
    .filter({ hasText: `${at(5).events} sự kiện` })
    .waitFor();
});

test.run();
