// The photo slip for a patrol: one still of one event, with who had it made and for whom over the picture itself, written down before it is shown.
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { eventSubject } from '../audit.ts';
import { routesOf } from './access.ts';
import { type App, bodyOf } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

const slipSchema = z.strictObject({
  node: nameSchema,
  id: z.string().min(1).max(64),
  /** For whom and what for. */
  reason: z.string().trim().min(1).max(200),
});

export function slipRoutes(app: App, web: Web): void {
  routesOf(app, web).post('/api/slips', 'slip', async (c, person) => {
    const read = await bodyOf(c, slipSchema);
    if (!read.ok) return read.answer;
    const { node, id, reason } = read.body;
    const event = web.reader.event(node, id);
    if (event === undefined) return c.notFound();
    if (event.still === null) return c.json({ error: 'no still of it is here' }, 409);
    const atMs = web.wallMs();
    const { n } = await web.audit.append({
      ...{ actor: actorOf(person), action: 'slip', subject: eventSubject(node, id), reason },
    });
    // Its number is that of its line in the log: whoever finds the paper finds who gave it out.
    return c.json({ number: n, atMs, by: person.fullName, reason, event });
  });
}
