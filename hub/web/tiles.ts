// Low-rate pictures of the wall over HTTP: a page names the nodes that it shows, and is told the newest of each.
import { nameSchema } from '../../protocol/identity.ts';
import { openTiles } from '../tiles.ts';
import { routesOf } from './access.ts';
import type { App } from './env.ts';
import { linkOf } from './nodes.ts';
import type { Web } from './parts.ts';
import type { Seen } from './seen.ts';

export function tileRoutes(app: App, web: Web, seen: Seen): void {
  const routes = routesOf(app, web);
  const { reader } = web;
  const tiles = openTiles(web.live, web.wallMs);

  // A question, not an order: it must not keep a session awake that no hand touches.
  routes.get('/api/tiles', 'look', async (c) => {
    const asked = new Set(c.req.queries('node') ?? []);
    const keys = new Set(await web.keys.names());
    // Mobile data is dear: only where the link is not counted.
    const nodes = reader
      .nodes()
      .filter(
        (row) => asked.has(row.node) && keys.has(row.node) && row.state === 'online' && linkOf(row) === 'unmetered',
      );
    for (const { node } of nodes) tiles.want(node);
    const newest = nodes.flatMap(({ node }) => {
      const tile = tiles.latest(node);
      return tile === undefined
        ? []
        : [[node, { url: `/api/tile/${node}/${tile.atMs}.jpg`, atMs: tile.atMs }] as const];
    });
    return c.json({ tiles: Object.fromEntries(newest) });
  });
  routes.get('/api/tile/:node/:file{[0-9]+.jpg}', 'look', async (c, person) => {
    const node = nameSchema.safeParse(c.req.param('node'));
    const tile = node.success ? tiles.latest(node.data) : undefined;
    if (!node.success || tile === undefined) return c.notFound();
    await seen.still(person, node.data);
    return c.body(Uint8Array.from(tile.jpeg), 200, { 'content-type': 'image/jpeg' });
  });
}
