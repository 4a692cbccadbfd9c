// The HTTP servers around the page: in clear on this machine alone, by TLS for the others. Up when they listen, down when nothing of them is left.
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { bracketed } from '../../protocol/host.ts';
import { limits } from '../limits.ts';
import type { Ca } from '../trust/ca.ts';
import { makeApp } from './app.ts';
import { certifyPage } from './certificate.ts';
import type { Web } from './parts.ts';

export interface Server {
  /** On this machine. */
  readonly url: string;
  /** For other machines; undefined where the page is not shown to any. */
  readonly tlsUrl: string | undefined;
  /** Looks whether the certificate is due, as it does by itself every hour. */
  renew(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
export interface At {
  readonly host: string;
  readonly port: number;
}
/** Where other machines come, and who vouches for this one. */
export interface TlsAt extends At {
  readonly ca: Ca;
  readonly commune: string;
  /** Names and addresses of this machine; the first one stands in links. */
  readonly names: readonly string[];
}

/** A browser that takes longer to say what it wants is cut off, so that it does not keep another out. */
const slowest = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 2_000 } as const;
const renewEveryMs = 3_600_000;
const local = ['127.0.0.1', 'localhost', '::1'] as const;

/** Rejects when a port is taken. Port 0 takes a free one. */
export async function serve(web: Omit<Web, 'hosts' | 'signal'>, at: At, tlsAt?: TlsAt): Promise<Server> {
  const names = { all: [] as readonly string[] };
  const stopping = new AbortController();
  const app = await makeApp({ ...web, hosts: () => names.all, signal: stopping.signal });
  await using undo = new AsyncDisposableStack();
  const plain = createServer({ ...slowest }, getRequestListener(app.fetch));
  const port = await listen(plain, at);
  undo.defer(() => end(plain));
  const tls = tlsAt === undefined ? undefined : await openTls(app.fetch, tlsAt, web);
  if (tls !== undefined) undo.defer(tls.close);
  names.all = [
    ...hostsOf([at.host, ...local], port, 80),
    ...(tlsAt === undefined || tls === undefined ? [] : hostsOf([...tlsAt.names, ...local], tls.port, 443)),
  ];
  undo.defer(async () => stopping.abort());
  const everything = undo.move();
  return {
    url: `http://${bracketed(at.host)}:${port}/`,
    tlsUrl: tls?.url,
    renew: async (nowMs) => await tls?.renew(nowMs),
    close: () => everything.disposeAsync(),
  };
}

async function openTls(
  fetch: Parameters<typeof getRequestListener>[0],
  at: TlsAt,
  { wallMs, log }: Pick<Web, 'wallMs' | 'log'>,
) {
  const certify = (nowMs: number) => certifyPage(at.ca, at.commune, [...new Set([...at.names, ...local])], nowMs);
  let shown = await certify(wallMs());
  const { cert, key } = shown;
  const server = createTlsServer(
    { ...slowest, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: slowest.headersTimeout },
    getRequestListener(fetch),
  );
  server.on('tlsClientError', (error) => log('debug', 'page: no TLS with a visitor', { error: error.message }));
  const port = await listen(server, at);
  const renew = async (nowMs: number) => {
    if (nowMs < shown.renewAtMs) return;
    shown = await certify(nowMs);
    server.setSecureContext({ cert: shown.cert, key: shown.key });
    log('info', 'the page shows a new certificate');
  };
  const timer = setInterval(() => {
    renew(wallMs()).catch((error: unknown) => log('error', 'page: no new certificate', { error: String(error) }));
  }, renewEveryMs);
  return {
    port,
    url: `https://${bracketed(at.names[0] ?? at.host)}:${port}/`,
    renew,
    close: async () => {
      clearInterval(timer);
      await end(server);
    },
  };
}

async function listen(server: HttpServer | TlsServer, { host, port }: At): Promise<number> {
  server.maxConnections = limits.connectionsMax;
  boundAddresses(server);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Before a word is read, also of TLS. */
function boundAddresses(server: HttpServer | TlsServer): void {
  const open = new Map<string, number>();
  server.prependListener('connection', (socket: Socket) => {
    const from = socket.remoteAddress ?? '';
    const count = (open.get(from) ?? 0) + 1;
    if (count > limits.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    open.set(from, count);
    socket.once('close', () => {
      const left = (open.get(from) ?? 1) - 1;
      if (left > 0) open.set(from, left);
      else open.delete(from);
    });
  });
}

async function end(server: HttpServer | TlsServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** As a browser names them in `Host`: without the port that goes without saying. */
const hostsOf = (names: readonly string[], port: number, usual: number): string[] =>
  [...new Set(names)].map((name) => (port === usual ? bracketed(name) : `${bracketed(name)}:${port}`));
