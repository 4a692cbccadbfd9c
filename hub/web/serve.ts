// The HTTP server around the page: up when it listens, down when nothing of it is left.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { bracketed } from '../address.ts';
import { limits } from '../limits.ts';
import { makeApp } from './app.ts';
import type { Web } from './parts.ts';

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** A browser that takes longer to say what it wants is cut off, so that it does not keep another out. */
const slowest = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 2_000 } as const;

/** Rejects when the port is taken. Port 0 takes a free one. */
export async function serve(web: Omit<Web, 'hosts' | 'signal'>, at: { host: string; port: number }): Promise<Server> {
  const names = { all: [] as readonly string[] };
  const stopping = new AbortController();
  const app = await makeApp({ ...web, hosts: () => names.all, signal: stopping.signal });
  const server = createServer({ ...slowest }, getRequestListener(app.fetch));
  server.maxConnections = limits.connectionsMax;
  server.listen(at.port, at.host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : at.port;
  names.all = [...new Set([at.host, '127.0.0.1', 'localhost', '::1'])].map((host) => `${bracketed(host)}:${port}`);
  return {
    url: `http://${bracketed(at.host)}:${port}/`,
    close: async () => {
      stopping.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
