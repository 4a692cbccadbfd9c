// The month's page over HTTP: counts and uptime, no pictures.
import * as z from 'zod';
import { reportMonth } from '../desk/report.ts';
import { limits } from '../limits.ts';
import { routesOf } from './access.ts';
import { dayStartMs } from './day.ts';
import type { App } from './env.ts';
import type { Web } from './parts.ts';

const monthSchema = z.string().regex(/^20\d{2}-(?:0[1-9]|1[0-2])$/, 'must be a month, like 2026-11');

export function reportRoutes(app: App, web: Web): void {
  routesOf(app, web).get('/api/report', 'counts', async (c) => {
    const month = monthSchema.safeParse(c.req.query('month'));
    if (!month.success) return c.json({ error: `month: ${month.error.issues[0]?.message}` }, 400);
    const [year = 0, which = 0] = month.data.split('-').map(Number);
    const fromMs = dayStartMs(`${month.data}-01`);
    const next = which === 12 ? `${year + 1}-01` : `${year}-${String(which + 1).padStart(2, '0')}`;
    const toMs = dayStartMs(`${next}-01`);
    // Each export has a line before its first byte and one after its last.
    const taken = await web.audit.about(
      ({ action, atMs, details }) => action === 'export' && atMs >= fromMs && atMs < toMs && details?.done !== true,
      limits.custodyLines,
    );
    const span = { fromMs, toMs, nowMs: web.wallMs(), exports: taken.length };
    const report = await reportMonth({ ...web, store: web.desk.store }, await web.keys.names(), span);
    return c.json({ month: month.data, ...report, disk: web.outlook() ?? null, retention: web.retention ?? null });
  });
}
