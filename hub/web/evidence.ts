// Taking an event out as evidence, and asking a node for minutes that it still holds.
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
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

interface LookbackRow {
  readonly id: number;
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly askedMs: number;
  readonly actor: string;
  /** What the node said: `asked` while it has not answered, `taken`, or `refused`. */
  readonly state: string;
  readonly answer: string;
}

export function evidenceRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const { store } = web.desk;

  routes.post('/api/export', 'export', async (c, person) => {
    const read = await bodyOf(c, exportSchema);
    if (!read.ok) return read.answer;
    const { node, id, reason } = read.body;
    const of = { is: 'event', node, id } as const;
    const opened = await web.exportCase({ of, case: read.body.case, reason, actor: actorOf(person) });
    if (!opened.ok) return c.json({ error: opened.why }, 409);
    return sendZip(c, opened, (error) => web.log('error', 'export broke off', { node, id, error: String(error) }));
  });

  /** A clip that was asked for, with pictures of those minutes; here when all of it is. */
  const come = web.db.prepare(`SELECT r.boot, r.seq, count(s.seg) AS here, count(*) AS parts FROM record r
    JOIN clip_segment c ON c.node = r.node AND c.boot = r.boot AND c.seq = r.seq
    LEFT JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg
    WHERE r.node = ? AND r.kind = 'clip' AND r.why = 'lookback' AND r.stored_ms >= ?
    GROUP BY r.boot, r.seq HAVING min(s.at_ms) < ? AND max(s.at_ms) + 10000 > ? ORDER BY r.stored_ms LIMIT 1`);
  const comeOf = ({ node, askedMs, fromMs, toMs, state }: LookbackRow) => {
    const clip = state === 'refused' ? undefined : come.get(node, askedMs, toMs, fromMs);
    if (clip === undefined) return { state: state === 'taken' ? 'coming' : state, url: null };
    return {
      state: clip.here === clip.parts ? 'here' : 'coming',
      url: `/api/clip/${node}/${clip.boot}/${clip.seq}.mp4`,
    };
  };

  routes.get('/api/lookback', 'case', (c) => {
    const columns = 'id, node, from_ms AS fromMs, to_ms AS toMs, asked_ms AS askedMs, actor, state, answer';
    const rows = store.all<LookbackRow>(`SELECT ${columns} FROM lookback ORDER BY id DESC LIMIT 20`);
    return c.json({ asked: rows.map((row) => ({ ...row, ...comeOf(row) })) });
  });
  routes.post('/api/lookback', 'case', async (c, person) => {
    const read = await bodyOf(c, lookbackSchema);
    if (!read.ok) return read.answer;
    const { node, fromMs, toMs } = read.body;
    if (!(await web.keys.names()).includes(node)) return c.notFound();
    const actor = actorOf(person);
    const details = { name: 'lookback', fromMs, toMs };
    await web.audit.append({ actor, action: 'command', subject: `node ${node}`, details });
    const sql = `INSERT INTO lookback (node, from_ms, to_ms, asked_ms, actor, state, answer) VALUES (?, ?, ?, ?, ?, 'asked', '') RETURNING id`;
    const id = store.all<{ id: number }>(sql, node, fromMs, toMs, web.wallMs(), actor)[0]?.id ?? 0;
    const answer = await web.dispatch.send(node, { name: 'lookback', args: { fromMs, toMs } });
    const state = answer.ok ? 'taken' : 'refused';
    store.run(
      'UPDATE lookback SET state = ?, answer = ? WHERE id = ?',
      state,
      answer.ok ? answer.text : `${answer.why}: ${answer.text}`,
      id,
    );
    return c.json({ state, why: answer.ok ? null : answer.why, text: answer.text });
  });
}
