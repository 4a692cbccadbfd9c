// Debian's Chromium on a running hub, as somebody who has signed in before has it. Its shell without windows: the same engine for two thirds of the time; the whole browser walks the desk in system/desk-tour.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Role } from '../../hub/desk/roles.ts';
import { type Running, signIn, type Village } from './village.ts';

export { launch } from '../../cli/bench/desk/viewers.ts';

export const sizes = {
  desk: { width: 1366, height: 768 },
  large: { width: 1920, height: 1080 },
  telephone: { width: 390, height: 844 },
} as const;

export interface At {
  readonly browser: Browser;
  readonly village: Village;
  readonly running: Running;
}

/** In a context of its own. */
export async function enter(
  { browser, running, village }: At,
  size: keyof typeof sizes,
  more: BrowserContextOptions & { role?: Role } = {},
): Promise<Page> {
  const { role = 'chief', ...options } = more;
  const context = await browser.newContext({ viewport: sizes[size], ...options });
  const { cookie } = await signIn(village.config.dataDir, running.hub.url, role);
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: running.hub.url, httpOnly: true, sameSite: 'Strict' }]);
  return await context.newPage();
}
