// A node's day over HTTP: its minutes, its stills as a film strip, its events.
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { dayMs, minuteMs, minuteStates, minutesOf, minuteTotals } from '../desk/day.ts';
import { limits } from '../limits.ts';
import { routesOf } from './access.ts';
import type { App } from './env.ts';
import type { Web } from './parts.ts';

const daySchema = z.iso.date();
/** Vietnam knows no summer time: its day begins at 17:00 UTC. */
export const dayStartMs = (day: string): number => Date.parse(`${day}T00:00:00+07:00`);

export function dayRoutes(app: App, web: Web): void {
  const stills = web.db.prepare(
    `SELECT r.boot, r.seq, r.at_ms AS atMs, r.of_event AS event, e.level, e.at_ms AS eventMs FROM record r
     JOIN event e ON e.node = r.node AND e.id = r.of_event WHERE r.node = ? AND r.kind = 'still' AND r.at_ms >= ? AND r.at_ms < ? ORDER BY atMs`,
  );
  const events = web.db.prepare(
    'SELECT id, at_ms AS atMs, level, cause AS trigger FROM event WHERE node = ? AND at_ms >= ? AND at_ms < ? ORDER BY atMs',
  );
  routesOf(app, web).get('/api/day/:node', 'look', async (c) => {
    const node = nameSchema.safeParse(c.req.param('node'));
    const day = daySchema.safeParse(c.req.query('day'));
    if (!day.success) return c.json({ error: 'day: must be a date, like 2026-11-28' }, 400);
    if (!node.success || !(await web.keys.names()).includes(node.data)) return c.notFound();
    const fromMs = dayStartMs(day.data);
    const toMs = fromMs + dayMs;
    const signs = web.signs.of(node.data, fromMs, toMs);
    const nowMs = web.wallMs();
    const totals = minuteTotals(signs, fromMs, nowMs);
    const minutes = minutesOf(signs, fromMs, nowMs);
    const span = [node.data, fromMs, toMs] as const;
    const all = events.all(...span);
    const shown = all.length > limits.eventsPerDay ? onePerMinute : <Row>(rows: readonly Row[]) => rows;
    return c.json({
      ...{ node: node.data, day: day.data, fromMs, totals, states: minuteStates },
      /** A digit a minute: its place in `states`. */
      minutes: minutes.map((state) => minuteStates.indexOf(state)).join(''),
      stills: shown(stills.all(...span)).map(({ boot, seq, ...still }) => ({
        ...{ url: `/api/still/${node.data}/${boot}/${seq}.jpg`, ...still },
      })),
      events: shown(all),
    });
  });
}

/** The first of each minute, and of its alarms beside it: so a busy day has its evening too. `rows` by their time. */
function onePerMinute<Row extends Readonly<Record<string, unknown>>>(rows: readonly Row[]): readonly Row[] {
  const slotOf = ({ atMs, level }: Row) => `${Math.floor(Number(atMs) / minuteMs)} ${level === 'alarm'}`;
  const taken = new Set<string>();
  return rows.filter((row) => taken.size < taken.add(slotOf(row)).size);
}
