// Officers at their desks: Chromium pages that note when they show what, how much they fetched and how much memory they hold.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';

export interface Viewer {
  /** From the address to the queue on the screen. */
  readonly firstViewMs: number;
  /** All that came over the network until the page was quiet, packed as it came. */
  readonly firstLoadKb: number;
  /** When so many events were first on the screen: Unix ms, events. */
  shown(): Promise<[number, number][]>;
  heapMb(): Promise<number>;
}

interface Noted {
  readonly shown: [number, number][];
  firstViewMs: number;
}
declare global {
  var matlangNoted: Noted | undefined;
}

/** Runs in the page, before its own scripts. */
function note(): void {
  const noted: Noted = { shown: [], firstViewMs: 0 };
  globalThis.matlangNoted = noted;
  const look = () => {
    const head = document.querySelector('section.queue .section-head');
    if (head === null) return;
    noted.firstViewMs ||= performance.now();
    const figures = head.querySelector('.quiet')?.textContent?.match(/\d[\d.]*/g) ?? [];
    const events = figures.reduce((sum, figure) => sum + Number(figure.replaceAll('.', '')), 0);
    if (events !== noted.shown.at(-1)?.[1]) noted.shown.push([Date.now(), events]);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

const shell = '/usr/bin/chromium-headless-shell';

/** Chromium's shell without windows: the same engine for two thirds of the time. */
export async function launch(program = shell): Promise<Browser> {
  if (!existsSync(shell)) throw new Error(`${shell} is not there: sudo apt-get install chromium-headless-shell`);
  const { chromium } = await import('playwright-core');
  return await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
}

/**
 * Officers' browsers are on other machines: here they share the hub's processors, and stand back behind it. `dir`: for the script that sees to it. Linux weighs sessions
 * before processes (sched(7), autogroup); a nice value alone would count within the browser's own session only.
 */
export async function launchBehind(dir: string): Promise<Browser> {
  const path = join(dir, 'chromium-behind');
  const behind = `#!/bin/sh\necho 19 2>/dev/null >/proc/self/autogroup\nexec nice -n 19 ${shell} "$@"\n`;
  await writeFile(path, behind, { mode: 0o755 });
  return await launch(path);
}

export async function openViewer(browser: Browser, url: string, token: string): Promise<Viewer> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  await context.addCookies([{ name: 'matlang', value: token, url, httpOnly: true, sameSite: 'Strict' }]);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  const came = { bytes: 0 };
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
    came.bytes += encodedDataLength;
  });
  await page.addInitScript(note);
  await page.goto(url);
  await page.locator('section.queue').waitFor();
  await page.waitForTimeout(1000);
  const firstLoadKb = came.bytes / 1000;
  return {
    firstViewMs: (await notedOf(page)).firstViewMs,
    firstLoadKb,
    shown: async () => (await notedOf(page)).shown,
    heapMb: () => heapMb(cdp),
  };
}

async function notedOf(page: Page): Promise<Noted> {
  return (await page.evaluate(() => globalThis.matlangNoted)) ?? { shown: [], firstViewMs: Number.NaN };
}

/** What is still needed: after the rubbish has gone. */
async function heapMb(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}
