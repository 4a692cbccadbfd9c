// The alarm queue as the officer has it: a storm in few rows, and a sound that comes again until somebody answers. Hours pass by moving the clocks
// of page and hub.
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { enter, launch } from './browser.ts';
import { commune, makeVillage, type Running, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  nodes: TestSender[];
  browser: Browser;
}

const minuteMs = 60_000;
const test = suite<Context>('alarms at the desk');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.nodes = [];
  for (let count = 1; count <= 35; count++) {
    const node = await context.village.node(`mat-${String(count).padStart(2, '0')}`);
    await node.join(context.running.hub.broker, 4);
    context.nodes.push(node);
  }
  context.browser = await launch();
});
test.after(async ({ village, browser }) => {
  await browser.close();
  await village.remove();
});

interface Ring {
  /** By the page's clock. */
  readonly atMs: number;
  notes: number;
}
interface Heard {
  rings: Ring[];
}
/** So far. */
const rings = (page: Page): Promise<Ring[]> => page.evaluate(() => (globalThis as unknown as Heard).rings);

/** Counts notes in place of ears; a ring is what is struck in one go. */
function listen(): void {
  const heard: Heard = Object.assign(globalThis, { rings: [] });
  const { createOscillator } = AudioContext.prototype;
  const now: { ring?: Ring } = {};
  AudioContext.prototype.createOscillator = function struck() {
    if (now.ring === undefined) {
      now.ring = { atMs: Date.now(), notes: 0 };
      heard.rings.push(now.ring);
      queueMicrotask(() => {
        delete now.ring;
      });
    }
    now.ring.notes += 1;
    return createOscillator.call(this);
  };
}

/** Moves the page's clock and the time that the hub tells it. */
async function withClock(page: Page): Promise<(ms: number) => Promise<void>> {
  const ahead = { ms: 0 };
  await page.clock.install();
  for (const path of ['**/api/queue', '**/api/nodes'])
    await page.route(path, async (route) => {
      const response = await route.fetch();
      const told = await response.json();
      await route.fulfill({ response, json: { ...told, hubMs: told.hubMs + ahead.ms } });
    });
  return async (ms) => {
    ahead.ms += ms;
    await page.clock.fastForward(ms);
  };
}

const panic = (id: string) => ({ class: 0, event: { id, phase: 'new', trigger: 'panic', level: 'alarm' } }) as const;

test('five hundred events of 35 nodes in ten minutes are 35 rows on the screen, an alarm among them on top', async (context) => {
  const { nodes } = context;
  const page = await enter(context, 'desk');
  await page.goto(context.running.hub.url);
  await page.locator('.calm').waitFor();
  const beganMs = Date.now() - 10 * minuteMs;
  for (let count = 0; count < 500; count++) {
    const node = nodes[count % nodes.length];
    const wallMs = beganMs + Math.floor((count * 10 * minuteMs) / 500);
    const time = { monoMs: wallMs - beganMs, wallMs, clock: 'ntp', errorMs: 5 } as const;
    await node?.send(await node.event(`storm-${count}`, 'new', {}, { time }));
  }
  // Another start each: what the storm said of its own start's time is not true of now.
  for (const node of nodes) node.reboot();
  await nodes[20]?.deliver(await nodes[20].event('fire', 'new', {}, panic('fire')));
  await page.getByText('1 báo động · 500 sự kiện').waitFor({ timeout: 60_000 });
  assert.is(await page.locator('.rows li').count(), 35);
  const first = page.locator('.rows li:first-child .row.alarm');
  assert.match((await first.textContent()) ?? '', /mat-21[\s\S]*1 báo động/);
  assert.is(await page.locator('.row.alarm').count(), 1);
  await page.context().close();
});

test('an alarm is heard at once, after a minute again, after three in another way with the words that call a second person; an answer ends it', async (context) => {
  const [node] = context.nodes;
  const page = await enter(context, 'desk');
  await page.addInitScript(listen);
  const pass = await withClock(page);
  await page.goto(context.running.hub.url);
  await page.locator('.row.alarm').waitFor();
  // Before a hand no browser plays anything: what waits is heard with the first one.
  assert.equal(await rings(page), []);
  await page.keyboard.press('ArrowDown');
  await page.getByText('Tiếng báo: bật').waitFor();
  await until('the alarm that waited', async () => (await rings(page)).length === 1);
  const before = await rings(page);
  await node?.deliver(await node.event('nut', 'new', {}, panic('nut')));
  const heard = (count: number) =>
    until(`ring ${count}`, async () => (await rings(page)).length === before.length + count);
  await heard(1);
  await pass(40_000);
  await pass(5_000);
  assert.is((await rings(page)).length, before.length + 1, 'not before the minute is over');
  await pass(20_000);
  await heard(2);
  assert.is(await page.locator('.escalated').count(), 0);
  await pass(2 * minuteMs);
  await heard(3);
  await page.locator('.row.alarm').first().click();
  await page.getByText('Gọi ngay người trực thứ hai').waitFor();
  const [first, second, third] = (await rings(page)).slice(before.length);
  assert.equal([first?.notes, second?.notes, third?.notes], [4, 4, 6]);
  const after = (ring?: Ring) => Math.floor(((ring?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000);
  assert.ok(after(second) >= 60 && after(second) < 85, `again after ${after(second)} s`);
  assert.ok(after(third) >= 179, `otherwise after ${after(third)} s`);
  while ((await page.locator('.row.alarm').count()) > 0) {
    const count = await page.locator('.row.alarm').count();
    await page.locator('.row.alarm').first().click();
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await until('the answer', async () => (await page.locator('.row.alarm').count()) < count);
  }
  const answered = (await rings(page)).length;
  await pass(2 * minuteMs);
  await pass(2 * minuteMs);
  assert.is((await rings(page)).length, answered, 'silent when all is answered');
  await page.context().close();
});

interface Waits {
  readonly node: string;
  readonly count: number;
  readonly alarms: number;
}
const waitsAt = (page: Page, name: string): Promise<Waits | undefined> =>
  page.evaluate(async (node) => {
    const { rows } = (await (await fetch('/api/queue')).json()) as { rows: Waits[] };
    return rows.find((row) => row.node === node);
  }, name);

test('what comes while an answer is being given stays open: another node’s alarm, and the same burst’s next event', async (context) => {
  const [one, other] = [context.nodes[4], context.nodes[5]];
  const page = await enter(context, 'desk');
  await page.goto(context.running.hub.url);
  const title = page.locator('.stage h2');
  one?.reboot();
  await one?.deliver(await one.event('xem', 'new'));
  await title.getByText('mat-05').waitFor();
  await page.keyboard.press('5');
  await page.keyboard.type('người nhà');
  other?.reboot();
  await other?.deliver(await other.event('chay', 'new', {}, panic('chay')));
  await page.locator('.row.alarm').getByText('mat-06').waitFor();
  await one?.deliver(await one.event('nua', 'new'));
  const waiting = (await waitsAt(page, 'mat-05'))?.count ?? 0;
  await page.locator('.row[aria-pressed=true]').getByText(`${waiting} sự kiện`).waitFor();
  assert.is(await title.textContent(), 'mat-05');
  assert.is(await page.locator('#note').inputValue(), 'người nhà');
  await page.keyboard.press('Enter');
  await title.getByText('mat-06').waitFor();
  const [left, alarm] = [await waitsAt(page, 'mat-05'), await waitsAt(page, 'mat-06')];
  assert.equal([left?.count, alarm?.alarms], [1, 1]);
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await page.locator('.row.alarm').waitFor({ state: 'detached' });
  await page.context().close();
});

test('a mere event takes the stage from nobody whose hand is at the desk, an alarm does; half a minute later the newest has it', async (context) => {
  const [one, other, third] = [context.nodes[6], context.nodes[7], context.nodes[8]];
  const page = await enter(context, 'desk');
  const pass = await withClock(page);
  await page.goto(context.running.hub.url);
  const title = page.locator('.stage h2');
  const top = page.locator('.rows li:first-child');
  one?.reboot();
  await one?.deliver(await one.event('mot', 'new'));
  await title.getByText('mat-07').waitFor();
  await page.keyboard.press('b');
  other?.reboot();
  await other?.deliver(await other.event('hai', 'new'));
  await top.getByText('mat-08').waitFor();
  assert.is(await title.textContent(), 'mat-07');
  await pass(31_000);
  await title.getByText('mat-08').waitFor();
  await page.keyboard.press('b');
  third?.reboot();
  await third?.deliver(await third.event('ba', 'new', {}, panic('ba')));
  await title.getByText('mat-09').waitFor();
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await page.locator('.row.alarm').waitFor({ state: 'detached' });
  await page.context().close();
});

test('a disk that darkens while the sound is off is heard as soon as it is on again, once', async (context) => {
  const page = await enter(context, 'desk');
  await page.addInitScript(listen);
  const disk = { state: 'ok', freeBytes: 4e9, totalBytes: 1e12, perDayBytes: 3e9 };
  await page.route('**/api/nodes', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), disk } });
  });
  await page.goto(context.running.hub.url);
  await page.getByText('Tiếng báo:').waitFor();
  const node = context.nodes[1];
  const turn = async () => {
    const status = { state: 'online', sinceMs: Date.now(), release: '0.1.0', boot: 'x', title: 'Mắt 02' };
    await node?.publish(`${root(commune, 'mat-02')}/out/status`, JSON.stringify(status));
  };
  const sound = page.getByRole('button', { name: /Tiếng báo: / });
  await sound.click();
  disk.state = 'low';
  await turn();
  await page.locator('.banner.disk').waitFor();
  assert.equal(await rings(page), []);
  await sound.click();
  await until('the disk', async () => (await rings(page)).length === 1);
  await Promise.all([page.waitForResponse('**/api/nodes'), turn()]);
  assert.is((await rings(page)).length, 1);
  await page.context().close();
});

test('the second officer’s screen is silent while somebody may still answer, then it rings; it stays the second over a reload', async (context) => {
  const [node] = context.nodes;
  const page = await enter(context, 'desk');
  await page.addInitScript(listen);
  const pass = await withClock(page);
  await page.goto(context.running.hub.url);
  await page.locator('.me summary').click();
  await page.getByRole('button', { name: 'Máy của người trực thứ hai' }).click();
  await page.reload();
  await page.locator('.me summary').click();
  await page.getByText('máy thứ hai, kêu khi quá 3 phút').waitFor();
  node?.reboot();
  await node?.deliver(await node.event('sau', 'new', {}, panic('sau')));
  await page.locator('.row.alarm').waitFor();
  await pass(2 * minuteMs);
  await pass(30_000);
  assert.equal(await rings(page), []);
  await pass(60_000);
  await until('the second receiver', async () => (await rings(page)).length === 1);
  await pass(65_000);
  await until('once more', async () => (await rings(page)).length === 2);
  assert.equal(
    (await rings(page)).map(({ notes }) => notes),
    [6, 6],
  );
  await page.locator('.row.alarm').first().click();
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await page.locator('.row.alarm').waitFor({ state: 'detached' });
  await pass(2 * minuteMs);
  assert.is((await rings(page)).length, 2);
  await page.context().close();
});

test.run();
