// Cases over HTTP: opened, filled, held, taken out, closed and opened again.
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { eventSubject } from '../audit.ts';
import { caseTitleSchema } from '../desk/cases.ts';
import { placesOf, select } from '../export/select.ts';
import { limits } from '../limits.ts';
import { routesOf } from './access.ts';
import { sendZip } from './download.ts';
import { type App, bodyOf } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

const line = (most: number) => z.string().trim().min(1).max(most);
const openSchema = z.strictObject({ title: caseTitleSchema });
const eventSchema = z.strictObject({ node: nameSchema, id: z.string().min(1).max(64) });
const removeSchema = eventSchema.extend({ reason: line(1000) });
const whySchema = z.strictObject({ reason: line(1000) });
const exportSchema = z.strictObject({ number: line(80), reason: line(1000) });
const idSchema = z.coerce.number().int().positive();

export function caseRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const { cases } = web;
  const caseOf = (told: string | undefined) => {
    const id = idSchema.safeParse(told);
    return id.success ? cases.of(id.data) : undefined;
  };
  const nameOf = ({ id, title }: { id: number; title: string }) => `${id} ${title}`;

  routes.get('/api/cases', 'case', (c) => c.json({ cases: cases.all() }));
  routes.post('/api/cases', 'case', async (c, person) => {
    const read = await bodyOf(c, openSchema);
    if (!read.ok) return read.answer;
    const actor = actorOf(person);
    const { title } = read.body;
    await web.audit.append({ actor, action: 'change', subject: 'case', details: { what: 'opened', case: title } });
    return c.json({ id: cases.open(title, actor, web.wallMs()) });
  });
  routes.get('/api/cases/:id', 'case', (c) => {
    const one = caseOf(c.req.param('id'));
    if (one === undefined) return c.notFound();
    const events = cases.events(one.id).map(({ node, id, addedMs, addedBy }) => ({
      ...{ node, id, addedMs, addedBy, ack: web.acks.of(node, id) ?? null },
      // The catalogue may have been rebuilt without it.
      view: web.reader.event(node, id) ?? null,
    }));
    return c.json({ case: one, events });
  });
  routes.post('/api/cases/:id/events', 'case', async (c, person) => {
    const read = await bodyOf(c, eventSchema);
    if (!read.ok) return read.answer;
    const one = caseOf(c.req.param('id'));
    const { node, id } = read.body;
    if (one === undefined || web.reader.event(node, id) === undefined) return c.notFound();
    const inIt = cases.events(one.id);
    if (one.closedMs !== null) return c.json({ error: 'the case is closed' }, 409);
    if (inIt.some((each) => each.node === node && each.id === id)) return c.json({ events: inIt.length });
    if (inIt.length >= limits.eventsPerCase)
      return c.json({ error: `a case may have ${limits.eventsPerCase} events` }, 409);
    const places = placesOf(select(web.db, { is: 'event', node, id }));
    if (places.length > limits.placesPerHold) return c.json({ error: 'too many files' }, 409);
    const actor = actorOf(person);
    const hold = await web.holds.hold({ case: nameOf(one), reason: 'case', actor, places });
    const details = { case: nameOf(one), hold: hold.id, files: places.length };
    await web.audit.append({ actor, action: 'hold', subject: eventSubject(node, id), details });
    cases.add(one.id, { node, id, hold: hold.id, addedMs: web.wallMs(), addedBy: actor });
    return c.json({ events: inIt.length + 1 });
  });
  routes.post('/api/cases/:id/remove', 'export', async (c, person) => {
    const read = await bodyOf(c, removeSchema);
    if (!read.ok) return read.answer;
    const one = caseOf(c.req.param('id'));
    const { node, id, reason } = read.body;
    const event =
      one === undefined ? undefined : cases.events(one.id).find((each) => each.node === node && each.id === id);
    if (one === undefined || event === undefined) return c.notFound();
    const actor = actorOf(person);
    const details = { case: nameOf(one), hold: event.hold };
    await web.audit.append({ actor, action: 'release', subject: eventSubject(node, id), reason, details });
    cases.remove(one.id, node, id);
    await web.holds.release(event.hold, actor, reason);
    return c.json({});
  });
  for (const [act, what] of [
    ['close', 'closed'],
    ['reopen', 'reopened'],
  ] as const)
    routes.post(`/api/cases/:id/${act}`, 'export', async (c, person) => {
      const read = await bodyOf(c, whySchema);
      if (!read.ok) return read.answer;
      const one = caseOf(c.req.param('id'));
      if (one === undefined) return c.notFound();
      // Pressed at two desks: once is enough.
      if ((one.closedMs === null) === (act === 'reopen')) return c.json({});
      const details = { what, case: nameOf(one) };
      const { reason } = read.body;
      await web.audit.append({ actor: actorOf(person), action: 'change', subject: 'case', reason, details });
      if (act === 'close') cases.close(one.id, web.wallMs());
      else cases.reopen(one.id);
      return c.json({});
    });
  routes.post('/api/cases/:id/export', 'export', async (c, person) => {
    const read = await bodyOf(c, exportSchema);
    if (!read.ok) return read.answer;
    const one = caseOf(c.req.param('id'));
    if (one === undefined) return c.notFound();
    const { number, reason } = read.body;
    const events = cases.events(one.id).map(({ node, id }) => ({ node, id }));
    const opened = await web.exportWhole({ events, case: `${number} ${one.title}`, reason, actor: actorOf(person) });
    if (opened === undefined) return c.json({ error: 'nothing' }, 409);
    return sendZip(c, opened, (error) => web.log('error', 'export broke off', { case: one.id, error: String(error) }));
  });
}
