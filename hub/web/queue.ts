// The alarm queue over HTTP, and taking on.
import { nameSchema } from '../../protocol/identity.ts';
import { ackSchema, queueAgeMs } from '../desk/acks.ts';
import { pointOf, pointSchema, setPoint } from '../desk/points.ts';
import { type Burst, burstsOf } from '../desk/queue.ts';
import { may } from '../desk/roles.ts';
import { routesOf } from './access.ts';
import { type App, bodyOf } from './env.ts';
import type { Web } from './parts.ts';
import { planMark } from './plan.ts';
import { actorOf } from './sign-in.ts';

/** Then a second person is called. */
export const escalateMs = 180_000;
/** Events leave the queue by their age too. */
const sameMs = 10_000;

export function queueRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const { acks, desk } = web;

  // Several desks ask after the same change: one answer for all of them.
  const made = new Map<boolean, { readonly told: number; readonly atMs: number; readonly rows: unknown }>();
  const rowsNow = (hasPictures: boolean, nowMs: number) => {
    const told = web.changes.told();
    const last = made.get(hasPictures);
    if (last !== undefined && last.told === told && Math.abs(nowMs - last.atMs) < sameMs) return last.rows;
    const rows = burstsOf(acks.open(nowMs)).map((burst) => rowOf(web, burst, hasPictures));
    made.set(hasPictures, { told, atMs: nowMs, rows });
    return rows;
  };
  routes.get('/api/queue', 'state', (c, person) => {
    const nowMs = web.wallMs();
    return c.json({ hubMs: nowMs, rows: rowsNow(may(person.standing, 'look'), nowMs), queueAgeMs, escalateMs });
  });

  routes.post('/api/acks', 'acknowledge', async (c, person) => {
    const read = await bodyOf(c, ackSchema);
    if (!read.ok) return read.answer;
    const { body } = read;
    const events = acks.openOf(body.node, body.fromMs, body.toMs);
    if (events.length === 0) return c.json({ error: 'nothing waits there: somebody was quicker' }, 409);
    const hasAlarm = events.some(({ level }) => level === 'alarm');
    if (hasAlarm && body.outcome === 'seen') return c.json({ error: 'outcome: an alarm must be answered for' }, 400);
    const actor = actorOf(person);
    const { outcome, reason = null, note } = body;
    const first = events[0]?.id ?? '';
    await web.audit.append({
      ...{ actor, action: 'acknowledge', subject: `node ${body.node}` },
      details: { outcome, why: reason, note, events: events.length, first },
    });
    acks.take(events, body, actor, web.wallMs());
    web.changes.tell({ is: 'queue' });
    return c.json({ taken: events.length });
  });

  routes.get('/api/points', 'state', async (c) => {
    const names = await web.keys.names();
    const points = Object.fromEntries(names.map((node) => [node, pointOf(desk.store, node)]));
    return c.json({ points, plan: planMark(desk.store) });
  });
  routes.post('/api/points/:node', 'care', async (c, person) => {
    const node = nameSchema.safeParse(c.req.param('node'));
    if (!node.success || !(await web.keys.names()).includes(node.data)) return c.notFound();
    const read = await bodyOf(c, pointSchema);
    if (!read.ok) return read.answer;
    const { hamlet, contact, phone, x, y } = read.body;
    const details = { hamlet, contact, phone, x, y };
    await web.audit.append({ actor: actorOf(person), action: 'change', subject: `point ${node.data}`, details });
    setPoint(desk.store, node.data, read.body);
    web.changes.tell({ is: 'nodes' });
    return c.json({});
  });
}

function rowOf({ reader, desk }: Web, burst: Burst, hasPictures: boolean) {
  const head = reader.event(burst.node, burst.head);
  const view = head === undefined || hasPictures ? head : { ...head, still: null, clips: [] };
  return { ...burst, title: head?.title ?? burst.node, head: view ?? null, point: pointOf(desk.store, burst.node) };
}
