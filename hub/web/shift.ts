// Hand-over and the audit log over HTTP.
import * as z from 'zod';
import { handOver, handoverSchema, lastHandovers, type ShiftSummary, summarise } from '../desk/shifts.ts';
import { routesOf } from './access.ts';
import { type App, bodyOf } from './env.ts';
import type { Web } from './parts.ts';
import type { Seen } from './seen.ts';
import { actorOf } from './sign-in.ts';

export function shiftRoutes(app: App, web: Web, seen: Seen): void {
  const routes = routesOf(app, web);
  const { store } = web.desk;
  const summary = async (): Promise<ShiftSummary> => {
    const names = await web.keys.names();
    const rows = new Map(web.reader.nodes().map((row) => [row.node, row]));
    const offline = names.filter((node) => rows.get(node)?.state !== 'online');
    return {
      ...summarise(web.db, store, web.wallMs()),
      ...{ nodes: names.length, offline: offline.map((node) => rows.get(node)?.title ?? node) },
    };
  };
  routes.get('/api/shift', 'acknowledge', async (c) =>
    c.json({ now: await summary(), handovers: lastHandovers(store) }),
  );
  routes.post('/api/shift', 'acknowledge', async (c, person) => {
    const read = await bodyOf(c, handoverSchema);
    if (!read.ok) return read.answer;
    const { giver, taker, note } = read.body;
    const made = await summary();
    const { alarms, waiting } = made;
    const details = { giver, taker, note, alarms, waiting };
    await web.audit.append({ actor: actorOf(person), action: 'hand-over', subject: 'shift', details });
    handOver(store, read.body, made);
    return c.json({ handovers: lastHandovers(store) });
  });

  const countSchema = z.coerce.number().int().min(1).max(1000).catch(200);
  const beforeSchema = z.coerce.number().int().nonnegative().optional().catch(undefined);
  routes.get('/api/audit', 'audit', async (c, person) => {
    const lines = await web.audit.newest(
      countSchema.parse(c.req.query('count')),
      beforeSchema.parse(c.req.query('before')),
    );
    // Who reads what everybody did is seen too.
    await seen.write(person, 'log');
    return c.json({
      lines: lines.map(({ n, atMs, actor, action, subject, reason, details }) => ({
        n,
        atMs,
        actor,
        action,
        subject,
        reason,
        details,
      })),
    });
  });
}
