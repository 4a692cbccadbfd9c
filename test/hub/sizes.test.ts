// Every view on the screens that communes have, full of what a bad night brings: nothing is wider than the screen, nothing is cut, nothing is asked of another machine; and the sheets on paper.
// MATLANG_SHOTS=<folder> keeps a picture of each, to be looked at.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configSchema } from '../../agent/core/config/schema.ts';
import { settingsOf } from '../../agent/core/config/settings.ts';
import { addAccount, setDisabled } from '../../hub/desk/accounts.ts';
import { lockRules } from '../../hub/desk/lockout.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { root } from '../../protocol/topics.ts';
import { enter, launch, sizes } from './browser.ts';
import { happen, makeFilm, makeStill } from './films.ts';
import { commune, makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  nodes: TestSender[];
  browser: Browser;
}

const run = promisify(execFile);
const hamlets = ['Thôn Đông Xuân Thượng', 'Ấp Mỹ Phước Tây A', 'Tổ dân phố Nguyễn Thị Minh Khai 12'];
const places = ['Ngã ba chợ', 'Cổng trường tiểu học Nguyễn Văn Trỗi', 'Cầu Đá qua kênh Thủy Lợi', 'Nhà văn hóa thôn'];
const titleOf = (count: number) => `Mắt ${String(count).padStart(2, '0')} · ${places[count % places.length]}`;

const square: [number, number][] = [
  [0.1, 0.1],
  [0.4, 0.1],
  [0.4, 0.4],
];
const strip: [number, number][] = [
  [0.5, 0.5],
  [0.9, 0.5],
  [0.9, 0.8],
];
/** What a node with zones says at its start. */
const startOf = (title: string) =>
  JSON.stringify({
    settings: settingsOf(
      configSchema.parse({
        ...{ commune, node: 'mat-01', title, camera: { driver: 'pi', masks: [strip] } },
        motion: { watch: [{ name: 'cổng trường tiểu học', polygon: square, level: 'alarm' }] },
      }),
    ),
  });

const test = suite<Context>('sizes');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.nodes = [];
  const [film, still] = [await makeFilm(20), await makeStill()];
  for (let count = 1; count <= 35; count++) {
    const node = await context.village.node(`mat-${String(count).padStart(2, '0')}`);
    context.nodes.push(node);
    await node.join(context.running.hub.broker, 4);
    const say = (what: string, value: object) =>
      node.publish(`${root(commune, node.name)}/out/${what}`, JSON.stringify(value));
    const state = count % 9 === 0 ? 'offline' : count % 13 === 0 ? 'stopped' : 'online';
    const title = titleOf(count);
    if (count === 1) await node.deliver(await node.record({ kind: 'boot', class: 1 }, startOf(title)));
    await say('status', { state, sinceMs: Date.now(), release: '0.1.0', boot: 'x', title });
    const faults = count % 7 === 0 ? [{ code: 'board-hot', standing: true, text: '81 C' }] : [];
    await say('vitals', { queue: { files: 60, events: 34, oldestAgeMs: 700_000 }, faults });
    if (count < 14) await happen(node, `e${count}`, film, still, count % 6 === 0 ? 'alarm' : 'event');
  }
  await fill(context, await makeStill());
  context.browser = await launch();
});
test.after(async ({ village, browser }) => {
  await browser.close();
  await village.remove();
});

/** Points, a plan, a case, people. */
async function fill({ running, village, nodes }: Context, plan: Uint8Array): Promise<void> {
  const store = openDeskStore(village.config.dataDir);
  for (const [name, fullName, role] of [
    ['nguyen-hoang-phuong-thao.2026', 'Nguyễn Hoàng Phương Thảo Nguyên', 'officer'],
    ['hoa', 'Trần Thị Hoa', 'technician'],
    ['cu', 'Lê Văn Cũ', 'authority'],
  ] as const)
    await addAccount(store, { name, fullName, role }, 'abcd-2345', Date.now());
  setDisabled(store, 'cu', true);
  store.close();
  const wrong = JSON.stringify({ name: 'nguyen-hoang-phuong-thao.2026', password: 'sai' });
  const headers = { 'content-type': 'application/json' };
  for (let count = 0; count < lockRules.failures; count++)
    await fetch(`${running.hub.url}api/sign-in`, { method: 'POST', headers, body: wrong });
  const { cookie, csrf } = await signIn(village.config.dataDir, running.hub.url, 'chief');
  const send = async (path: string, body: object | Uint8Array) => {
    const isPicture = body instanceof Uint8Array;
    const type = isPicture ? 'image/jpeg' : 'application/json';
    const answer = await fetch(`${running.hub.url}${path}`, {
      method: 'POST',
      headers: { cookie, 'x-csrf': csrf, 'content-type': type },
      body: isPicture ? Uint8Array.from(body) : JSON.stringify(body),
    });
    assert.is(answer.status, 200, `${path}: ${await answer.clone().text()}`);
    return await answer.json();
  };
  await send('api/plan', plan);
  for (const [index, { name }] of nodes.entries()) {
    const at = { x: ((index % 7) + 1) / 8, y: (Math.floor(index / 7) + 1) / 6 };
    const hamlet = hamlets[index % hamlets.length] ?? '';
    await send(`api/points/${name}`, { hamlet, contact: 'Ông Nguyễn Hoàng Phương', phone: '0912 345 670', ...at });
  }
  const { id } = await send('api/cases', { title: 'Va chạm giữa xe tải và xe máy trước cổng trường tiểu học' });
  for (const count of [1, 2, 3, 4, 5, 6])
    await send(`api/cases/${id}/events`, { node: `mat-0${count}`, id: `e${count}` });
}

const views = [
  ...['#/queue', '#/wall', '#/map', '#/find', '#/cases', '#/shift', '#/report', '#/journal', '#/tv', '#/people'],
  ...['#/care?tab=how', '#/care?tab=set', '#/care?tab=zones', '#/care?tab=aim', '#/care?tab=point'],
  ...['#/find?node=mat-01&day=today'],
];
const shows: Readonly<Record<string, string>> = {
  '#/queue': '.row',
  '#/map': '.leaflet-marker-icon',
  '#/tv': '.takeover',
  '#/people': '.accounts > li',
};

async function open(page: Page, { running }: Context, view: string): Promise<void> {
  const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
  await page.goto(`${running.hub.url}${view.replace('today', today)}`);
  await page
    .locator(shows[view] ?? '#view > *')
    .first()
    .waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await drawn(page);
}

const drawn = (page: Page) =>
  page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));

async function keep(page: Page, name: string): Promise<void> {
  const { MATLANG_SHOTS: folder } = process.env;
  if (folder === undefined) return;
  const path = join(folder, name);
  if (name.endsWith('.pdf')) await page.pdf({ path, preferCSSPageSize: true });
  else await page.screenshot({ path });
}

/** What lies beyond the screen's right edge, and what a box hides of the text in it. */
const cutOn = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const isSeen = (each: Element) =>
      each.checkVisibility() && each.closest('.unseen, svg, .leaflet-container') === null && !isTurned(each);
    // What a thumb pushes along on a telephone.
    const isTurned = (each: Element) =>
      innerWidth < 800 && each.closest('.rail, .tabs, .view.care .list, .row-why, .how, .me') !== null;
    const name = (each: Element) =>
      `${each.tagName} ${each.className} “${(each.textContent ?? '').trim().slice(0, 40)}”`;
    return [...document.body.querySelectorAll('*')].filter(isSeen).flatMap((each) => {
      const { right, width } = each.getBoundingClientRect();
      const { overflowX, overflowY, textOverflow } = getComputedStyle(each);
      const found: string[] = [];
      if (width > 0 && right > innerWidth + 1)
        found.push(`beyond the edge by ${Math.round(right - innerWidth)}: ${name(each)}`);
      const hasText =
        (each.textContent ?? '').trim() !== '' && !/^(?:SELECT|OPTION|INPUT|TEXTAREA|VIDEO)$/.test(each.tagName);
      // The name of the place of an alarm stands in full where its line leads, a hamlet's beside its film.
      const mayEnd = textOverflow === 'ellipsis' && each.matches('.pressing strong, .row-why');
      if (hasText && overflowX !== 'visible' && !mayEnd && each.scrollWidth > each.clientWidth + 1)
        found.push(`wider than its box by ${each.scrollWidth - each.clientWidth}: ${name(each)}`);
      if (hasText && overflowY === 'hidden' && each.scrollHeight > each.clientHeight + 2)
        found.push(`higher than its box by ${each.scrollHeight - each.clientHeight}: ${name(each)}`);
      return found;
    });
  });

test('no view is wider than a desk, a large screen and a telephone, and nothing is cut', async (context) => {
  const page = await enter(context, 'desk', { locale: 'vi-VN' });
  const asAdmin = await enter(context, 'desk', { locale: 'vi-VN', role: 'admin' });
  const found: string[] = [];
  // A commune's post may have no internet: what is asked of another machine never comes, and our policy refuses it.
  page.on('request', (asked) => {
    if (!/^(?:blob:|data:)/.test(asked.url()) && !asked.url().startsWith(context.running.hub.url))
      found.push(asked.url());
  });
  page.on('console', (said) => said.type() === 'error' && found.push(said.text()));
  page.on('pageerror', (error) => found.push(error.message));
  const look = async (on: Page, view: string) => {
    await open(on, context, view);
    for (const size of ['desk', 'large', 'telephone'] as const) {
      if (size === 'telephone' && view === '#/tv') continue;
      await on.setViewportSize(sizes[size]);
      await drawn(on);
      const who = on === asAdmin ? 'as admin ' : '';
      found.push(...(await cutOn(on)).map((cut) => `${size} ${who}${view} ${cut}`));
      await keep(on, `${who}${size}-${view}`.replaceAll(/[^a-z0-9]+/gi, '-').concat('.png'));
    }
  };
  for (const view of views) await look(page, view);
  // An administrator has more to press there than a chief.
  await look(asAdmin, '#/people');
  assert.equal(found, []);
  for (const each of [page, asAdmin]) await each.context().close();
});

/** Letters that are smaller than so many pixels. */
const smallerOn = (page: Page, leastPx: number): Promise<string[]> =>
  page.evaluate((leastPx) => {
    const hasLetters = (each: Element) =>
      each.checkVisibility() &&
      each.closest('.unseen') === null &&
      [...each.childNodes].some((part) => part instanceof Text && part.data.trim() !== '');
    return [...document.body.querySelectorAll('*')].filter(hasLetters).flatMap((each) => {
      const px = Number.parseFloat(getComputedStyle(each).fontSize);
      return px < leastPx
        ? [`${px.toFixed(1)} px: ${each.tagName} ${each.className} “${each.textContent?.trim()}”`]
        : [];
    });
  }, leastPx);

for (const size of ['desk', 'large'] as const)
  test(`on the screen on the wall no letter is under 1/40 of ${sizes[size].height} pixels`, async (context) => {
    const page = await enter(context, size);
    await open(page, context, '#/tv');
    const onAlarm = await smallerOn(page, sizes[size].height / 40);
    // No alarm, and the hub's time such that a page with pictures has its turn, then the last, without.
    const turn = { now: 0 };
    const hubMs = () => Math.floor(Date.now() / 90_000) * 90_000 + turn.now * 15_000 + 500;
    await page.route('**/api/queue', (route) => route.fulfill({ json: { rows: [], hubMs: hubMs(), escalateMs: 1 } }));
    await page.route('**/api/nodes', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), hubMs: hubMs() } });
    });
    const onTiles: string[] = [];
    for (turn.now of [0, 5]) {
      await page.goto('about:blank');
      await page.goto(`${context.running.hub.url}#/tv`);
      await page.locator('.turns', { hasText: `${turn.now + 1} / 6` }).waitFor();
      await page
        .locator(turn.now === 0 ? '.tv .stamp' : '.tv .no-picture')
        .first()
        .waitFor();
      await keep(page, `${size}-tv-tiles-${turn.now}.png`);
      onTiles.push(...(await smallerOn(page, sizes[size].height / 40)), ...(await cutOn(page)));
    }
    assert.equal({ onAlarm, onTiles }, { onAlarm: [], onTiles: [] });
    await page.context().close();
  });

test('on a telephone aiming is in view, and what is pressed there is as large as a thumb needs', async (context) => {
  const page = await enter(context, 'telephone', { role: 'technician' });
  await open(page, context, '#/care?tab=aim');
  const { width } = sizes.telephone;
  const boxes = await page.locator('.tabs a, .aim button, .aim input').evaluateAll((all) =>
    all.map((each) => {
      const { left, right, height } = each.getBoundingClientRect();
      return { what: each.textContent, left, right, height };
    }),
  );
  assert.ok(boxes.length > 8, JSON.stringify(boxes));
  assert.equal(
    boxes.filter(({ left, right, height }) => left < 0 || right > width || height < 38),
    [],
  );
  await page.context().close();
});

test('the head keeps its height though an alarm stands in it; on the map no point is under another', async (context) => {
  const page = await enter(context, 'desk');
  const heights: number[] = [];
  for (const view of ['#/queue', '#/shift', '#/map']) {
    await open(page, context, view);
    heights.push(await page.locator('.desk > header').evaluate((each) => each.getBoundingClientRect().height));
  }
  assert.is(new Set(heights).size, 1, `${heights}`);
  const covered = await page.locator('.pin').evaluateAll((pins) =>
    pins
      .filter((pin) => {
        const { left, top, width, height } = pin.querySelector('b')?.getBoundingClientRect() ?? new DOMRect();
        return [0.02, 0.98].some(
          (part) => !pin.contains(document.elementFromPoint(left + width * part, top + height / 2)),
        );
      })
      .map((pin) => pin.textContent),
  );
  assert.equal(covered, []);
  await page.context().close();
});

/** The pages as text, as a printer would have them, from a screen that is dark. */
async function onPaper(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'dark' });
  const dir = await mkdtemp(join(tmpdir(), 'matlang-paper-'));
  const path = join(dir, 'sheet.pdf');
  await page.pdf({ path, preferCSSPageSize: true });
  const { stdout } = await run('pdftotext', ['-layout', path, '-']);
  await page.emulateMedia({ media: 'print' });
  const letters = await page
    .locator('.print, .slip')
    .first()
    .evaluate((sheet) => getComputedStyle(sheet).color);
  assert.is(letters, 'rgb(16, 32, 29)', 'dark letters');
  await page.emulateMedia({ media: null, colorScheme: null });
  await rm(dir, { recursive: true });
  return stdout.split('\f').slice(0, -1);
}

const around = /Tường hình|Tiếng báo|In (?:biên bản|báo cáo|phiếu)|Trích xuất|Bỏ khỏi|Tải ảnh/;
for (const [view, ready, words] of [
  ['#/shift', '.figures', [/Bàn giao ca trực/, /Mắt 09 · Cổng trường/, /gió to[\s\S]*Người giao[\s\S]*Lê Thị Hoa/]],
  ['#/cases', '.case-events img', [/Vụ việc số 1: Va chạm/, /mat-06\/e6/, /Người lập +Người nhận/]],
  ['#/report', 'tbody tr', [/Báo cáo tháng/, /Mắt 35/, /Người lập +Ủy ban nhân dân xã/]],
  ['#/find', '#slip[data-marked]', [/Phiếu ảnh số \d+/, /Tổ tuần tra số 2/, /Không chia sẻ/]],
] as const)
  test(`${view} is one sheet of paper, without anything of the desk around it`, async (context) => {
    const page = await enter(context, 'desk');
    await open(page, context, view);
    if (view === '#/shift') {
      await page.locator('input[name=taker]').fill('Lê Thị Hoa');
      await page.locator('input[name=note]').fill('Mắt 04 hay báo nhầm khi gió to');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'In biên bản' }).waitFor();
    }
    if (view === '#/find') {
      await page.getByText('Phiếu ảnh cho tổ tuần tra').press('Enter');
      await page.locator('.ask-slip input').fill('Tổ tuần tra số 2');
      await page.keyboard.press('Enter');
    }
    await page.locator(ready).first().waitFor();
    await keep(page, `paper-${view.slice(2)}.pdf`);
    const sheets = await onPaper(page);
    assert.is(sheets.length, 1);
    for (const word of words) assert.match(sheets.join(), word);
    assert.not.match(sheets.join(), around);
    await page.context().close();
  });

test.run();
