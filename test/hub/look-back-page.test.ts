// Minutes asked of a node, in the words of the page: asked, on their way, here to be watched, gone, not to be had; each as the node's answers come.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDeskStore } from '../../hub/desk/store.ts';
import { commandSchema, type Reply } from '../../protocol/command.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { enter, launch } from './browser.ts';
import { makeClip, makeFilm } from './films.ts';
import { commune, makeVillage } from './village.ts';

const test = suite('look-back on the page');

test('what was asked of a node goes from asked to on its way to here; what it holds no more is gone, and why', async () => {
  const village = await makeVillage();
  const browser = await launch();
  try {
    const running = await village.start();
    const node = await village.node('mat-01');
    await node.join(running.hub.broker, 4);
    const say = (topic: string, told: object) =>
      node.publish(`${root(commune, 'mat-01')}/out/${topic}`, JSON.stringify(told));
    await say('status', { state: 'online', sinceMs: Date.now(), release: '0.1.0', boot: 'x', title: 'Ngã ba chợ' });
    const page = await enter({ browser, running, village }, 'desk', { locale: 'vi-VN', role: 'officer' });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${running.hub.url}#/find`);
    await page.getByText('Lấy lại hình từ mắt camera').click();

    const newest = page.locator('.look-back .lines li').first();
    const is = (words: string) =>
      newest
        .locator('span')
        .last()
        .filter({ hasText: new RegExp(`^${words}$`) })
        .waitFor();
    const ask = async (minutes: number) => {
      const form = page.locator('.look-back form');
      await form.locator('[name=node]').selectOption('mat-01');
      await form.locator('[name=from]').fill(new Date(Date.now() + 7 * 3_600_000 - 60_000).toISOString().slice(11, 16));
      await form.locator('[name=minutes]').fill(String(minutes));
      await form.getByRole('button', { name: 'Yêu cầu' }).click();
      await until('the command', () => node.commands.length > 0);
      const command = commandSchema.parse(readUnverified(node.commands.splice(0)[0] ?? ''));
      if (command.name !== 'lookback') throw new Error(command.name);
      assert.is(command.args.toMs - command.args.fromMs, minutes * 60_000);
      await is('Đã yêu cầu, chờ trả lời');
      return (reply: Pick<Reply, 'ok' | 'why' | 'text'>) => say('reply', { v: 1, id: command.id, ...reply });
    };

    const answer = await ask(2);
    await newest.getByText('Ngã ba chợ').waitFor();
    await answer({ ok: true, text: '4 segments on their way' });
    await is('Đang gửi về');
    const film = await makeFilm(4);
    const { clip, segments } = await makeClip(node, film, undefined, 0, 4);
    await node.deliver(clip);
    for (const segment of segments) await node.deliver(segment);
    await is('Đã có ở máy chủ ▶');
    assert.is(await newest.getByRole('link').getAttribute('href'), `/api/clip/mat-01/${clip.boot}/${clip.number}.mp4`);

    await (await ask(3))({ ok: false, why: 'gone', text: 'no footage of that time is held here' });
    await is('Không còn: đã bị ghi đè hoặc đã hết hạn giữ');
    assert.is(await newest.getByRole('link').count(), 0);
    await (await ask(4))({ ok: false, why: 'clock', text: 'this node does not know the time yet' });
    await is('Không lấy được: mắt camera chưa có giờ chuẩn');

    // It was here, and its time was over: as the book and the archive have it after retention.
    const store = openDeskStore(village.config.dataDir);
    store.run(
      "INSERT INTO lookback (node, from_ms, to_ms, asked_ms, actor, state, answer) VALUES ('mat-01', 1, 2, ?, 'x', 'here', '')",
      Date.now(),
    );
    store.close();
    await page.reload();
    await page.getByText('Lấy lại hình từ mắt camera').click();
    await is('Không còn: đã bị ghi đè hoặc đã hết hạn giữ');
    assert.is(await page.locator('.look-back .lines li').count(), 4);
    assert.equal(complaints, []);
  } finally {
    await browser.close();
    await village.remove();
  }
});

test.run();
