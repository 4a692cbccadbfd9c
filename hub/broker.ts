// An MQTT broker inside the hub, for a demonstration and for a commune of a few nodes on one machine. It speaks 3.1.1 and keeps nothing.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { Log } from '../agent/log.ts';
import { bracketed } from './address.ts';

export interface EmbeddedBroker {
  readonly url: string;
  /** The client id under which the hub itself connects. */
  readonly ownClientId: string;
  /** The hub listens: nodes, whose connections were held until now, are let in. What they send earlier would be acknowledged and lost. */
  letNodesIn(): void;
  close(): Promise<void>;
}

/** Rejects when the port is taken. Port 0 takes a free one. */
export async function openBroker({ host, port }: { host: string; port: number }, log: Log): Promise<EmbeddedBroker> {
  const ownClientId = `hub-${randomUUID()}`;
  const hubListens = Promise.withResolvers<void>();
  // 30 s: a node that does not read must not hold up the others.
  const aedes = await Aedes.createBroker({
    drainTimeout: 30_000,
    connectTimeout: 10_000,
    preConnect: (_, packet, answer) => {
      if (packet.clientId === ownClientId) answer(null, true);
      else void hubListens.promise.then(() => answer(null, true));
    },
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  const trouble = (client: { id: string }, error: Error) =>
    log('debug', 'broker client', { client: client.id, error: error.message });
  aedes.on('clientError', trouble);
  aedes.on('connectionError', trouble);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `mqtt://${bracketed(host)}:${typeof address === 'object' && address !== null ? address.port : port}`,
    ownClientId,
    letNodesIn: hubListens.resolve,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((done) => aedes.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
