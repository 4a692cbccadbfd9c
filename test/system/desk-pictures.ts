// `npm run guide:pictures`: walks a shift at the desk over five nodes that watch drawn junctions, and takes the pictures of the guide and of the
// README on its way. Ends within some three minutes; it is no timed test, and waits longer where five cameras are much for the machine.
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import sharp from 'sharp';
import { until } from '../support/until.ts';
import { addPoints } from './desk-points.ts';
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
  type Walk,
} from './desk-walk.ts';
import { logged, type Rig, setRig } from './rig.ts';

const root = resolve(import.meta.dirname, '../..');
const only = process.argv.slice(2);

const patienceMs = 120_000;

/** JPEG for what is mostly pictures, a fifth of the bytes; PNG with the colours of a palette, less than half. */
async function shot({ page }: Walk, file: string): Promise<void> {
  if (only.length > 0 && !only.some((name) => file.includes(name))) return;
  await pause(300);
  // A new event's still follows after some seconds; on busy streets there may be no moment without a new one.
  const isWhole = () => {
    const inSight = (each: Element) => {
      const { top, left } = each.getBoundingClientRect();
      return top < innerHeight && left < innerWidth;
    };
    const small = [...document.querySelectorAll('.thumb, .strip button')].filter(inSight);
    const images = [...document.images].filter(inSight);
    return small.every((each) => each.querySelector('img')) && images.every(({ complete }) => complete);
  };
  await page.waitForFunction(isWhole, undefined, { timeout: 15_000 }).catch(() => undefined);
  const drawn = sharp(await page.screenshot());
  const made = file.endsWith('.png')
    ? drawn.png({ palette: true, effort: 10 })
    : drawn.jpeg({ quality: 82, mozjpeg: true });
  await made.toFile(join(root, 'docs', file));
  process.stdout.write(`${file}\n`);
}

/** What has the focus was scrolled to. */
const toTop = ({ page }: Walk): Promise<void> =>
  page.evaluate(() => {
    for (const each of document.querySelectorAll('*')) each.scrollTop = 0;
  });

/** A still of an event that is newer takes its tile's place for some seconds: on busy streets there is seldom a moment without one. */
async function wallGoesOn({ page }: Walk, nodes: number): Promise<void> {
  await page.waitForFunction((count) => {
    const pictures = [...document.querySelectorAll<HTMLImageElement>('.tile img')];
    const goOn = pictures.filter((image) => image.src.includes('/api/tile/'));
    return pictures.length === count && goOn.length >= count - 1;
  }, nodes);
}

/** What the machine that draws all these junctions says of itself is not what a node would say: the pictures show a small board's figures. */
const board = {
  ...{ temperatureC: 47.4, throttled: 0, load1: 0.38, load15: 0.4, uptimeS: 12 * 86_400 },
  memory: { totalBytes: 464 * 2 ** 20, availableBytes: 268 * 2 ** 20 },
  card: { freeBytes: 21.3 * 2 ** 30, totalBytes: 29.1 * 2 ** 30, readOnly: false, errors: 0 },
};
async function asOnABoard({ page }: Walk): Promise<void> {
  await page.route('**/api/care/mat-01', async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    const camera = { ...told.vitals?.camera, restarts: 0 };
    await route.fulfill({ response: answer, json: { ...told, vitals: { ...told.vitals, board, camera } } });
  });
  // The newest five minutes are this machine's own.
  await page.route('**/history?*', async (route) => {
    const answer = await route.fetch();
    const told: Record<string, unknown> = await answer.json();
    const json = Object.fromEntries(
      Object.entries(told).map(([key, of]) => [key, Array.isArray(of) ? of.slice(0, -1) : of]),
    );
    await route.fulfill({ response: answer, json });
  });
}

/** A day of the first node's vitals, as it would have told them: a plot of two minutes shows nothing. */
function drawDay({ hubConfigPath }: Rig): void {
  const db = new DatabaseSync(join(dirname(hubConfigPath), 'index.sqlite'));
  db.exec('PRAGMA busy_timeout = 5000');
  db.exec("DELETE FROM vital WHERE node = 'mat-01'");
  const put = db.prepare('INSERT INTO vital VALUES (?,?, ?,?,?,?,?, ?,?)');
  const now = Math.floor(Date.now() / 300_000);
  for (let ago = 287; ago > 0; ago -= 1) {
    // Two hours without a network in the morning: what waits grows, and is gone soon after.
    const outage = ago < 130 && ago > 106;
    const files = outage ? (130 - ago) * 3 : ago > 100 && ago <= 106 ? (ago - 100) * 9 : ago % 17 === 0 ? 2 : 0;
    const warm = Math.sin(((288 - ago) / 288) * Math.PI);
    const temperature = 47 + 13 * warm + ((ago * 7919) % 13) / 8;
    const written = (288 - ago) * 19e6 + 6e8 * warm;
    put.run(
      'mat-01',
      now - ago,
      temperature,
      0.35 + 0.2 * warm + ((ago * 31) % 7) / 90,
      2.6e8,
      2.1e10,
      written,
      files,
      null,
    );
  }
  db.close();
}

const camera = { driver: 'scene', width: 640, height: 360, fps: 8, bitrateKbps: 1200 };

async function walk(rig: Rig): Promise<void> {
  await rig.hub();
  const running = rig.nodes.map(({ configPath }) => rig.matlang('node', '--config', configPath));
  const first = await makeAccount(rig, 'an', 'chief', 'Nguyễn Văn An');
  const office = await makeAccount(rig, 'quan-tri', 'admin', 'Lê Thị Thu');
  const care = await makeAccount(rig, 'ky-thuat', 'technician', 'Phạm Minh Đức');
  const browser = await launchBrowser();
  try {
    const an = await beginWalk(rig, browser);
    an.page.setDefaultTimeout(patienceMs);
    await asOnABoard(an);
    await an.page.goto(`${rig.url}/`);
    await an.page.locator('input[name=password]').waitFor();
    await shot(an, 'guide/hinh/dang-nhap.jpg');
    await signIn(an, 'an', first);
    await an.page.locator('input[name=again]').waitFor();
    await shot(an, 'guide/hinh/doi-mat-khau.jpg');
    await choosePassword(an, first, 'cây đa bến nước 2026');
    await addPoints(an);
    await an.page.getByText(`${rig.nodes.length}/${rig.nodes.length} mắt đang trực tuyến`).waitFor();
    await until('pictures', () => running.every((each) => logged(each, 'first picture').length > 0), patienceMs);
    // Some life in the streets first.
    await an.page.waitForFunction(() => document.querySelectorAll('.rows li').length >= 4);
    await rig.press();
    await an.page.locator('.row.alarm').waitFor();
    await plays(an.page, '.player video', 2);
    await shot(an, 'guide/hinh/truc-ban.jpg');
    await shot(an, 'img/desk.png');
    await an.page.keyboard.press('4');
    await an.page.keyboard.press('7');
    await an.page.keyboard.type('Trẻ em bấm thử');
    await shot(an, 'guide/hinh/tiep-nhan.jpg');
    await an.page.keyboard.press('Enter');
    await an.page.goto(`${rig.url}/#/wall`);
    await wallGoesOn(an, rig.nodes.length);
    await shot(an, 'guide/hinh/tuong-hinh.jpg');
    await openLive(an, rig.node.title);
    await plays(an.page, '#live', 1.5);
    await shot(an, 'guide/hinh/truc-tiep.jpg');
    await an.page.keyboard.press('Escape');
    await an.page.goto(`${rig.url}/#/map`);
    await an.page.locator('.leaflet-marker-icon').first().click();
    await an.page.locator('.leaflet-image-layer').waitFor();
    await shot(an, 'guide/hinh/ban-do.jpg');
    await an.page.goto(`${rig.url}/#/find`);
    await askBack(an, 'mat-01', Date.now() - 60_000, 2);
    await an.page.getByRole('link', { name: 'Đã có ở máy chủ' }).first().waitFor();
    await an.page.locator('.film button.alarm').first().click();
    await shot(an, 'guide/hinh/tim-kiem.jpg');
    await an.page.getByText('Phiếu ảnh cho tổ tuần tra').press('Enter');
    await an.page.locator('.ask-slip input').fill('Tổ tuần tra số 2, xem lại nút báo động ở ngã ba chợ');
    await an.page.keyboard.press('Enter');
    await an.page.locator('#slip[data-marked]').waitFor();
    await shot(an, 'guide/hinh/phieu-anh.jpg');
    await an.page.keyboard.press('Escape');
    await an.page.locator('form.add input[name=title]').fill('Trẻ em bấm nút ở ngã ba chợ');
    await an.page.keyboard.press('Enter');
    await an.page.locator('form.add [role=status]', { hasText: 'Trẻ em' }).waitFor();
    const out = an.page.locator('.stage form', { has: an.page.locator('input[name=case]') });
    await takeOut(an, '15/2026', 'Theo yêu cầu của Công an tỉnh');
    await out.getByText('.zip').waitFor();
    await out.evaluate((form) => form.scrollIntoView(false));
    await shot(an, 'guide/hinh/trich-xuat.jpg');
    await an.page.goto(`${rig.url}/#/cases`);
    await an.page.locator('.case-events img').waitFor();
    await shot(an, 'guide/hinh/vu-viec.jpg');
    await an.page.goto(`${rig.url}/#/shift`);
    await an.page.locator('input[name=taker]').fill('Lê Thị Hoa');
    await an.page.locator('input[name=note]').fill('Mắt 04 hay báo nhầm khi gió to');
    await shot(an, 'guide/hinh/giao-ca.jpg');
    await an.page.keyboard.press('Enter');
    await an.page.getByRole('button', { name: 'In biên bản' }).waitFor();
    await an.page.goto(`${rig.url}/#/journal`);
    await an.page.getByRole('cell', { name: 'bàn giao ca' }).waitFor();
    await shot(an, 'guide/hinh/nhat-ky.jpg');
    await an.page.goto(`${rig.url}/#/tv`);
    await wallGoesOn(an, rig.nodes.length);
    await shot(an, 'guide/hinh/tv.jpg');

    const duc = await beginWalk(rig, browser);
    duc.page.setDefaultTimeout(patienceMs);
    await asOnABoard(duc);
    await signIn(duc, 'ky-thuat', care);
    await choosePassword(duc, care, 'cột điện số 7');
    drawDay(rig);
    await duc.page.goto(`${rig.url}/#/care?node=mat-01&tab=how`);
    await duc.page.locator('.plot canvas').first().waitFor();
    // All of the plots.
    await duc.page.setViewportSize({ width: 1366, height: 1000 });
    await shot(duc, 'guide/hinh/tinh-trang.jpg');
    await duc.page.setViewportSize({ width: 1366, height: 768 });
    await duc.page.goto(`${rig.url}/#/care?node=mat-01&tab=set`);
    await duc.page.locator('.slide input').focus();
    await duc.page.keyboard.press('ArrowRight');
    await duc.page.getByRole('button', { name: 'Xem thay đổi' }).click();
    await duc.page.locator('.diff').waitFor();
    await duc.page
      .getByRole('button', { name: 'Gửi đến mắt camera' })
      .evaluate((button) => button.scrollIntoView(false));
    await shot(duc, 'guide/hinh/cau-hinh.jpg');
    await duc.page.goto(`${rig.url}/#/care?node=mat-01&tab=zones`);
    await duc.page.getByRole('button', { name: 'Thêm vùng phát hiện' }).click();
    await duc.page.getByRole('button', { name: 'Thêm vùng che riêng tư' }).click();
    await toTop(duc);
    await shot(duc, 'guide/hinh/vung-che.jpg');
    await duc.page.getByRole('button', { name: 'Xem thay đổi' }).click();
    await duc.page.getByRole('row', { name: /Vùng che riêng tư 1/ }).waitFor();
    await duc.page.getByRole('button', { name: 'Gửi đến mắt camera' }).click();
    // In the next picture it is burned in.
    await duc.page.getByText('Mắt camera đang chạy với cấu hình mới.').waitFor();
    await duc.page.setViewportSize({ width: 412, height: 892 });
    await duc.page.goto(`${rig.url}/#/care?node=mat-01&tab=aim`);
    await duc.page.getByRole('button', { name: 'Bật hình trực tiếp' }).click();
    await plays(duc.page, '#aim', 1.5);
    await toTop(duc);
    await shot(duc, 'guide/hinh/ngam-camera.jpg');
    const thu = await beginWalk(rig, browser);
    thu.page.setDefaultTimeout(patienceMs);
    await signIn(thu, 'quan-tri', office);
    await choosePassword(thu, office, 'giếng làng 2026');
    await thu.page.goto(`${rig.url}/#/people`);
    await thu.page.locator('.accounts > li').nth(2).waitFor();
    await shot(thu, 'guide/hinh/tai-khoan.jpg');
    process.stdout.write(`${[...thu.complaints, ...an.complaints, ...duc.complaints].join('\n')}\n`);
  } finally {
    for (const context of browser.contexts())
      for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' });
    await browser.close();
  }
}

const rig = await setRig({
  film: 'none',
  nodes: 5,
  config: (index) => ({ camera: { ...camera, seed: index + 3, time: index % 3 === 2 ? 'night' : 'day' } }),
});
try {
  await walk(rig);
} finally {
  await rig.remove();
}
