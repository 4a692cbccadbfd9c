// Long lists travel packed: a desk may look over a link of the village's. Pictures and films are packed already, short answers gain nothing, and the one that
// carries the secret against forged requests is short: what a stranger wrote is never packed together with it.
import { gzipSync } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';
import { limits } from '../limits.ts';
import type { Env } from './env.ts';

export function packLists(): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const isJson = c.res.headers.get('content-type')?.startsWith('application/json') === true;
    if (!isJson || !/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return;
    const text = await c.res.text();
    const isLong = text.length >= limits.packedFromLength;
    const { status, headers } = c.res;
    // The fastest level: at the hub's size a list is gone before a better one were done.
    c.res = new Response(isLong ? Uint8Array.from(gzipSync(text, { level: 1 })) : text, { status, headers });
    c.res.headers.append('vary', 'accept-encoding');
    if (isLong) c.res.headers.set('content-encoding', 'gzip');
  };
}
