// The technician's page of updates: a release is let go there, each node stands there in words, and it is stopped there. In Debian's Chromium, on a running hub.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { disk } from '../../hal/disk.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import type { Releases } from '../../hub/rollout/acts.ts';
import { changeRollout, latestRollout } from '../../hub/rollout/book.ts';
import { launch } from './browser.ts';
import { makeVillage, signIn } from './village.ts';

const test = suite('hub/rollout-page');

test('a technician lets a release go, reads how each node stands and why one went back, and stops it', async () => {
  const village = await makeVillage();
  const browser = await launch();
  try {
    const note = { vi: 'Nhìn đêm rõ hơn.\nÍt báo nhầm khi mưa.', en: 'Sees better at night.' };
    const releases: Releases = async () => ({ ok: true, releases: [{ release: '1.4.0', note }] });
    const { hub } = await village.start(disk, releases);
    for (const name of ['mat-01', 'mat-02', 'mat-03']) await village.node(name);
    const { cookie } = await signIn(village.config.dataDir, hub.url, 'technician');
    const context = await browser.newContext({ viewport: { width: 1366, height: 900 } });
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: hub.url, httpOnly: true, sameSite: 'Strict' }]);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(`${hub.url}#/rollout`);
    await page.getByText('Nhìn đêm rõ hơn.').waitFor();
    await page.getByRole('checkbox', { name: 'mat-01' }).check();
    await page.getByLabel('Mắt đầu tiên ngoài thực địa').selectOption('mat-02');
    await page.getByRole('button', { name: 'Cho phép triển khai' }).click();
    await page.getByText(/Bản 1\.4\.0, technician cho phép/).waitFor();
    const row = (node: string) => page.getByRole('row', { name: new RegExp(node) });
    await row('mat-01').getByText('đến lượt, chưa liên lạc được').waitFor();
    await row('mat-03').getByText('chờ đến lượt').waitFor();

    const store = openDeskStore(village.config.dataDir);
    changeRollout(store, (wave) => ({
      ...wave,
      nodes: wave.nodes.map((node) =>
        node.node === 'mat-01' ? { ...node, standing: 'rolled-back', text: 'không có hình' } : node,
      ),
    }));
    await row('mat-01').getByText('đã quay về bản cũ: không có hình').waitFor();
    await page.getByText(/Tạm giữ: mat-01/).waitFor();
    await page.evaluate(
      `${await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')}; undefined`,
    );
    const told = await page.evaluate<{ violations: { id: string; impact: string }[] }>('axe.run(document)');
    assert.equal(
      told.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id),
      [],
    );
    if (process.env.MATLANG_PICTURES !== undefined)
      await page.screenshot({ path: `${process.env.MATLANG_PICTURES}/rollout.png`, fullPage: true });
    await page.getByLabel('Lý do').fill('bản mới không thấy hình');
    await page.getByRole('button', { name: 'Dừng triển khai' }).click();
    await page.getByText('technician: bản mới không thấy hình').waitFor();
    assert.is(latestRollout(store)?.wave.is, 'stopped');
    store.close();
    assert.equal(complaints, []);
  } finally {
    await browser.close();
    await village.remove();
  }
});

test.run();
