// What axe-core finds on every page, by day and by night, on the desk and on a telephone; and that the keyboard alone is enough for zones and settings.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configSchema } from '../../agent/core/config/schema.ts';
import { settingsOf } from '../../agent/core/config/settings.ts';
import { root } from '../../protocol/topics.ts';
import { enter, launch, sizes } from './browser.ts';
import { makeStill } from './films.ts';
import { commune, makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  node: TestSender;
  browser: Browser;
  axe: string;
}

const square = [
  [0.1, 0.1],
  [0.4, 0.1],
  [0.4, 0.4],
] as [number, number][];
const road = [
  [0.2, 0.6],
  [0.7, 0.6],
  [0.7, 0.9],
] as [number, number][];
const config = configSchema.parse({
  ...{ commune, node: 'mat-01', title: 'Mắt 01 · Ngã ba chợ', camera: { driver: 'pi', masks: [square] } },
  motion: {
    watch: [{ name: 'cổng chợ', polygon: road, level: 'alarm' }],
    ignore: [{ name: 'ngọn cây', polygon: square }],
  },
});

const test = suite<Context>('axe');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  const node = await context.village.node('mat-01');
  context.node = node;
  await node.join(context.running.hub.broker, 4);
  await node.deliver(await node.record({ kind: 'boot', class: 1 }, JSON.stringify({ settings: settingsOf(config) })));
  const panic = { class: 0, event: { id: 'nut', phase: 'new', trigger: 'panic', level: 'alarm' } } as const;
  await node.deliver(await node.event('nut', 'new', {}, panic));
  const of = { event: 'nut', part: 0, why: 'event' } as const;
  await node.deliver(await node.record({ kind: 'still', class: 2, of }, await makeStill(), 'image/jpeg'));
  const say = (what: string, value: object) =>
    node.publish(`${root(commune, 'mat-01')}/out/${what}`, JSON.stringify(value));
  const faults = [{ code: 'board-hot', standing: true, text: '81 C' }];
  await say('status', { state: 'online', sinceMs: Date.now(), release: '0.1.0', boot: 'x', title: config.title });
  await say('vitals', {
    queue: { files: 6, events: 3, oldestAgeMs: 7000 },
    board: { temperatureC: 61, load1: 0.4 },
    faults,
  });
  context.browser = await launch();
  context.axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
});
test.after(async ({ village, browser }) => {
  await browser.close();
  await village.remove();
});

const pages = [
  ['#/queue', '.row'],
  ['#/wall', '.tile'],
  ['#/find', '.film button'],
  ['#/shift', '.figures'],
  ['#/care?tab=how', '.figures'],
  ['#/care?tab=set', '.slide'],
  ['#/care?tab=zones', '.zone-row'],
  ['#/care?tab=aim', '.tool'],
  ['#/care?tab=point', 'input[name=hamlet]'],
  ['#/journal', 'td'],
  ['#/tv', '.tv'],
] as const;

/** Views that the rail leads to and that are not named above. */
async function others(page: Page): Promise<[string, string][]> {
  const all = await page
    .locator('.rail a')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  const named = pages.map(([address]) => address.split('?')[0]);
  return all.filter((address) => address !== '#/' && !named.includes(address)).map((address) => [address, '#view > *']);
}

interface Told {
  readonly violations: readonly { id: string; impact: string | null; nodes: readonly { html: string }[] }[];
}

/** By night only the colours are others. */
async function faultsOn(page: Page, axe: string, colour: 'light' | 'dark'): Promise<string[]> {
  // As an expression of the debugger: the page's own policy lets no other script in. Once in a document, it weighs half a megabyte.
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(`${axe}; undefined`);
  const asked = { resultTypes: ['violations'], ...(colour === 'dark' ? { runOnly: ['color-contrast'] } : {}) };
  const told = await page.evaluate<Told>(`axe.run(document, ${JSON.stringify(asked)})`);
  return told.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

test('no page has a serious fault, by day and by night and on a telephone', async (context) => {
  const page = await enter(context, 'desk');
  const found: string[] = [];
  await page.goto(`${context.running.hub.url}#/queue`);
  await page.locator('.rail').waitFor();
  for (const [address, shows] of [...pages, ...(await others(page))]) {
    await page.goto(`${context.running.hub.url}${address}`);
    await page.locator(shows).first().waitFor();
    for (const [size, colour] of [
      ['desk', 'light'],
      ['desk', 'dark'],
      ['telephone', 'light'],
    ] as const) {
      // The television has no telephone's size.
      if (size === 'telephone' && address === '#/tv') continue;
      await page.setViewportSize(sizes[size]);
      await page.emulateMedia({ colorScheme: colour });
      found.push(
        ...(await faultsOn(page, context.axe, colour)).map((fault) => `${address} ${size} ${colour} ${fault}`),
      );
    }
    if (address === '#/tv') continue;
    const wide = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.querySelector('main')?.scrollWidth ?? 0,
    ]);
    for (const each of wide) assert.ok(each <= sizes.telephone.width, `${address}: ${wide}`);
    await page.setViewportSize(sizes.desk);
    await page.emulateMedia({ colorScheme: 'light' });
  }
  assert.equal(found, []);
  await page.context().close();
});

test('no door has a serious fault: signing in, the first password, a desk at rest', async (context) => {
  const page = await enter(context, 'desk');
  const me = { answer: {} as object | null };
  await page.route('**/api/me', async (route) => {
    if (me.answer === null) return await route.fulfill({ json: null });
    const response = await route.fetch();
    return await route.fulfill({ response, json: { ...(await response.json()), ...me.answer } });
  });
  const found: string[] = [];
  for (const [answer, shows] of [
    [null, 'input[name=name]'],
    [{ mustChange: true }, 'input[name=again]'],
    [{ standing: 'resting' }, '.door-alarm'],
  ] as const) {
    me.answer = answer;
    await page.goto(context.running.hub.url);
    await page.locator(shows).waitFor();
    found.push(...(await faultsOn(page, context.axe, 'light')).map((fault) => `${shows} ${fault}`));
  }
  assert.equal(found, []);
  await page.context().close();
});

test('a point with a fault is opened on the map, and its fault told in words', async (context) => {
  const { cookie, csrf } = await signIn(context.village.config.dataDir, context.running.hub.url, 'chief');
  const send = (path: string, type: string, body: Uint8Array<ArrayBuffer> | string) =>
    fetch(`${context.running.hub.url}${path}`, {
      method: 'POST',
      headers: { cookie, 'x-csrf': csrf, 'content-type': type },
      body,
    });
  assert.is((await send('api/plan', 'image/jpeg', Uint8Array.from(await makeStill()))).status, 200);
  const point = { hamlet: 'Thôn Chợ', contact: '', phone: '', x: 0.5, y: 0.5 };
  assert.is((await send('api/points/mat-01', 'application/json', JSON.stringify(point))).status, 200);
  const { node } = context;
  const fault = JSON.stringify({ code: 'board-hot', standing: true, text: '81 C' });
  await node.deliver(await node.record({ kind: 'fault', class: 1 }, fault));
  const page = await enter(context, 'desk');
  await page.goto(`${context.running.hub.url}#/map`);
  await page.locator('.pin-place').click();
  await page.locator('#view').getByText('Bo mạch quá nóng').waitFor();
  await page.context().close();
});

test('the screen on the wall tells of the hub’s own troubles in large letters, also while an alarm waits', async (context) => {
  const page = await enter(context, 'desk');
  await page.route('**/api/nodes', async (route) => {
    const response = await route.fetch();
    const disk = { state: 'low', freeBytes: 4e9, totalBytes: 1e12, perDayBytes: 3e9 };
    await route.fulfill({ response, json: { ...(await response.json()), disk, connected: false } });
  });
  await page.goto(`${context.running.hub.url}#/tv`);
  await page.locator('.takeover').waitFor();
  const told = page.locator('.banner');
  await told.filter({ hasText: 'Đĩa của máy chủ xã sắp đầy' }).waitFor();
  await told.filter({ hasText: 'chưa nối được' }).waitFor();
  for (const letters of await told.evaluateAll((all) => all.map((each) => getComputedStyle(each).fontSize)))
    assert.ok(Number.parseFloat(letters) >= sizes.desk.height / 40, letters);
  for (const part of ['.tv header', '.tv main'])
    assert.is(await page.locator(part).evaluate((each) => each.getBoundingClientRect().width), sizes.desk.width, part);
  const below = await page.locator('.tv main').evaluate((each) => each.getBoundingClientRect().bottom);
  assert.is(Math.round(below), sizes.desk.height);
  assert.equal(await faultsOn(page, context.axe, 'light'), []);
  await page.context().close();
});

test('a corner is dragged with the mouse, a whole zone too, and what was drawn is weighed', async (context) => {
  const page = await enter(context, 'desk');
  await page.goto(`${context.running.hub.url}#/care?tab=zones`);
  const drag = async (what: string, dx: number, dy: number) => {
    const { x, y, width, height } = (await page.locator(what).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + dx, y + height / 2 + dy, { steps: 3 });
    await page.mouse.up();
  };
  const corner = '[data-corner="watch 0 1"]';
  await page.locator(corner).waitFor();
  const at = () => page.locator(corner).evaluate((circle) => Number(circle.getAttribute('cx')));
  const before = await at();
  await drag(corner, 60, 10);
  assert.ok((await at()) > before + 50, `${before} to ${await at()}`);
  await page.locator('[data-corner="mask 0 1"]').press('Delete');
  await page.getByRole('button', { name: 'Xem thay đổi' }).click();
  await page.getByRole('row', { name: /Vùng phát hiện “cổng chợ”.*hình mới/ }).waitFor();
  // A triangle has no corner to spare.
  assert.is(await page.getByRole('row', { name: /Vùng che riêng tư/ }).count(), 0);
  await page.context().close();
});

test('the walk test counts each time the node has caught somebody', async (context) => {
  const page = await enter(context, 'telephone');
  await page.goto(`${context.running.hub.url}#/care?tab=aim`);
  await page.getByRole('button', { name: 'Bắt đầu đếm' }).click();
  const { node } = context;
  for (const id of ['walk-1', 'walk-2']) {
    await node.deliver(await node.event(id, 'new'));
    await node.deliver(await node.event(id, 'end'));
  }
  await page.getByText('2 lần', { exact: true }).waitFor();
  await page.context().close();
});

test('times are those of Vietnam on every page, whatever the browser thinks', async (context) => {
  const page = await enter(context, 'desk', { timezoneId: 'America/New_York' });
  const get = async (path: string) => await (await page.request.get(`${context.running.hub.url}${path}`)).json();
  const [found] = (await get('api/find?level=alarm')).events;
  const local = (ms: number) => new Date(ms + 7 * 3_600_000).toISOString();
  await page.goto(`${context.running.hub.url}#/queue`);
  // The minute may turn while the page is asked.
  const minutes = [local(Date.now()).slice(11, 16)];
  const shown = (await page.locator('header .now time').textContent())?.slice(0, 5);
  minutes.push(local(Date.now()).slice(11, 16));
  assert.ok(minutes.includes(shown ?? ''), `${shown} is not of ${minutes}`);
  const [row] = (await get('api/queue')).rows;
  assert.is((await page.locator('.row.alarm time').textContent())?.slice(0, 5), local(row.fromMs).slice(11, 16));
  const [day, month, year] = [
    local(found.atMs).slice(8, 10),
    local(found.atMs).slice(5, 7),
    local(found.atMs).slice(0, 4),
  ];
  await page.goto(`${context.running.hub.url}#/find`);
  await page
    .locator('.film')
    .getByText(`${local(found.atMs).slice(11, 19)} ${day}/${month}/${year}`)
    .waitFor();
  // Asked before the page asks: a line written in between would not be on it.
  const [{ atMs }] = (await get('api/audit?count=1')).lines;
  await page.goto(`${context.running.hub.url}#/journal`);
  await page
    .locator('td time')
    .filter({ hasText: local(atMs).slice(11, 19) })
    .first()
    .waitFor();
  await page.context().close();
});

test.run();
