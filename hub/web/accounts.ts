// Who may sign in: the list, the end of a lock before its time, and what an administrator does to accounts.
import type { Context } from 'hono';
import { openAccountActs, type Refused, type Who } from '../desk/account-acts.ts';
import { accountSchema, allAccounts, findAccount } from '../desk/accounts.ts';
import type { Person } from '../desk/sessions.ts';
import { routesOf } from './access.ts';
import { type App, bodyOf, type Env } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

const statuses = { none: 404, taken: 409, own: 409, out: 401 } as const;
const whoOf = (person: Person): Who => ({ actor: actorOf(person), account: person.name });
const nameOf = (c: Context<Env>): string => c.req.param('name') ?? '';
/** A password in it is told this once. */
const answer = (c: Context<Env>, done: Refused | { readonly ok: true }): Response =>
  done.ok ? c.json(done) : c.json({ error: done.why }, statuses[done.why]);

export function accountRoutes(app: App, web: Web): void {
  const routes = routesOf(app, web);
  const { audit, wallMs } = web;
  const { store, lockout } = web.desk;
  const acts = openAccountActs(store, audit, wallMs);

  routes.get('/api/accounts', 'unlock', (c) => {
    const accounts = allAccounts(store).map(({ name, fullName, role, disabled, mustChange }) => ({
      ...{ name, fullName, role, disabled, mustChange },
      lockedUntilMs: lockout.closedUntil(name) ?? null,
    }));
    return c.json({ accounts });
  });
  routes.post('/api/accounts/:name/unlock', 'unlock', async (c, person) => {
    const name = nameOf(c);
    if (findAccount(store, name) === undefined) return c.json({ error: 'none' }, 404);
    if (lockout.closedUntil(name) === undefined) return c.json({ error: 'not-locked' }, 409);
    await audit.append({ actor: actorOf(person), action: 'unlock', subject: `account ${name}` });
    lockout.forget(name);
    return c.json({});
  });
  routes.post('/api/accounts', 'accounts', async (c, person) => {
    const read = await bodyOf(c, accountSchema);
    return read.ok ? answer(c, await acts.add(whoOf(person), read.body)) : read.answer;
  });
  for (const does of ['reset', 'close', 'open'] as const)
    routes.post(`/api/accounts/:name/${does}`, 'accounts', async (c, person) =>
      answer(c, await acts[does](whoOf(person), nameOf(c))),
    );
}
