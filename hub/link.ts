// The hub as a client of the broker. It relies on nothing that a broker promises: no session, no queue, no order. What is lost is sent again,
// because the node has no receipt.
import type { ConnectionOptions } from 'node:tls';
import { connect, type IClientOptions } from 'mqtt';
import type { Log } from '../agent/log.ts';
import { hubSubscription } from '../protocol/topics.ts';
import type { Message } from './intake.ts';
import { limits } from './limits.ts';

export interface Link {
  /** True from when the broker has taken our subscription: before that nothing would come. */
  isConnected(): boolean;
  /** At least once while connected; dropped otherwise. */
  publish(topic: string, payload: string): void;
  close(): Promise<void>;
}

export interface LinkRules {
  readonly broker: string;
  /** 4 is MQTT 3.1.1. */
  readonly mqtt: 4 | 5;
  readonly commune: string;
  /** For a broker that speaks TLS. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'checkServerIdentity'> | undefined;
  /** Undefined: any. */
  readonly clientId?: string | undefined;
}

/** Connects, and again with growing pauses for as long as it is open. Messages come one at a time: the next when `receive` has resolved. */
export function openLink(
  { broker, mqtt, commune, tls, clientId }: LinkRules,
  receive: (message: Message) => Promise<void>,
  told: (isConnected: boolean) => void,
  log: Log,
): Link {
  const client = connect(broker, {
    // All of it reaches tls.connect; the library's types do not name it all.
    ...(tls as IClientOptions | undefined),
    protocolVersion: mqtt,
    clean: true,
    ...(clientId === undefined ? {} : { clientId }),
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    keepalive: 30,
    queueQoSZero: false,
    resubscribe: false,
    // MQTT 5: what is larger than any message of the protocol is not sent to us at all.
    ...(mqtt === 5 ? { properties: { maximumPacketSize: 4 * 1024 * 1024 } } : {}),
  });
  const state = {
    closing: false,
    isSubscribed: false,
    pauseMs: limits.brokerPauseMs.first as number,
    timer: undefined as NodeJS.Timeout | undefined,
  };

  // Called for each message before it is acknowledged; until it calls back nothing more is read from the connection.
  client.handleMessage = (packet, done) => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    receive({ topic: packet.topic, payload, retained: packet.retain }).then(() => done(), done);
  };
  const subscribe = async () => {
    const granted = await client.subscribeAsync(hubSubscription(commune), { qos: 1 });
    if (granted.some(({ qos }) => qos > 2)) throw new Error('the broker refused the subscription');
    state.pauseMs = limits.brokerPauseMs.first;
    state.isSubscribed = true;
    log('info', 'broker connected', { broker });
    told(true);
  };
  const tryAgain = () => {
    if (state.closing) return;
    clearTimeout(state.timer);
    // Full jitter: hubs and nodes that lost the same broker do not come back in step.
    state.timer = setTimeout(() => client.reconnect(), Math.random() * state.pauseMs);
    state.pauseMs = Math.min(state.pauseMs * 2, limits.brokerPauseMs.longest);
  };
  client.on('connect', () => {
    subscribe().catch((error: unknown) => {
      log('error', 'broker subscription failed', { broker, error: String(error) });
      client.stream?.destroy();
    });
  });
  client.on('error', (error) => log('warn', 'broker trouble', { broker, error: error.message }));
  client.on('close', () => {
    state.isSubscribed = false;
    told(false);
    tryAgain();
  });

  return {
    isConnected: () => state.isSubscribed && client.connected,
    publish: (topic, payload) => {
      if (!client.connected) return;
      client.publish(topic, payload, { qos: 1 }, (error) => {
        if (error) log('warn', 'receipt not sent', { topic, error: error.message });
      });
    },
    close: async () => {
      state.closing = true;
      clearTimeout(state.timer);
      // Without a connection there is nothing to wait for, and mqtt.js would wait for ever.
      if (client.connected) await client.endAsync(true);
      else client.end(true);
    },
  };
}
