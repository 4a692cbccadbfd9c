// Who is asking, and may they. Every route but the page's own files and the sign-in is made by `routesOf`, which takes the need beside the path:
// a route without one cannot be written.
import { TLSSocket } from 'node:tls';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie } from 'hono/cookie';
import { may, type Permission } from '../desk/roles.ts';
import type { Person } from '../desk/sessions.ts';
import { limits } from '../limits.ts';
import type { App, Env } from './env.ts';
import type { Web } from './parts.ts';

export const cookieName = 'matlang';
/** `signed-in`: anybody with a session, also one that must change its password first. */
export type Need = Permission | 'signed-in';
type Handler = (c: Context<Env>, person: Person) => Response | Promise<Response>;
type Methods = 'get' | 'post';
export type Routes = Readonly<Record<Methods, (path: string, need: Need, handler: Handler) => void>>;

export function routesOf(app: App, web: Web): Routes {
  const add = (method: Methods) => (path: string, need: Need, handler: Handler) => {
    app[method](path, (c) => {
      const person = personOf(c, web);
      if (person === undefined) return c.json({ error: 'sign in first' }, 401);
      if (method === 'post' && c.req.header('x-csrf') !== person.csrf)
        return c.json({ error: 'x-csrf is missing' }, 403);
      if (need !== 'signed-in') {
        if (person.mustChange) return c.json({ error: 'change your password first' }, 403);
        if (!may(person.standing, need)) return c.json({ error: `not for ${person.standing}` }, 403);
      }
      if (method === 'post' && person.standing !== 'resting') web.desk.sessions.touch(person.token);
      return handler(c, person);
    });
  };
  return { get: add('get'), post: add('post') };
}

export function personOf(c: Context<Env>, web: Web): Person | undefined {
  const token = getCookie(c, cookieName);
  return token === undefined || token.length > 100 ? undefined : web.desk.sessions.find(token);
}

/** What changes something comes from our own page, in a form that no other page can send without asking (Fetch standard: not a simple request), and is small. */
export function writes(hosts: () => readonly string[]): MiddlewareHandler<Env> {
  const atMost = (maxSize: number) => bodyLimit({ maxSize, onError: (c) => c.json({ error: 'too large' }, 413) });
  const bounded = { json: atMost(limits.requestBytesMax), picture: atMost(limits.planBytesMax) };
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return await next();
    const origin = c.req.header('origin');
    const isOurs =
      origin === undefined || hosts().some((host) => origin === `http://${host}` || origin === `https://${host}`);
    if (!isOurs) return c.json({ error: 'from another page' }, 403);
    const type = c.req.header('content-type') ?? '';
    if (!/^(?:application\/json|image\/(?:png|jpeg))(?:;|$)/.test(type))
      return c.json({ error: 'not a type we take' }, 415);
    return await bounded[type.startsWith('image/') ? 'picture' : 'json'](c, next);
  };
}

/** So many requests of one address in ten seconds; beyond them it waits. */
export function pace(nowMs: () => number): MiddlewareHandler<Env> {
  const seen = new Map<string, { sinceMs: number; count: number }>();
  return async (c, next) => {
    const from = addressOf(c);
    const known = seen.get(from);
    const entry =
      known === undefined || nowMs() - known.sinceMs > limits.paceMs ? { sinceMs: nowMs(), count: 0 } : known;
    entry.count += 1;
    seen.delete(from);
    seen.set(from, entry);
    for (const oldest of seen.keys()) {
      if (seen.size <= limits.strangers) break;
      seen.delete(oldest);
    }
    if (entry.count <= limits.requestsPerPace) return await next();
    return c.json({ error: 'too many requests' }, 429, { 'retry-after': String(limits.paceMs / 1000) });
  };
}

export const addressOf = (c: Context<Env>): string => getConnInfo(c).remote.address ?? '';
/** Asked over TLS. */
export const isSecure = (c: Context<Env>): boolean => c.env.incoming.socket instanceof TLSSocket;
export const isThisMachine = (c: Context<Env>): boolean => /^(?:::ffff:)?127\.|^::1$/.test(addressOf(c));
