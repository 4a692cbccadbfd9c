// The screen on the wall as it hangs there: signed in by a link alone, its pages take turns, an alarm takes it over until somebody answers elsewhere.
// And a live picture that ends by itself.
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSessions } from '../../hub/desk/sessions.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { root } from '../../protocol/topics.ts';
import { enter, launch, sizes } from './browser.ts';
import { makeFilm } from './films.ts';
import { commune, makeVillage, type Running, sender, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
  nodes: TestSender[];
  browser: Browser;
}

const test = suite<Context>('the screen on the wall');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.nodes = [];
  for (let count = 1; count <= 7; count++) {
    const node = await context.village.node(`mat-0${count}`);
    context.nodes.push(node);
    await node.join(context.running.hub.broker, 4);
    const status = { state: 'online', sinceMs: Date.now(), release: '0.1.0', boot: 'x', title: `Mắt 0${count}` };
    await node.publish(`${root(commune, node.name)}/out/status`, JSON.stringify(status));
  }
  context.browser = await launch();
});
test.after(async ({ village, browser }) => {
  await browser.close();
  await village.remove();
});

const linkOf = ({ village }: Context, more = ''): string => {
  const store = openDeskStore(village.config.dataDir);
  const token = openSessions(store, Date.now).makeLink('chief', { tv: true, uses: 1, untilMs: Date.now() + 60_000 });
  store.close();
  return `#/vao?ma=${token}${more}`;
};
/** As the chief, from another machine. */
async function send({ village, running }: Context, path: string, body: object): Promise<void> {
  const answer = await (await sender(village, running, 'chief'))(path, JSON.stringify(body));
  assert.is(answer.status, 200, path);
}

test('a link lets the TV in without a password, once; its pages take turns; it can do nothing', async (context) => {
  const { browser, running } = context;
  const link = linkOf(context);
  const page = await (await browser.newContext({ viewport: sizes.large })).newPage();
  await page.clock.install();
  await page.goto(`${running.hub.url}${link}`);
  const turns = page.locator('.turns');
  await turns.waitFor();
  const seen = new Set<string | null>();
  for (let times = 0; times < 2; times++) {
    seen.add(await turns.textContent());
    await page.clock.fastForward(15_000);
    await page.waitForFunction((before) => document.querySelector('.turns')?.textContent !== before, [...seen].at(-1));
  }
  assert.equal([...seen].sort(), ['1 / 2', '2 / 2']);
  const refused = await page.evaluate(async () => {
    const { csrf, standing } = await (await fetch('/api/me')).json();
    const headers = { 'x-csrf': csrf, 'content-type': 'application/json' };
    const ask = async (path: string) => (await fetch(path, { method: 'POST', headers, body: '{}' })).status;
    return [standing, await ask('/api/acks'), await ask('/api/password'), await ask('/api/cases')];
  });
  assert.equal(refused.slice(0, 2), ['tv', 403]);
  assert.ok(
    refused.slice(2).every((status) => status === 400 || status === 403),
    `${refused}`,
  );
  const another = await (await browser.newContext()).newPage();
  await another.goto(`${running.hub.url}${link}`);
  await another.locator('input[name=name]').waitFor();
  await another.context().close();
  await page.context().close();
});

test('an alarm takes the TV over by itself with whom to call, until somebody answers at the desk', async (context) => {
  const { browser, running, nodes } = context;
  await send(context, 'api/points/mat-03', { hamlet: 'Thôn Chợ', contact: 'Ông Phương', phone: '0912 345 670' });
  const page = await (await browser.newContext({ viewport: sizes.large })).newPage();
  await page.goto(`${running.hub.url}${linkOf(context)}`);
  await page.locator('.tv-tiles').waitFor();
  const event = { id: 'nut', phase: 'new', trigger: 'panic', level: 'alarm' } as const;
  await nodes[2]?.deliver(await nodes[2].event('nut', 'new', {}, { class: 0, event }));
  const takeover = page.locator('.takeover');
  await takeover.waitFor({ timeout: 5000 });
  for (const word of ['Mắt 03', 'Nút báo động', 'Thôn Chợ · Ông Phương', '0912 345 670'])
    assert.ok((await takeover.textContent())?.includes(word), word);
  const desk = await enter(context, 'desk');
  await desk.goto(running.hub.url);
  await desk.locator('.row.alarm').click();
  assert.is(await desk.locator('.stage a.phone').getAttribute('href'), 'tel:0912345670');
  await desk.keyboard.press('1');
  await desk.keyboard.press('Enter');
  await page.locator('.tv-tiles').waitFor();
  assert.is(await takeover.count(), 0);
  await desk.context().close();
  await page.context().close();
});

test('a TV whose link says that it is the second receiver’s says so once it may be heard, and no other', async (context) => {
  const { browser, running } = context;
  const page = await (await browser.newContext({ viewport: sizes.large })).newPage();
  const second = page.getByText('Tiếng báo: máy thứ hai, kêu khi quá 3 phút');
  for (const [more, count] of [
    ['&second=yes', 1],
    ['', 0],
  ] as const) {
    await page.goto('about:blank');
    await page.goto(`${running.hub.url}${linkOf(context, more)}`);
    await page.locator('.tv').waitFor();
    await page.locator('.tv-silent').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('.tv-silent').waitFor({ state: 'detached' });
    assert.is(await second.count(), count);
  }
  await page.context().close();
});

test('a live picture whose time is over says so, and goes on when asked', async (context) => {
  const film = await makeFilm(3);
  const body = Buffer.concat([film.init, ...film.fragments]);
  const avcC = Buffer.from(film.init).indexOf('avcC');
  const codec = Buffer.from(film.init.subarray(avcC + 5, avcC + 8)).toString('hex');
  const headers = { 'content-type': 'video/mp4', 'x-media-type': `video/mp4; codecs="avc1.${codec}"` };
  const page = await enter(context, 'desk');
  const asked: string[] = [];
  await page.route('**/api/live/*', (route) => {
    asked.push(new URL(route.request().url()).pathname);
    return route.fulfill({ headers, body });
  });
  await page.goto(`${context.running.hub.url}#/wall`);
  await page.locator('.tile button.picture').first().click();
  await page.getByText('Đã tự dừng để tiết kiệm dung lượng mạng.').waitFor();
  await page.getByRole('button', { name: 'Xem tiếp' }).click();
  await page.waitForFunction(() => document.querySelector<HTMLVideoElement>('#live')?.error === null);
  await page.getByText('Đã tự dừng để tiết kiệm dung lượng mạng.').waitFor();
  assert.equal(asked, ['/api/live/mat-01', '/api/live/mat-01']);
  await page.context().close();
});

test.run();
