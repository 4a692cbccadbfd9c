// What the hub answers over HTTP: the page, its data, stills and clips.
import { Hono } from 'hono';
import * as z from 'zod';
import { bootSchema, nameSchema } from '../../protocol/identity.ts';
import { sha256 } from '../../protocol/sign.ts';
import { clipSubject } from '../audit.ts';
import { openFilm } from '../clip/film.ts';
import { may } from '../desk/roles.ts';
import { limits } from '../limits.ts';
import { isThisMachine, pace, routesOf, writes } from './access.ts';
import { accountRoutes } from './accounts.ts';
import { assetRoutes } from './assets.ts';
import { careRoutes } from './care.ts';
import { caseRoutes } from './cases.ts';
import { dayRoutes } from './day.ts';
import type { App } from './env.ts';
import { evidenceRoutes } from './evidence.ts';
import { sendFilm } from './film.ts';
import { findRoutes, readCursor } from './find.ts';
import { guard } from './guard.ts';
import { liveRoutes } from './live.ts';
import { nodeViews } from './nodes.ts';
import { packLists } from './pack.ts';
import type { Web } from './parts.ts';
import { planRoutes } from './plan.ts';
import { queueRoutes } from './queue.ts';
import { reportRoutes } from './report.ts';
import { rolloutRoutes } from './rollout.ts';
import { openSeen } from './seen.ts';
import { shiftRoutes } from './shift.ts';
import { signInRoutes } from './sign-in.ts';
import { slipRoutes } from './slips.ts';
import { streamChanges } from './stream.ts';
import { tileRoutes } from './tiles.ts';

const placeSchema = z.object({ node: nameSchema, boot: bootSchema, seq: z.coerce.number().int().nonnegative() });
const limitSchema = z.coerce.number().int().min(1).max(limits.eventsPerAnswer).catch(50);

export async function makeApp(web: Web): Promise<App> {
  const app: App = new Hono();
  const seen = openSeen(web.audit, () => performance.now());
  app.use(
    guard(web.hosts),
    pace(() => performance.now()),
    writes(web.hosts),
  );
  // The page's own files are packed once, at the start.
  app.use('/api/*', packLists());
  app.onError((error, c) => {
    web.log('error', 'request failed', { path: c.req.path, error: String(error) });
    return c.json({ error: 'internal' }, 500);
  });
  app.notFound((c) => c.json({ error: 'not found' }, 404));
  app.route('/', await assetRoutes());

  signInRoutes(app, web);
  queueRoutes(app, web);
  findRoutes(app, web);
  dayRoutes(app, web);
  liveRoutes(app, web);
  shiftRoutes(app, web, seen);
  rolloutRoutes(app, web);
  accountRoutes(app, web);
  careRoutes(app, web);
  evidenceRoutes(app, web);
  caseRoutes(app, web);
  slipRoutes(app, web);
  tileRoutes(app, web, seen);
  planRoutes(app, web);
  reportRoutes(app, web);
  const routes = routesOf(app, web);

  // Programs that watch this machine read it without an account, from this machine only: counts, no names, no pictures.
  app.get('/api/summary', (c, next) => (isThisMachine(c) ? c.json(web.summary()) : next()));
  routes.get('/api/summary', 'counts', (c) => c.json(web.summary()));
  routes.get('/api/nodes', 'state', async (c, person) => c.json(await nodeViews(web, may(person.standing, 'look'))));
  routes.get('/api/events', 'look', (c) => {
    const told = c.req.query('before');
    const before = told === undefined ? undefined : readCursor(told);
    if (before === 'bad') return c.json({ error: 'before: not a cursor of this hub' }, 400);
    const { events, next } = web.reader.events(before, limitSchema.parse(c.req.query('limit') ?? 50));
    return c.json({
      events,
      next: next === undefined ? null : Buffer.from(JSON.stringify(next)).toString('base64url'),
    });
  });
  routes.get('/api/events/stream', 'state', (c, person) => streamChanges(c, web, person));
  routes.get('/api/still/:node/:boot/:file{[0-9]+.jpg}', 'look', async (c, person) => {
    const place = placeSchema.safeParse({ ...c.req.param(), seq: Number.parseInt(c.req.param('file') ?? '', 10) });
    if (!place.success) return c.notFound();
    await seen.still(person, place.data.node);
    const jpeg = await readStill(web, place.data);
    return jpeg === undefined ? c.notFound() : c.body(Uint8Array.from(jpeg), 200, { 'content-type': 'image/jpeg' });
  });
  routes.get('/api/clip/:node/:boot/:file{[0-9]+.mp4}', 'watch', async (c, person) => {
    const place = placeSchema.safeParse({ ...c.req.param(), seq: Number.parseInt(c.req.param('file') ?? '', 10) });
    if (!place.success) return c.notFound();
    const { node, boot, seq } = place.data;
    const opened = await openFilm(web, node, boot, seq);
    if (!opened.ok) return opened.why === 'absent' ? c.notFound() : c.json({ error: opened.why }, 409);
    await seen.write(person, clipSubject(node, boot, seq));
    return sendFilm(c, opened.film, (error) =>
      web.log('error', 'clip cannot be read', { ...place.data, error: String(error) }),
    );
  });
  // For who steps from picture to picture in a film that is before him: times alone.
  routes.get('/api/pictures/:node/:boot/:seq', 'watch', async (c) => {
    const place = placeSchema.safeParse({ ...c.req.param(), seq: Number(c.req.param('seq')) });
    const around = z.coerce.number().nonnegative().safeParse(c.req.query('around'));
    if (!place.success || !around.success) return c.notFound();
    const { node, boot, seq } = place.data;
    const opened = await openFilm(web, node, boot, seq);
    if (!opened.ok) return opened.why === 'absent' ? c.notFound() : c.json({ error: opened.why }, 409);
    const starts = await opened.film.picturesAround(around.data).catch((error: unknown) => {
      web.log('error', 'clip cannot be read', { ...place.data, error: String(error) });
    });
    return starts === undefined ? c.json({ error: 'damaged' }, 409) : c.json({ starts });
  });
  return app;
}

/** Undefined when there is no such still, or it is not what was signed. */
async function readStill(web: Web, { node, boot, seq }: z.infer<typeof placeSchema>): Promise<Uint8Array | undefined> {
  const record = web.reader.recordName(node, boot, seq);
  if (record?.kind !== 'still') return undefined;
  const jpeg = await web.open(await web.archive.body({ node, boot, name: record.name }));
  return sha256(jpeg) === record.plain_sha256 ? jpeg : undefined;
}
