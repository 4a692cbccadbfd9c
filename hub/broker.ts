// An MQTT broker inside the hub, for a demonstration and for a commune of a few nodes on one machine. It speaks 3.1.1 and keeps nothing.
// Where the commune's trust is founded it speaks TLS alone, takes certificates of the commune's CA, and allows what protocol/rights.ts allows.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import type { Log } from '../agent/log.ts';
import { hubIdentity } from '../protocol/enrol.ts';
import { bracketed } from '../protocol/host.ts';
import { mayPublish, maySubscribe } from '../protocol/rights.ts';
import { clientIdOf } from '../protocol/topics.ts';
import type { BrokerRefusal } from './refusals.ts';
import { commonNameOf, type Trust } from './trust/trust.ts';

export interface EmbeddedBroker {
  readonly url: string;
  readonly port: number;
  /** The client id under which the hub itself connects. */
  readonly ownClientId: string;
  /** The hub listens: nodes, whose connections were held until now, are let in. What they send earlier would be acknowledged and lost. */
  letNodesIn(): void;
  /** Certificates on this list are refused from now on, and their connections closed. No effect without trust. */
  revoked(crl: string, serials: ReadonlySet<string>): void;
  /** Shows another certificate from now on. */
  renewed(server: Trust['server']): void;
  close(): Promise<void>;
}

export interface BrokerRules {
  readonly host: string;
  readonly port: number;
  readonly commune: string;
  readonly trust: Pick<Trust, 'ca' | 'server'> | undefined;
  readonly refused: (refusal: BrokerRefusal) => void;
}

const connectionsMax = 256;
const handshakeMsMax = 10_000;

/** Rejects when the port is taken. Port 0 takes a free one. */
export async function openBroker(rules: BrokerRules, log: Log): Promise<EmbeddedBroker> {
  const { host, port, commune, trust, refused } = rules;
  const ownClientId = `hub-${randomUUID()}`;
  const ownName = hubIdentity(commune);
  const hubListens = Promise.withResolvers<void>();
  const names = new WeakMap<Socket, { readonly who: string; readonly serial: string }>();
  const sockets = new Set<Socket>();
  /** Without trust all that connect are on this machine, and may do all. */
  const whoIs = (client: Client | null): string | undefined => {
    if (trust === undefined || client === null) return undefined;
    return client.conn instanceof TLSSocket ? (names.get(client.conn)?.who ?? '') : '';
  };
  /** A node's name has one client id: none ends another's connection by taking his. */
  const isHis = (client: Client, clientId: string) => {
    const who = whoIs(client);
    return who === undefined || who === ownName || clientId === clientIdOf(commune, who);
  };
  const isOwn = (client: Client, clientId: string) =>
    clientId === ownClientId && (whoIs(client) ?? ownName) === ownName;

  // 30 s: a node that does not read must not hold up the others.
  const aedes = await Aedes.createBroker({
    drainTimeout: 30_000,
    connectTimeout: 10_000,
    preConnect: (client, packet, answer) => {
      if (!isHis(client, packet.clientId)) {
        refused({ who: whoIs(client) ?? '', what: 'connect', text: `client id ${packet.clientId}` });
        answer(null, false);
      } else if (isOwn(client, packet.clientId)) answer(null, true);
      else void hubListens.promise.then(() => answer(null, true));
    },
    authorizePublish: (client, packet, answer) => {
      const who = whoIs(client);
      if (who === undefined || mayPublish(who, packet.topic, commune)) return answer(null);
      refused({ who, what: 'publish', text: packet.topic });
      answer(new Error('not authorized'));
    },
    authorizeSubscribe: (client, subscription, answer) => {
      const who = whoIs(client);
      if (who === undefined || maySubscribe(who, subscription.topic, commune)) return answer(null, subscription);
      refused({ who, what: 'subscribe', text: subscription.topic });
      answer(null, null);
    },
  });
  const take = (socket: Socket) => {
    socket.setNoDelay(true);
    aedes.handle(socket);
  };
  const tls = { crl: undefined as string | undefined, shown: trust?.server };
  const tlsOptions = (): TlsOptions => ({
    ...tls.shown,
    ca: trust?.ca.certificatePem,
    ...(tls.crl === undefined ? {} : { crl: tls.crl }),
    requestCert: true,
    // Refused a line further down, where the reason can be told.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMsMax,
  });
  const server: Server =
    trust === undefined
      ? createPlainServer(take)
      : createTlsServer(tlsOptions(), (socket) => {
          const certificate = socket.getPeerX509Certificate();
          if (certificate === undefined || !socket.authorized) {
            const why = certificate === undefined ? 'no certificate' : String(socket.authorizationError);
            // What stands in a certificate that does not hold is only somebody's claim.
            refused({ who: '', what: 'connect', text: `${socket.remoteAddress ?? 'somebody'}: ${why}` });
            return void socket.destroy();
          }
          names.set(socket, { who: commonNameOf(certificate), serial: certificate.serialNumber.toLowerCase() });
          take(socket);
        }).on('tlsClientError', (error, socket) => {
          refused({ who: '', what: 'connect', text: `${socket.remoteAddress ?? 'somebody'}: ${error.message}` });
        });
  server.maxConnections = connectionsMax;
  server.on(trust === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const trouble = (client: { id: string }, error: Error) =>
    log('debug', 'broker client', { client: client.id, error: error.message });
  aedes.on('clientError', trouble);
  aedes.on('connectionError', trouble);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `${trust === undefined ? 'mqtt' : 'mqtts'}://${bracketed(host)}:${taken}`,
    port: taken,
    ownClientId,
    letNodesIn: hubListens.resolve,
    revoked: (crl, serials) => {
      if (!('setSecureContext' in server) || typeof server.setSecureContext !== 'function') return;
      tls.crl = crl;
      server.setSecureContext(tlsOptions());
      for (const socket of sockets) if (serials.has(names.get(socket)?.serial ?? '')) socket.destroy();
    },
    renewed: (shown) => {
      if (!('setSecureContext' in server) || typeof server.setSecureContext !== 'function') return;
      tls.shown = shown;
      server.setSecureContext(tlsOptions());
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((done) => aedes.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
