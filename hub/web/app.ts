// What the hub answers over HTTP: the page, its data, stills and clips. Read-only.
import { Hono } from 'hono';
import * as z from 'zod';
import { bootSchema, nameSchema } from '../../protocol/identity.ts';
import { sha256 } from '../../protocol/sign.ts';
import { openFilm } from '../clip/film.ts';
import { limits } from '../limits.ts';
import { assetRoutes } from './assets.ts';
import { type App, sendFilm } from './film.ts';
import { guard } from './guard.ts';
import { nodeViews } from './nodes.ts';
import type { Web } from './parts.ts';
import { streamChanges } from './stream.ts';

const placeSchema = z.object({ node: nameSchema, boot: bootSchema, seq: z.coerce.number().int().nonnegative() });
const cursorSchema = z.object({ atMs: z.number(), node: z.string(), id: z.string() });
const limitSchema = z.coerce.number().int().min(1).max(limits.eventsPerAnswer).catch(50);

export async function makeApp(web: Web): Promise<App> {
  const app: App = new Hono();
  app.use(guard(web.hosts));
  app.onError((error, c) => {
    web.log('error', 'request failed', { path: c.req.path, error: String(error) });
    return c.json({ error: 'internal' }, 500);
  });
  app.notFound((c) => c.json({ error: 'not found' }, 404));
  app.route('/', await assetRoutes());

  app.get('/api/summary', (c) => c.json(web.summary()));
  app.get('/api/nodes', async (c) => c.json(await nodeViews(web)));
  app.get('/api/events', (c) => {
    const told = c.req.query('before');
    const before = told === undefined ? undefined : readCursor(told);
    if (before === 'bad') return c.json({ error: 'before: not a cursor of this hub' }, 400);
    const { events, next } = web.reader.events(before, limitSchema.parse(c.req.query('limit') ?? 50));
    return c.json({
      events,
      next: next === undefined ? null : Buffer.from(JSON.stringify(next)).toString('base64url'),
    });
  });
  app.get('/api/events/stream', (c) => streamChanges(c, web));
  app.get('/api/still/:node/:boot/:file{[0-9]+\\.jpg}', async (c) => {
    const place = placeSchema.safeParse({ ...c.req.param(), seq: Number.parseInt(c.req.param('file'), 10) });
    const jpeg = place.success ? await readStill(web, place.data) : undefined;
    return jpeg === undefined ? c.notFound() : c.body(Uint8Array.from(jpeg), 200, { 'content-type': 'image/jpeg' });
  });
  app.get('/api/clip/:node/:boot/:file{[0-9]+\\.mp4}', async (c) => {
    const place = placeSchema.safeParse({ ...c.req.param(), seq: Number.parseInt(c.req.param('file'), 10) });
    if (!place.success) return c.notFound();
    const opened = await openFilm(web, place.data.node, place.data.boot, place.data.seq);
    if (!opened.ok) return opened.why === 'absent' ? c.notFound() : c.json({ error: opened.why }, 409);
    return sendFilm(c, opened.film, (error) =>
      web.log('error', 'clip cannot be read', { ...place.data, error: String(error) }),
    );
  });
  return app;
}

function readCursor(told: string): z.infer<typeof cursorSchema> | 'bad' {
  try {
    const cursor = cursorSchema.safeParse(JSON.parse(Buffer.from(told, 'base64url').toString('utf8')));
    return cursor.success ? cursor.data : 'bad';
  } catch {
    return 'bad';
  }
}

/** Undefined when there is no such still, or it is not what was signed. */
async function readStill(web: Web, { node, boot, seq }: z.infer<typeof placeSchema>): Promise<Uint8Array | undefined> {
  const record = web.reader.recordName(node, boot, seq);
  if (record?.kind !== 'still') return undefined;
  const jpeg = await web.open(await web.archive.body({ node, boot, name: record.name }));
  return sha256(jpeg) === record.plain_sha256 ? jpeg : undefined;
}
