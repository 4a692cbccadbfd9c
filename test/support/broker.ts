// Real brokers on a free loopback port: mosquitto for MQTT 5, aedes for 3.1.1.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { startMosquitto as start } from '../../cli/mosquitto.ts';

export { freePort } from '../../cli/free-port.ts';

export interface TestBroker {
  readonly port: number;
  readonly mqtt: 4 | 5;
  close(): Promise<void>;
}

/** `rules` are further lines of its configuration. */
export async function startMosquitto(port?: number, rules: readonly string[] = []): Promise<TestBroker> {
  return { ...(await start(port, rules)), mqtt: 5 };
}

export async function startAedes(): Promise<TestBroker> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    mqtt: 4,
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      server.close();
      await once(server, 'close');
    },
  };
}
