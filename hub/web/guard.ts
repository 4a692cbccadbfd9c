// Before any answer: is it us who was asked, and what may the browser do with the answer.
import type { MiddlewareHandler } from 'hono';

const headers = {
  // Everything from here, nothing inline, nothing framed.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  // Pictures in clear never touch the disk of whoever looks at them.
  'cache-control': 'no-store',
} as const;

/** A page of another site cannot reach us by giving our address a name of its own (DNS rebinding): the name must be one of ours. */
export function guard(hosts: () => readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    if (!hosts().includes(c.req.header('host') ?? '')) return c.json({ error: 'unknown host' }, 421);
    await next();
    for (const [name, value] of Object.entries(headers)) {
      // The page's own files hold nothing that happened: they say themselves how they may be kept.
      if (name !== 'cache-control' || !c.res.headers.has(name)) c.res.headers.set(name, value);
    }
    return undefined;
  };
}
