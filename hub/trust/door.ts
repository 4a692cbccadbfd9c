// The enrolment door: a small TLS listener that new nodes reach with a ticket, and known ones to have their certificate renewed, to ask
// whether the hub is there, or to fetch a release.
// Bounds: 24 connections · 10 s for each request · 32 KiB a request · 10 failures a minute, then nobody is heard for the rest of it · 8 files of releases at a time.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Log } from '../../agent/log.ts';
import { enrolBytesMax } from '../../protocol/enrol.ts';
import { bracketed } from '../../protocol/host.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import type { RepositoryDoor } from '../rollout/repository-door.ts';
import type { Admit, Admitted } from './admit.ts';
import type { Trust } from './trust.ts';

export interface Door {
  readonly port: number;
  /** Shows another certificate from now on. */
  renewed(server: Trust['server']): void;
  close(): Promise<void>;
}
export interface DoorWorld {
  readonly server: Trust['server'];
  readonly listen: { readonly host: string; readonly port: number };
  readonly admit: Admit;
  readonly repository: RepositoryDoor;
  /** The hub's word to a known node; undefined for what is no question. */
  readonly here: (node: string, body: unknown) => Promise<string | undefined>;
  readonly monoMs: () => number;
  /** Somebody was let in, or not. */
  readonly told: (what: {
    readonly ok: boolean;
    readonly is: string;
    readonly node: string;
    readonly why: string;
    readonly from: string;
  }) => void;
  readonly log: Log;
}

const connectionsMax = 24;
/** A release has some hundred files; enrolment closes after one request. */
const requestsPerSocket = 1000;
const releases = '/releases/';
const requestMsMax = 10_000;
const failuresPerMinute = 10;

/** Rejects when the port is taken. Port 0 takes a free one. */
export async function openDoor(world: DoorWorld): Promise<Door> {
  const patience = openPatience(world.monoMs);
  const server = createServer(
    {
      ...world.server,
      minVersion: 'TLSv1.2',
      // An expired certificate must still be seen: what it is good for is decided in admit.ts.
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: requestMsMax,
      requestTimeout: requestMsMax,
      headersTimeout: requestMsMax,
      maxHeaderSize: 4096,
    },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        world.log('warn', 'enrolment door', { error: String(error) });
        response.destroy();
      });
    },
  );
  server.maxConnections = connectionsMax;
  server.maxRequestsPerSocket = requestsPerSocket;
  server.on('tlsClientError', (error) => world.log('debug', 'enrolment door', { error: error.message }));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const say = (status: number, value: object) => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(value));
    };
    const socket = request.socket as TLSSocket;
    const shown = socket.getPeerX509Certificate();
    if (request.method === 'GET' && request.url?.startsWith(releases)) {
      if (!world.admit.mayFetch(shown)) return say(403, { error: 'refused' });
      return await world.repository.answer(request.url.slice(releases.length), request, response);
    }
    const is = request.method === 'POST' ? request.url : undefined;
    if (is !== '/enrol' && is !== '/renew' && is !== '/here') return say(404, { error: 'not found' });
    if (!patience.hears()) return say(429, { error: 'too many failures; try again in a minute' });
    const body = await read(request);
    if (body === undefined) return say(413, { error: 'too large' });
    if (is === '/here') {
      const known = await world.admit.known(shown);
      const word = known.ok ? await world.here(known.node, parseJson(body)) : undefined;
      if (word !== undefined) return say(200, { v: 1, word });
      patience.failed();
      return say(403, { error: 'refused' });
    }
    const admitted: Admitted<object> =
      is === '/enrol' ? await world.admit.enrol(body) : await world.admit.renew(shown, parseJson(body));
    const from = socket.remoteAddress ?? '';
    world.told({ ok: admitted.ok, is, node: admitted.node, why: admitted.ok ? '' : admitted.why, from });
    if (admitted.ok) return say(200, admitted.answer);
    patience.failed();
    say(403, { error: 'refused', ...(admitted.order === undefined ? {} : { order: admitted.order }) });
  };

  server.listen(world.listen.port, world.listen.host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : world.listen.port;
  world.log('info', 'enrolment door is open', { at: `${bracketed(world.listen.host)}:${port}` });
  return {
    port,
    renewed: (shown) => server.setSecureContext(shown),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function openPatience(monoMs: () => number) {
  const failures: number[] = [];
  return {
    hears: () => {
      while (failures[0] !== undefined && monoMs() - failures[0] > 60_000) failures.shift();
      return failures.length < failuresPerMinute;
    },
    failed: () => failures.push(monoMs()),
  };
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.length;
    if (bytes > enrolBytesMax) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
