// Finding over HTTP.
import * as z from 'zod';
import { findEvents, soughtSchema } from '../desk/find.ts';
import { routesOf } from './access.ts';
import type { App } from './env.ts';
import type { Web } from './parts.ts';

const cursorSchema = z.object({ atMs: z.number(), node: z.string(), id: z.string() });

export function findRoutes(app: App, web: Web): void {
  routesOf(app, web).get('/api/find', 'look', (c) => {
    const { before: told, ...query } = c.req.query();
    const sought = soughtSchema.safeParse(
      Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')),
    );
    if (!sought.success) return c.json({ error: z.prettifyError(sought.error) }, 400);
    const before = told === undefined ? undefined : readCursor(told);
    if (before === 'bad') return c.json({ error: 'before: not a cursor of this hub' }, 400);
    const { keys, next } = findEvents(web.db, sought.data, before);
    const events = keys.flatMap(({ node, id }) => {
      const view = web.reader.event(node, id);
      return view === undefined ? [] : [{ ...view, ack: web.acks.of(node, id) ?? null }];
    });
    return c.json({
      events,
      next: next === undefined ? null : Buffer.from(JSON.stringify(next)).toString('base64url'),
    });
  });
}

export function readCursor(told: string): z.infer<typeof cursorSchema> | 'bad' {
  try {
    const cursor = cursorSchema.safeParse(JSON.parse(Buffer.from(told, 'base64url').toString('utf8')));
    return cursor.success ? cursor.data : 'bad';
  } catch {
    return 'bad';
  }
}
