// A shift at the desk, step by step, as its people have it: Debian's Chromium on a real hub with real nodes. The test of the tour and the
// pictures of the guide both walk it.
import { readFile } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Rig } from './rig.ts';

export interface Walk {
  readonly rig: Rig;
  readonly page: Page;
  /** Scripts that failed, requests that the browser or its policy refused. */
  readonly complaints: string[];
}

/** LANGUAGE: fields for dates and times are the browser's own, and Vietnamese where Debian's chromium-l10n is there. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    env: { ...process.env, LANGUAGE: 'vi' },
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });

export async function beginWalk(rig: Rig, browser: Browser, colorScheme: 'light' | 'dark' = 'light'): Promise<Walk> {
  const context = await browser.newContext({
    ...{ viewport: { width: 1366, height: 768 }, locale: 'vi-VN', colorScheme },
    // The desk tells Vietnam's time whatever the machine thinks.
    timezoneId: 'America/New_York',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return { rig, page, complaints };
}

/** As the administrator does it at the hub; the password is the printed one, good for once. */
export async function makeAccount(rig: Rig, name: string, role: string, fullName: string): Promise<string> {
  const asked = rig.matlang(
    ...['hub', '--config', rig.hubConfigPath, 'account', 'add', name],
    ...['--role', role, '--name', fullName, '--lang', 'en'],
  );
  if ((await asked.ended) !== 0) throw new Error(asked.said.join('\n'));
  const password = /^Password, once: (.+)$/m.exec(asked.said.join('\n'))?.[1];
  if (password === undefined) throw new Error(`no password in: ${asked.said.join('\n')}`);
  return password;
}

export async function signIn({ rig, page }: Walk, name: string, password: string): Promise<void> {
  await page.goto(`${rig.url}/`);
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.keyboard.press('Enter');
}

export async function choosePassword({ page }: Walk, old: string, mine: string): Promise<void> {
  await page.getByRole('heading', { name: 'Đặt mật khẩu của riêng bạn' }).waitFor();
  await page.locator('input[name=old]').fill(old);
  await page.locator('input[name=password]').fill(mine);
  await page.locator('input[name=again]').fill(mine);
  await page.keyboard.press('Enter');
  await page.locator('.desk').waitFor();
}

export const videoNow = (page: Page, where: string) =>
  page.evaluate((selector) => {
    const video = document.querySelector<HTMLVideoElement>(selector);
    return {
      currentTime: video?.currentTime ?? -1,
      error: video?.error?.message ?? null,
      width: video?.videoWidth ?? 0,
    };
  }, where);

/** Until the picture has gone on for so long. */
export const plays = (page: Page, where: string, seconds: number): Promise<unknown> =>
  page.waitForFunction(
    ([selector, s]) => (document.querySelector<HTMLVideoElement>(selector)?.currentTime ?? 0) > s,
    [where, seconds] as const,
    { timeout: 25_000 },
  );

/** From the click to the first picture that moves, ms. */
export async function openLive({ page }: Walk, title: string): Promise<number> {
  const began = performance.now();
  await page.locator('.tile', { hasText: title }).locator('button.picture').click();
  await page.getByText('TRỰC TIẾP', { exact: true }).waitFor();
  return performance.now() - began;
}

/** Minutes of the present, Vietnam's time. */
export async function askBack({ page }: Walk, node: string, fromMs: number, minutes: number): Promise<void> {
  const local = new Date(fromMs + 7 * 3_600_000).toISOString();
  const form = page.locator('.look-back form');
  if (!(await form.isVisible())) await page.locator('.look-back summary').click();
  await form.locator('[name=node]').selectOption(node);
  await form.locator('[name=day]').fill(local.slice(0, 10));
  await form.locator('[name=from]').fill(local.slice(11, 16));
  await form.locator('[name=minutes]').fill(String(minutes));
  await form.locator('button').click();
}

/** The bytes of the evidence as the browser saved them. */
export async function takeOut(
  { page }: Walk,
  number: string,
  reason: string,
): Promise<{ name: string; bytes: Buffer }> {
  await page.locator('.stage input[name=case]').fill(number);
  await page.locator('.stage input[name=reason]').fill(reason);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
