// An MQTT broker inside the hub, for a demonstration and for a commune of a few nodes on one machine. It speaks 3.1.1 and keeps nothing.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { Log } from '../agent/log.ts';
import { bracketed } from './address.ts';

export interface EmbeddedBroker {
  readonly url: string;
  close(): Promise<void>;
}

/** Rejects when the port is taken. Port 0 takes a free one. */
export async function openBroker({ host, port }: { host: string; port: number }, log: Log): Promise<EmbeddedBroker> {
  // 30 s: a node that does not read must not hold up the others.
  const aedes = await Aedes.createBroker({ drainTimeout: 30_000, connectTimeout: 10_000 });
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
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((done) => aedes.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
