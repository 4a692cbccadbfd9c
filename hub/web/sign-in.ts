// In and out: by password, by a link that was printed at this machine, and what a signed-in page knows of itself.
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import * as z from 'zod';
import { sha256 } from '../../protocol/sign.ts';
import { findAccount, setPassword } from '../desk/accounts.ts';
import { faultOfPassword, hashOfNothing, isPassword, passwordLengthMax } from '../desk/passwords.ts';
import { permissionsOf } from '../desk/roles.ts';
import { type Person, sessionRules } from '../desk/sessions.ts';
import { limits } from '../limits.ts';
import { cookieName, isSecure, personOf, routesOf } from './access.ts';
import { type App, bodyOf, type Env } from './env.ts';
import type { Web } from './parts.ts';

const word = z.string().min(1).max(passwordLengthMax);
const signInSchema = z.strictObject({ name: z.string().min(1).max(64), password: word });
const linkSchema = z.strictObject({ token: z.string().min(1).max(100) });
const wakeSchema = z.strictObject({ password: word });
const changeSchema = z.strictObject({ old: word, password: z.string().max(1000) });

export function signInRoutes(app: App, web: Web): void {
  const { sessions, store, lockout } = web.desk;
  const check = passwordCheck();

  /** Undefined when it is right; the same answer, as slowly, whether the account or only the password is wrong. */
  const refused = async (c: Context<Env>, name: string, password: string): Promise<Response | undefined> => {
    const closedUntilMs = lockout.closedUntil(name);
    if (closedUntilMs !== undefined) return c.json({ error: 'locked', untilMs: closedUntilMs }, 429);
    const account = findAccount(store, name);
    const isRight = await check(password, account?.disabled === false ? account.hash : undefined);
    if (isRight === 'busy') return c.json({ error: 'busy' }, 503);
    if (isRight) {
      lockout.forget(name);
      return undefined;
    }
    lockout.failed(name);
    const locked = lockout.closedUntil(name) !== undefined;
    await web.audit.append({
      actor: 'hub',
      action: 'sign-in-refused',
      subject: `account ${name.slice(0, 64)}`,
      details: { locked },
    });
    return c.json({ error: locked ? 'locked' : 'wrong' }, locked ? 429 : 401);
  };
  const begin = async (c: Context<Env>, name: string, tv: boolean, by: 'password' | 'link') => {
    const role = findAccount(store, name)?.role ?? 'unknown';
    await web.audit.append({
      actor: `${role}:${name}`,
      action: 'sign-in',
      subject: `account ${name}`,
      details: { tv, by },
    });
    const { token } = sessions.begin(name, tv);
    setCookie(c, cookieName, token, {
      ...{ path: '/', httpOnly: true, sameSite: 'Strict', secure: isSecure(c) },
      maxAge: (tv ? sessionRules.tvMsMax : sessionRules.personMsMax) / 1000,
    });
    const person = sessions.find(token);
    return person === undefined ? c.json({ error: 'wrong' }, 401) : c.json(about(person));
  };

  app.post('/api/sign-in', async (c) => {
    const read = await bodyOf(c, signInSchema);
    if (!read.ok) return read.answer;
    const { name, password } = read.body;
    return (await refused(c, name, password)) ?? (await begin(c, name, false, 'password'));
  });
  app.post('/api/sign-in/link', async (c) => {
    const read = await bodyOf(c, linkSchema);
    if (!read.ok) return read.answer;
    const link = sessions.useLink(read.body.token);
    return link === undefined ? c.json({ error: 'wrong' }, 401) : await begin(c, link.account, link.tv, 'link');
  });
  // Not an error for a browser that has no session yet: it is how the page finds out.
  app.get('/api/me', (c) => {
    const person = personOf(c, web);
    return c.json(person === undefined ? null : about(person));
  });

  const routes = routesOf(app, web);
  routes.post('/api/sign-out', 'signed-in', async (c, person) => {
    sessions.end(person.token);
    deleteCookie(c, cookieName, { path: '/' });
    await web.audit.append({ actor: actorOf(person), action: 'sign-out', subject: `account ${person.name}` });
    return c.json({});
  });
  routes.post('/api/awake', 'signed-in', (c) => c.json({}));
  routes.post('/api/wake', 'signed-in', async (c, person) => {
    const read = await bodyOf(c, wakeSchema);
    if (!read.ok) return read.answer;
    const answer = await refused(c, person.name, read.body.password);
    if (answer !== undefined) return answer;
    await web.audit.append({
      actor: actorOf(person),
      action: 'sign-in',
      subject: `account ${person.name}`,
      details: { tv: false, by: 'wake' },
    });
    sessions.touch(person.token);
    return c.json(about(sessions.find(person.token) ?? person));
  });
  routes.post('/api/password', 'signed-in', async (c, person) => {
    const read = await bodyOf(c, changeSchema);
    if (!read.ok) return read.answer;
    if (person.standing === 'tv') return c.json({ error: 'not for tv' }, 403);
    const { old, password } = read.body;
    const answer = await refused(c, person.name, old);
    if (answer !== undefined) return answer;
    const fault = password === old ? 'same' : faultOfPassword(password, person.name);
    if (fault !== undefined) return c.json({ error: fault }, 400);
    await web.audit.append({
      actor: actorOf(person),
      action: 'change',
      subject: `account ${person.name}`,
      details: { what: 'password' },
    });
    await setPassword(store, person.name, password, { mustChange: false, keep: sha256(person.token) });
    return c.json(about({ ...person, mustChange: false }));
  });
}

export const actorOf = ({ role, name, standing }: Person): string => `${standing === 'tv' ? 'tv' : role}:${name}`;

const about = ({ name, fullName, role, standing, csrf, mustChange }: Person) => ({
  ...{ name, fullName, role, standing, csrf, mustChange },
  may: mustChange ? [] : permissionsOf(standing),
  idleMs: sessionRules.idleMs,
});

/** Each costs 32 MiB for a moment: two at a time, a few in a row, the rest is told to come again. */
function passwordCheck() {
  const state = { running: 0, waiting: [] as (() => void)[] };
  // What an unknown name is measured against, so that it takes as long.
  const nobody = hashOfNothing();
  return async (password: string, kept: string | undefined): Promise<boolean | 'busy'> => {
    if (state.running >= 2) {
      if (state.waiting.length >= limits.passwordsWaiting) return 'busy';
      await new Promise<void>((resolve) => state.waiting.push(resolve));
    }
    state.running += 1;
    try {
      return (await isPassword(password, kept ?? nobody)) && kept !== undefined;
    } finally {
      state.running -= 1;
      state.waiting.shift()?.();
    }
  };
}
