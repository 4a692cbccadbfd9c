// The month's page over HTTP: counts and uptime, no pictures.
import * as z from 'zod';
import { reportMonth } from '../desk/report.ts';
import { limits } from '../limits.ts';
import { routesOf } from './access.ts';
import { dayStartMs } from './day.ts';
import type { App } from './env.ts';
import type { Web } from './parts.ts';

const monthSchema = z.string().regex(/^20\d{2}-(?:0[1-9]|1[0-2])$/, 'must be a month, like 2026-11');

/** A month of a hundred nodes takes a while to count: whoever asks again within this time gets the same. */
const sameMs = 60_000;
const monthsKept = 24;

export function reportRoutes(app: App, web: Web): void {
  const made = new Map<string, { readonly atMs: number; readonly report: object }>();
  routesOf(app, web).get('/api/report', 'counts', async (c) => {
    const month = monthSchema.safeParse(c.req.query('month'));
    if (!month.success) return c.json({ error: `month: ${month.error.issues[0]?.message}` }, 400);
    const known = made.get(month.data);
    if (known !== undefined && Math.abs(web.wallMs() - known.atMs) < sameMs) return c.json(known.report);
    const [year = 0, which = 0] = month.data.split('-').map(Number);
    const fromMs = dayStartMs(`${month.data}-01`);
    const next = which === 12 ? `${year + 1}-01` : `${year}-${String(which + 1).padStart(2, '0')}`;
    const toMs = dayStartMs(`${next}-01`);
    // Each export has a line before its first byte and one after its last.
    const taken = await web.audit.about(
      { action: 'export', is: ({ atMs, details }) => atMs >= fromMs && atMs < toMs && details?.done !== true },
      limits.custodyLines,
    );
    const span = { fromMs, toMs, nowMs: web.wallMs(), exports: taken.length };
    const counted = await reportMonth({ ...web, store: web.desk.store }, await web.keys.names(), span);
    const report = { month: month.data, ...counted, disk: web.outlook() ?? null, retention: web.retention ?? null };
    if (made.size >= monthsKept) made.clear();
    made.set(month.data, { atMs: span.nowMs, report });
    return c.json(report);
  });
}
