// A node's care over HTTP: how it has been, what it is set to, and setting it from here.
import type { Context } from 'hono';
import * as z from 'zod';
import { ruleText } from '../../agent/core/config/fault.ts';
import { patchBetween } from '../../agent/core/config/patch.ts';
import { faultsIn, foreignTo } from '../../agent/core/config/settings.ts';
import { commandBytesMax } from '../../protocol/command.ts';
import { nameSchema } from '../../protocol/identity.ts';
import { changesOf, fieldsOf } from '../desk/fields.ts';
import { openSensitivity } from '../desk/sensitivity.ts';
import type { Person } from '../desk/sessions.ts';
import { settingsInForce } from '../desk/settings.ts';
import { latestRollout } from '../rollout/book.ts';
import { routesOf } from './access.ts';
import { type App, bodyOf, type Env } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

const group = z.record(z.string(), z.json());
const wishSchema = z.strictObject({
  /** The start of the node whose settings these were. */
  base: z.string().max(64),
  settings: group,
  language: z.enum(['vi', 'en']).default('vi'),
});
const hoursSchema = z.coerce
  .number()
  .int()
  .min(1)
  .max(24 * 7)
  .catch(24);

/** Of so many days it is told how often the desk called this node's alarms false. */
const answersDays = 30;

export function careRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const nodeOf = async (c: Context<Env>): Promise<string | undefined> => {
    const node = nameSchema.safeParse(c.req.param('node'));
    return node.success && (await web.keys.names()).includes(node.data) ? node.data : undefined;
  };

  const answersOf = (node: string) => {
    const shares = web.acks.falseShares(web.wallMs() - answersDays * 86_400_000);
    const { answered, wrong } = shares.find((each) => each.node === node) ?? { answered: 0, wrong: 0 };
    return { answered, wrong };
  };

  routes.get('/api/care/:node', 'care', async (c) => {
    const node = await nodeOf(c);
    if (node === undefined) return c.notFound();
    const row = web.reader.nodes().find((each) => each.node === node);
    const inForce = await settingsInForce(web, node);
    return c.json({
      vitals: row?.vitals === null || row === undefined ? null : JSON.parse(row.vitals),
      heardMs: row?.heard_ms ?? null,
      release: row?.release ?? null,
      update: updateOf(web, node),
      inForce: inForce ?? null,
      answers: { days: answersDays, ...answersOf(node) },
      givenUp: web.reader.givenUp(node),
      fields: fieldsOf(),
    });
  });
  routes.get('/api/care/:node/history', 'care', async (c) => {
    const node = await nodeOf(c);
    if (node === undefined) return c.notFound();
    const hours = hoursSchema.parse(c.req.query('hours'));
    return c.json({ hours, nowMs: web.wallMs(), ...web.reader.vitalsSince(node, web.wallMs() - hours * 3_600_000) });
  });
  const sensitivity = openSensitivity(web.db, web.archive, web.open);
  routes.get('/api/care/:node/sensitivity', 'care', async (c) => {
    const node = await nodeOf(c);
    if (node === undefined) return c.notFound();
    const answer = await sensitivity.ask(node, web.wallMs() - 24 * 3_600_000);
    if (answer.ok) return c.json(answer.caught);
    return c.json({ error: answer.why }, answer.why === 'busy' ? 503 : 404);
  });
  routes.post('/api/care/:node/still', 'care', async (c, person) => {
    const node = await nodeOf(c);
    if (node === undefined) return c.notFound();
    await writeCommand(web, person, node, { name: 'snapshot' });
    const answer = await web.dispatch.send(node, { name: 'snapshot', args: {} });
    return answer.ok ? c.json({}) : c.json({ error: answer.why }, 409);
  });

  /** What would change, or what is wrong with it; nothing is sent. */
  const weigh = async (c: Context<Env>) => {
    const node = await nodeOf(c);
    if (node === undefined) return { ok: false, answer: c.notFound() } as const;
    const read = await bodyOf(c, wishSchema);
    if (!read.ok) return { ok: false, answer: read.answer } as const;
    const { base, settings, language } = read.body;
    const inForce = await settingsInForce(web, node);
    // Somebody else, or the technician at the pole, has changed it since: what is shown would not be what is sent.
    if (inForce?.boot !== base) return { ok: false, answer: c.json({ error: 'changed-meanwhile' }, 409) } as const;
    const patch = patchBetween(inForce.settings, settings);
    const foreign = foreignTo(patch);
    if (foreign.length > 0)
      return { ok: false, answer: c.json({ error: `${foreign.join(', ')}: not from afar` }, 400) } as const;
    const faults = faultsIn(settings).map(({ key, rule }) => ({ key, text: ruleText(rule, language) }));
    if (Buffer.byteLength(JSON.stringify(patch)) > commandBytesMax / 2)
      faults.push({ key: '', text: language === 'vi' ? 'thay đổi quá dài cho một lệnh' : 'too long for one command' });
    return { ok: true, node, patch, faults, changes: changesOf(inForce.settings, settings, language) } as const;
  };
  routes.post('/api/care/:node/check', 'care', async (c) => {
    const weighed = await weigh(c);
    if (!weighed.ok) return weighed.answer;
    return c.json({ faults: weighed.faults, changes: weighed.changes });
  });
  routes.post('/api/care/:node/settings', 'care', async (c, person) => {
    const weighed = await weigh(c);
    if (!weighed.ok) return weighed.answer;
    const { node, patch, faults, changes } = weighed;
    if (faults.length > 0) return c.json({ faults }, 400);
    if (changes.length === 0) return c.json({ error: 'nothing differs' }, 400);
    await writeCommand(web, person, node, {
      name: 'config.set',
      changes: changes
        .map(({ key, from, to }) => `${key}: ${from ?? '—'} → ${to ?? '—'}`)
        .join('; ')
        .slice(0, 1000),
    });
    const answer = await web.dispatch.send(node, { name: 'config.set', args: { patch } });
    return answer.ok ? c.json({ text: answer.text }) : c.json({ error: answer.why, text: answer.text }, 409);
  });
}

/** Where the node stands in the newest rollout. */
function updateOf({ desk }: Web, node: string) {
  const wave = latestRollout(desk.store)?.wave;
  const at = wave?.nodes.find((each) => each.node === node);
  if (wave === undefined || at === undefined) return null;
  const { ring, standing, sinceMs, text } = at;
  return { release: wave.release, is: wave.is, ring, standing, sinceMs, text };
}

const writeCommand = (web: Web, person: Person, node: string, details: Readonly<Record<string, string>>) =>
  web.audit.append({ actor: actorOf(person), action: 'command', subject: `node ${node}`, details });
