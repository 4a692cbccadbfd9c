// The page's own files and its libraries, by name: nothing else in any folder can be asked for. Read once, at start.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { sha256 } from '../../protocol/sign.ts';
import type { App } from './env.ts';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
};

const typeOf = (name: string): string => types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';

const pageFiles = [
  'page.html',
  ...[
    'tokens.css',
    'shell.css',
    'queue.css',
    'wall.css',
    'forms.css',
    'tv.css',
    'sheets.css',
    'day.css',
    'cases.css',
    'slip.css',
    'report.css',
    'map.css',
    'rollout.css',
    'people.css',
  ],
  ...['care.css', 'phone.css', 'print.css'],
  ...['main.js', 'html.js', 'state.js', 'time.js', 'words.js', 'words-vi.js', 'words-en.js', 'icons.js', 'sound.js'],
  ...[
    'banners.js',
    'sign-in.js',
    'queue.js',
    'answer.js',
    'player.js',
    'wall.js',
    'tiles.js',
    'live.js',
    'tv.js',
    'care.js',
    'care-condition.js',
    'care-draft.js',
    'care-settings.js',
    'care-sensitivity.js',
    'care-zones.js',
    'care-aim.js',
    'plot.js',
    'aim-math.js',
    'words-care.js',
    'words-aim.js',
    'find.js',
    'frame-step.js',
    'day.js',
    'cases.js',
    'slip.js',
    'report.js',
    'map.js',
    'modal.js',
    'rollout.js',
    'words-rollout.js',
    'people.js',
    'words-people.js',
    'take-out.js',
    'look-back.js',
    'shift.js',
    'journal.js',
  ],
  'faults.json',
  'actions.json',
  'rollout.json',
  'eye.svg',
] as const;

/** Libraries as the browser takes them: single files without imports. */
const libraries: Readonly<Record<string, string>> = {
  'preact.js': import.meta.resolve('preact'),
  'htm.js': import.meta.resolve('htm'),
  'uplot.js': new URL('uPlot.esm.js', import.meta.resolve('uplot')).href,
  'uplot.css': new URL('uPlot.min.css', import.meta.resolve('uplot')).href,
  'leaflet.js': new URL('leaflet.js', import.meta.resolve('leaflet')).href,
  'leaflet.css': new URL('leaflet.css', import.meta.resolve('leaflet')).href,
};

export async function assetRoutes(): Promise<App> {
  const routes: App = new Hono();
  for (const name of pageFiles) {
    const bytes = await readFile(new URL(`../page/${name}`, import.meta.url));
    add(routes, name === 'page.html' ? '/' : `/page/${name}`, bytes, typeOf(name));
  }
  for (const [name, address] of Object.entries(libraries))
    add(routes, `/lib/${name}`, await readFile(fileURLToPath(address)), typeOf(name));
  return routes;
}

/** Packed once, when somebody first asks for it. A browser keeps it and asks each time whether it is still so: a new hub's page is never mixed with an old one's. */
function add(routes: App, path: string, bytes: Buffer, type: string): void {
  let packed: Uint8Array<ArrayBuffer> | undefined;
  const etag = `"${sha256(bytes).slice(0, 32)}"`;
  routes.get(path, (c) => {
    const headers = { 'content-type': type, etag, vary: 'accept-encoding', 'cache-control': 'no-cache' };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    if (!/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(Uint8Array.from(bytes), 200, headers);
    packed ??= Uint8Array.from(gzipSync(bytes, { level: 9 }));
    return c.body(packed, 200, { ...headers, 'content-encoding': 'gzip' });
  });
}
