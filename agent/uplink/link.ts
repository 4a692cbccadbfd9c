// One MQTT connection, from CONNECT to its end. The client's own queue and its own reconnecting are off: the spool is the queue, and when to try
// again is decided elsewhere.
import { type IClientOptions, MqttClient } from 'mqtt';
import { brokerAt } from '../../protocol/host.ts';
import { dial, type Trusted } from '../dial.ts';

export interface LinkOptions {
  readonly url: string;
  readonly protocolVersion: 4 | 5;
  readonly clientId: string;
  readonly will: { readonly topic: string; readonly payload: Buffer };
  /** For mqtts://. */
  readonly trusted?: Trusted | undefined;
}

export type Incoming = { readonly topic: string; readonly payload: Uint8Array; readonly retained: boolean };
/** `refused`: the broker has it and will not pass it on (MQTT 5 only). `lost`: the connection ended first. */
export type Published =
  | { readonly is: 'acked' }
  | { readonly is: 'refused'; readonly code: number }
  | { readonly is: 'lost' };

export interface Link {
  publish(topic: string, payload: Buffer, how: { qos: 0 | 1; retain: boolean }): Promise<Published>;
  subscribe(topics: readonly string[]): Promise<boolean>;
  /** Messages that may be un-PUBACKed at once: the broker's Receive Maximum (MQTT 5, 3.3.4), and never more than 64. */
  readonly messagesMax: number;
  /** Fulfilled with the reason when the connection is over. */
  readonly closed: Promise<string>;
  isOpen(): boolean;
  /** `politely`: with DISCONNECT, so that the broker does not publish the last will. */
  end(politely: boolean): Promise<void>;
}
export type LinkOpened = { readonly ok: true; readonly link: Link } | { readonly ok: false; readonly text: string };

const keepaliveS = 15;
const connectMsMax = 10_000;
const messagesMax = 64;
const packetBytesMax = 1024 * 1024;
/** How long DISCONNECT may take to leave. */
const politeMsMax = 500;

/** Never throws for what broker or network do. `onMessage` is called for every message, before its PUBACK goes out. */
export async function openLink(
  options: LinkOptions,
  onMessage: (message: Incoming) => void,
  signal: AbortSignal,
): Promise<LinkOpened> {
  const to = brokerAt(options.url);
  if (to.isTls && options.trusted === undefined)
    return { ok: false, text: 'this node has not joined a commune yet (matlang enrol)' };
  const dialled = await dial(to, to.isTls ? options.trusted : undefined, signal);
  if (!dialled.ok) return dialled;
  // Closed again already: its `close` has been and will not come a second time.
  if (dialled.socket.destroyed) return { ok: false, text: 'the broker closed the connection at once' };
  const client = new MqttClient(() => dialled.socket, clientOptions(options));
  let text = 'the connection was closed';
  // An error is followed by `close`, but for a refused CONNACK: then we close.
  client.on('error', (error) => {
    text = error.message === '' && 'code' in error ? String(error.code) : error.message;
    client.end(true);
  });
  client.on('disconnect', (packet) => {
    text = `the broker said goodbye (reason ${packet.reasonCode ?? 0})`;
  });
  client.on('message', (topic, payload, packet) => onMessage({ topic, payload, retained: packet.retain }));
  const closed = new Promise<string>((resolve) => {
    client.once('close', () => {
      client.end(true);
      resolve(text);
    });
    client.once('end', () => resolve(text));
  });
  const stop = () => client.end(true);
  signal.addEventListener('abort', stop, { once: true });
  const brokerMax = await Promise.race([connected(client), closed]);
  signal.removeEventListener('abort', stop);
  if (signal.aborted) client.end(true);
  if (typeof brokerMax === 'string') return { ok: false, text: brokerMax };
  return { ok: true, link: linkOn(client, Math.min(messagesMax, brokerMax), closed) };
}

function clientOptions(options: LinkOptions): IClientOptions {
  return {
    protocolVersion: options.protocolVersion,
    clientId: options.clientId,
    clean: true,
    keepalive: keepaliveS,
    connectTimeout: connectMsMax,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    // A table of 65,536 small buffers that saves next to nothing.
    writeCache: false,
    will: { ...options.will, qos: 1, retain: true },
    ...(options.protocolVersion === 5 ? { properties: { maximumPacketSize: packetBytesMax } } : {}),
  };
}

/** The broker's Receive Maximum, 65,535 where it names none. */
function connected(client: MqttClient): Promise<number> {
  return new Promise((resolve) => {
    client.once('connect', (packet) => resolve(packet.properties?.receiveMaximum ?? 65_535));
  });
}

function linkOn(client: MqttClient, max: number, closed: Promise<string>): Link {
  const state = { open: true };
  void closed.then(() => {
    state.open = false;
  });
  const lost = closed.then((): Published => ({ is: 'lost' }));
  return {
    messagesMax: max,
    closed,
    isOpen: () => state.open,
    publish: (topic, payload, how) => {
      if (!state.open) return Promise.resolve({ is: 'lost' });
      const answered = new Promise<Published>((resolve) => {
        client.publish(topic, payload, how, (error) => resolve(publishedAs(error)));
      });
      return Promise.race([answered, lost]);
    },
    subscribe: async (topics) => {
      const granted = new Promise<boolean>((resolve) => {
        client.subscribe([...topics], { qos: 1 }, (error, grants) => {
          resolve(!error && grants !== undefined && grants.every((grant) => grant.qos < 128));
        });
      });
      return Promise.race([granted, closed.then(() => false)]);
    },
    end: async (politely) => {
      // The client's own patience has no end: it waits for PUBACKs before DISCONNECT.
      const timer = setTimeout(() => client.stream.destroy(), politely ? politeMsMax : 0);
      client.end(!politely);
      await closed;
      clearTimeout(timer);
    },
  };
}

function publishedAs(error: Error | undefined | null): Published {
  if (!error) return { is: 'acked' };
  return 'code' in error && typeof error.code === 'number' && error.code >= 128
    ? { is: 'refused', code: error.code }
    : { is: 'lost' };
}
