// The page's own files and its two libraries, by name: nothing else in any folder can be asked for. Read once, at start.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';

const script = 'text/javascript; charset=utf-8';
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: script,
  svg: 'image/svg+xml',
};

const pageFiles = [
  'page.html',
  'page.css',
  'main.js',
  'html.js',
  'words.js',
  'nodes.js',
  'events.js',
  'player.js',
  'eye.svg',
] as const;

/** Libraries that are one file without imports, as the browser takes them. */
const libraries: Readonly<Record<string, string>> = {
  'preact.js': import.meta.resolve('preact'),
  'htm.js': import.meta.resolve('htm'),
};

export async function assetRoutes(): Promise<Hono> {
  const routes = new Hono();
  for (const name of pageFiles) {
    const bytes = await readFile(new URL(`../page/${name}`, import.meta.url));
    const type = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    routes.get(name === 'page.html' ? '/' : `/page/${name}`, (c) =>
      c.body(Uint8Array.from(bytes), 200, { 'content-type': type }),
    );
  }
  for (const [name, address] of Object.entries(libraries)) {
    const bytes = await readFile(fileURLToPath(address));
    routes.get(`/lib/${name}`, (c) => c.body(Uint8Array.from(bytes), 200, { 'content-type': script }));
  }
  return routes;
}
