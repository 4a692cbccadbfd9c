// Taking an event out as evidence, and asking a node for minutes that it still holds.
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { openLookBacks } from '../desk/look-backs.ts';
import { routesOf } from './access.ts';
import { sendZip } from './download.ts';
import { type App, bodyOf } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

const line = (most: number) => z.string().trim().min(1).max(most);
const exportSchema = z.strictObject({
  node: nameSchema,
  id: z.string().min(1).max(64),
  case: line(200),
  reason: line(1000),
});
/** Fifteen minutes at most: what is asked for travels over the same thin link as alarms do. */
const lookbackMsMax = 15 * 60_000;
const lookbackSchema = z
  .strictObject({ node: nameSchema, fromMs: z.number(), toMs: z.number() })
  .refine(({ fromMs, toMs }) => toMs > fromMs && toMs - fromMs <= lookbackMsMax, {
    path: ['toMs'],
    error: 'must be at most 15 minutes after fromMs',
  });

export function evidenceRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const lookBacks = openLookBacks(web.desk.store, web.db);

  routes.post('/api/export', 'export', async (c, person) => {
    const read = await bodyOf(c, exportSchema);
    if (!read.ok) return read.answer;
    const { node, id, reason } = read.body;
    const of = { is: 'event', node, id } as const;
    const opened = await web.exportCase({ of, case: read.body.case, reason, actor: actorOf(person) });
    if (!opened.ok) return c.json({ error: opened.why }, 409);
    return sendZip(c, opened, (error) => web.log('error', 'export broke off', { node, id, error: String(error) }));
  });

  routes.get('/api/lookback', 'case', (c) => c.json({ asked: lookBacks.newest(web.wallMs()) }));
  routes.post('/api/lookback', 'case', async (c, person) => {
    const read = await bodyOf(c, lookbackSchema);
    if (!read.ok) return read.answer;
    const { node, fromMs, toMs } = read.body;
    if (!(await web.keys.names()).includes(node)) return c.notFound();
    const actor = actorOf(person);
    const details = { name: 'lookback', fromMs, toMs };
    await web.audit.append({ actor, action: 'command', subject: `node ${node}`, details });
    const id = lookBacks.ask({ node, fromMs, toMs }, actor, web.wallMs());
    const answer = await web.dispatch.send(node, { name: 'lookback', args: { fromMs, toMs } });
    lookBacks.answered(id, answer);
    return c.json({ ok: answer.ok, why: answer.ok ? null : answer.why, text: answer.text });
  });
}
