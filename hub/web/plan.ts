// The commune's own plan, on which its points stand: one picture, brought by whoever cares for the nodes.
import { sha256 } from '../../protocol/sign.ts';
import type { DeskStore } from '../desk/store.ts';
import { routesOf } from './access.ts';
import type { App } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

export function planRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const { store } = web.desk;

  routes.get('/api/plan', 'state', (c) => {
    const plan = store.all<{ type: string; bytes: Uint8Array; sha256: string }>(
      "SELECT type, bytes, sha256 FROM picture WHERE name = 'plan'",
    )[0];
    if (plan === undefined) return c.notFound();
    const etag = `"${plan.sha256.slice(0, 32)}"`;
    const headers = { 'content-type': plan.type, etag, 'cache-control': 'private, no-cache' };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    return c.body(Uint8Array.from(plan.bytes), 200, headers);
  });
  routes.post('/api/plan', 'care', async (c, person) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    const type = typeOf(bytes);
    if (type === undefined) return c.json({ error: 'must be a PNG or JPEG picture' }, 400);
    const mark = sha256(bytes);
    const details = { what: 'plan', bytes: bytes.length, sha256: mark };
    await web.audit.append({ actor: actorOf(person), action: 'change', subject: 'plan', details });
    store.run("INSERT OR REPLACE INTO picture VALUES ('plan', ?, ?, ?)", type, bytes, mark);
    web.changes.tell({ is: 'nodes' });
    return c.json({});
  });
}

/** Which plan it is; null while there is none. */
export const planMark = (store: DeskStore): string | null =>
  store.all<{ sha256: string }>("SELECT sha256 FROM picture WHERE name = 'plan'")[0]?.sha256 ?? null;

/** What it is, whatever it was called: PNG (its signature, 5.2) or JPEG (SOI and the next marker's first byte). */
function typeOf(bytes: Uint8Array): 'image/png' | 'image/jpeg' | undefined {
  const starts = (...head: readonly number[]) => head.every((byte, place) => bytes[place] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  return starts(0xff, 0xd8, 0xff) ? 'image/jpeg' : undefined;
}
