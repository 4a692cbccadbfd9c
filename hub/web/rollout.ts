// Releases on their way to the nodes, for the technician.
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import type { Person } from '../desk/sessions.ts';
import { changeGoing, quietHoursMax, quietHoursUsual, startRollout, type Who } from '../rollout/acts.ts';
import { latestRollout } from '../rollout/book.ts';
import { nodesSeen } from '../rollout/drive.ts';
import { unexplained } from '../rollout/wave.ts';
import { routesOf } from './access.ts';
import { type App, bodyOf } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

const startSchema = z.strictObject({
  release: z.string().min(1).max(64),
  bench: z.array(nameSchema).max(1000).default([]),
  canary: nameSchema.optional(),
  quietHours: z.number().min(0).max(quietHoursMax).default(quietHoursUsual),
});
const changeSchema = z.strictObject({ does: z.enum(['go-on', 'stop']), why: z.string().trim().min(1).max(500) });

export function rolloutRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const { audit, wallMs, changes } = web;
  const world = { store: web.desk.store, audit, wallMs };
  const whoOf = (person: Person): Who => ({ name: person.name, actor: actorOf(person) });

  routes.get('/api/rollout', 'update', async (c) => {
    const found = await web.releases();
    const latest = latestRollout(world.store);
    const held = latest === undefined ? [] : unexplained(latest.wave);
    return c.json({
      releases: found.ok ? found.releases : [],
      repository: found.ok ? null : found.text,
      rollout: latest ?? null,
      held,
    });
  });
  routes.post('/api/rollout', 'update', async (c, person) => {
    const read = await bodyOf(c, startSchema);
    if (!read.ok) return read.answer;
    const { quietHours, canary, ...asked } = read.body;
    const seen = nodesSeen(await web.keys.names(), web.reader.nodes());
    const { releases } = web;
    const wanted = { ...asked, canary, quietMs: quietHours * 3_600_000 };
    const started = await startRollout({ ...world, releases, seen }, wanted, whoOf(person));
    changes.tell({ is: 'nodes' });
    return started.ok ? c.json(started) : c.json({ error: started.why, ...started }, 409);
  });
  routes.post('/api/rollout/change', 'update', async (c, person) => {
    const read = await bodyOf(c, changeSchema);
    if (!read.ok) return read.answer;
    const isDone = await changeGoing(world, read.body.does, read.body.why, whoOf(person));
    changes.tell({ is: 'nodes' });
    return isDone ? c.json({}) : c.json({ error: 'none' }, 409);
  });
}
